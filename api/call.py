"""A call: one request as a handler sees it, and what the answer says beside its body."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import falcon

from tinytown.api.ending import is_ending
from tinytown.api.problems import Fault, Refusal
from tinytown.domain.principal import Principal, Via
from tinytown.town import Town

if TYPE_CHECKING:
    from tinytown.api.hall import Hall
    from tinytown.api.operation import Operation

__all__ = ["Call"]

_NAMESPACE = uuid.UUID("7c0f4a3e-5b0d-4e0e-9a55-2f6b1d7c9e10")
_LONGEST_KEY = 255
MARGIN_SECONDS = 1.0
"""Of the time of a request, what is kept for the answer itself."""
WHILE_SECONDS = 1.0
"""How long somebody waits before it is seen whether there is still reason to."""


class Call:
    """One request, admitted.

    Attributes:
        hall: what all requests have in common.
        town: what it is about.
        principal: who asks.
        operation: what for.
        request: as the framework has it, for what is rarely needed.
    """

    def __init__(self, hall: Hall, principal: Principal, operation: Operation, request: falcon.Request, response: falcon.Response) -> None:
        self.hall = hall
        self.town: Town = hall.town
        self.principal = principal
        self.operation = operation
        self.request = request
        self._response = response

    @property
    def request_id(self) -> str:
        """By which the log and the audit know it."""
        return str(self.request.context.request_id)

    @property
    def caller(self) -> str:
        """Who asks, as people are told; `operator` where nobody is asked who they are."""
        return "operator" if self.principal.via is Via.LOCAL else self.principal.name

    @property
    def seconds_left(self) -> float:
        """Until the answer must have begun."""
        return max(0.0, float(self.request.context.deadline) - self.town.desk.clock.monotonic())

    @contextmanager
    def waiting(self, seconds: float) -> Iterator[Iterator[timedelta]]:
        """A place to wait in: for one short while after the other, at least one, up to so many seconds.

        They never go past the time by which the answer must have begun, nor
        on when townhall is to end.

        Raises:
            Refusal: so many wait already that the threads are needed for others.
        """
        most = min(seconds, max(0.0, self.seconds_left - MARGIN_SECONDS))
        with self.hall.waits.take() if most else nullcontext():
            yield self._whiles(most)

    def _whiles(self, seconds: float) -> Iterator[timedelta]:
        now = self.town.desk.clock.monotonic
        end = now() + seconds
        left = seconds
        while True:
            yield timedelta(seconds=min(WHILE_SECONDS, left))
            left = end - now()
            if left <= 0 or is_ending():
                return

    @property
    def expected_version(self) -> int | None:
        """The version that the caller has seen (`If-Match`); None when any will do.

        Raises:
            Refusal: it is no version of ours.
        """
        given = self.request.get_header("If-Match")
        if given is None or given.strip() == "*":
            return None
        number = given.strip().removeprefix('"').removesuffix('"')
        if not (number.isascii() and number.isdigit() and given.strip() == f'"{number}"' and len(number) < 16):
            raise Refusal(
                412, "If-Match must be the ETag of an earlier answer.", errors=(Fault(header="If-Match", detail="no ETag of ours"),)
            )
        return int(number)

    @property
    def idempotency_key(self) -> str | None:
        """What makes a repeat of this request known; None without one.

        Raises:
            Refusal: it is empty, too long, or has characters that cannot be printed.
        """
        given = self.request.get_header("Idempotency-Key") if self.operation.takes_key else None
        if given is None:
            return None
        key = given.strip()
        if not key or len(key) > _LONGEST_KEY or not (key.isascii() and key.isprintable()):
            why = f"use 1 to {_LONGEST_KEY} printable ASCII characters"
            raise Refusal(422, f"The Idempotency-Key cannot be used: {why}.", errors=(Fault(header="Idempotency-Key", detail=why),))
        return key

    @property
    def derived_id(self) -> str | None:
        """An id for the thing that this request makes, the same for each repeat; None without an Idempotency-Key.

        Should townhall die between making the thing and remembering its answer,
        the repeat finds the thing by this id instead of making another.
        """
        key = self.idempotency_key
        if key is None:
            return None
        made = uuid.uuid5(_NAMESPACE, f"{self.town.name}\n{self.principal.id}\n{self.operation.id}\n{key}")
        return str(uuid.UUID(bytes=made.bytes, version=4))

    def answer_with(self, status: int) -> None:
        """Answer with another status than the usual one."""
        self._response.status = status

    def created(self, location: str) -> None:
        """Say where the thing is that was made."""
        self._response.set_header("Location", location)

    def retry_after(self, seconds: int) -> None:
        """Say when it is worth asking again."""
        self._response.set_header("Retry-After", str(seconds))

    def tag_version(self, version: int) -> None:
        """Say which version of the thing this is."""
        self._response.set_header("ETag", f'"{version}"')

    def goes_on(self, **query: object) -> None:
        """Say with which query the list goes on behind what this answer shows."""
        self._response.set_header("Link", f'<{self.request.path}?{urlencode(query)}>; rel="next"')

    def tag_text(self, text: str) -> None:
        """Say which text this is, for callers who know it already; it may be kept, if it is asked each time whether it has changed."""
        self._response.set_header("ETag", f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"')
        self._response.set_header("Cache-Control", "no-cache")

    def let_browsers_load(self, policy: str) -> None:
        """Say what a page may load (Content-Security-Policy)."""
        self._response.set_header("Content-Security-Policy", policy)

    def changed(self, kind: str, identity: str) -> None:
        """Note for the audit what was changed."""
        self.request.context.changed.append((kind, identity))
