"""Callers that show an API key: a named one, or the one whose hash is in the settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from tinytown.api.auth.credentials import Offered
from tinytown.api.auth.memory import KeyMemory
from tinytown.api.auth.tries import FailedTries
from tinytown.clock import Clock
from tinytown.domain.api_key import ApiKey, key_id_of
from tinytown.domain.principal import Principal, Via
from tinytown.errors import TooManyRequests, Unauthenticated
from tinytown.services.key_hash import matches
from tinytown.town import Town

__all__ = ["KeyAuthenticator"]

_AT_ONCE = 2
"""Argon2 computations; each takes some 20 MB, or what the parameters in a hash of the user's own say."""
_PATIENCE_SECONDS = 5.0


class KeyAuthenticator:
    """Knows callers by their API keys; threads may share it."""

    def __init__(self, town: Town, clock: Clock | None = None) -> None:
        auth = town.settings.townhall.auth
        self._clock = town.desk.clock if clock is None else clock
        self._keys = town.api_keys
        self._tries = FailedTries(town.permits, auth, self._clock)
        self._memory = KeyMemory(self._clock, auth.remember)
        self._gate = BoundedSemaphore(_AT_ONCE)
        self._configured_hash = auth.api_key_hash
        self._configured = Principal(id="api_key", name="api_key", scopes=auth.key_scopes, via=Via.CONFIGURED_KEY)

    def authenticate(self, offered: Offered, *, address: str | None, in_query: bool = False) -> Principal:
        """Say who is calling; see `Authenticator.authenticate`."""
        text = offered.key(in_query=in_query)
        if text is None:
            raise Unauthenticated
        remembered = self._memory.recall(text)
        if remembered is not None:
            return remembered
        self._tries.refuse_too_many(address)
        principal = self._verified(text)
        if principal is None:
            self._tries.count(address)
            raise Unauthenticated
        return principal

    def _verified(self, text: str) -> Principal | None:
        """Whose key that is, by one Argon2 computation whatever is wrong with it.

        A text in the form of our keys is looked up by the id in it, any other
        can only be the configured key.
        """
        seen_at = self._clock.monotonic()
        is_named = key_id_of(text) is not None
        record = self._keys.shown(text) if is_named else None
        known = (None if record is None else record.hash) if is_named else self._configured_hash
        with self._turn():
            before_us = self._memory.recall(text)  # by another call with the same key, for which we waited
            if before_us is not None:
                return before_us
            if not matches(known, text):
                return None
        principal = self._configured if record is None else _principal(record)
        self._memory.keep(text, principal, seen_at=seen_at, expires_at=None if record is None else record.expires_at)
        if record is not None:
            self._keys.note_use(record)
        return principal

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one of the few places; what cannot have one soon is refused, so that threads do not pile up."""
        if not self._gate.acquire(timeout=_PATIENCE_SECONDS):
            raise TooManyRequests(1.0)
        try:
            yield
        finally:
            self._gate.release()


def _principal(key: ApiKey) -> Principal:
    return Principal(id=f"key:{key.id}", name=key.name, scopes=frozenset(key.scopes), via=Via.NAMED_KEY)
