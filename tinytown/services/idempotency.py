"""Idempotency: a request that is repeated is done once, and answered each time as the first time."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tinytown.errors import KeyInUse, KeyReused
from tinytown.services.desk import Desk
from tinytown.store.answers import Answered

__all__ = ["Answered", "IdempotencyService"]

KEPT = timedelta(hours=24)
MARGIN = timedelta(seconds=5)


class IdempotencyService:
    """Remembers the answers to requests that bear a key.

    A request is known by its name: who asks, for what, with which key. While the
    first one is under way others are turned away; its mark goes by itself should
    its process die.
    """

    def __init__(self, desk: Desk) -> None:
        self._store = desk.store.answers

    def begin(self, name: str, fingerprint: str, *, seconds: float) -> Answered | None:
        """Mark a request as under way; what was answered before, if it was.

        Args:
            name: of the request.
            fingerprint: of its body.
            seconds: how long it may take.

        Raises:
            KeyReused: the key was used for another body.
            KeyInUse: the same request is under way.
        """
        mark = Answered(fingerprint=fingerprint)
        before = self._store.mark(name, mark, timedelta(seconds=seconds) + MARGIN)
        if before is None:
            return None
        if before.fingerprint != fingerprint:
            raise KeyReused
        if before.status == 0:
            raise KeyInUse
        return before

    def finish(self, name: str, fingerprint: str, answered: Answered) -> None:
        """Remember the answer, for a day."""
        self._store.keep(name, msgspec.structs.replace(answered, fingerprint=fingerprint), KEPT)

    def abandon(self, name: str) -> None:
        """Forget a request that came to nothing."""
        self._store.forget(name)
