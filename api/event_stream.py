"""Streams of events: Server-Sent Events, each whole, for a while, from any id on."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

import msgspec

from tinytown.api.seats import Seat
from tinytown.api.views.events import event_view
from tinytown.clock import Clock
from tinytown.domain.event import Event
from tinytown.errors import TownError
from tinytown.services.chronicle import Chapter

__all__ = ["EventStream"]

HEARTBEAT = timedelta(seconds=3)
"""After so long a silence a comment is sent: a client that has gone away is noticed by it."""
LIFETIME = timedelta(minutes=5)
"""After that a stream ends, and the client goes on with another one."""
RETRY_MS = 2000
"""How long clients wait before they come back."""
_LOOK = timedelta(seconds=1)

_log = logging.getLogger(__name__)


class EventStream:
    """What a client is sent, piece by piece; each piece is whole, so that no event is ever cut.

    Args:
        read: the events after an id, or those that come within a while.
        last: the id to begin after.
        seat: the place that the stream has until it is closed.
        clock: tells the time.
        is_closing: whether townhall is about to end.
    """

    def __init__(
        self, read: Callable[[str, timedelta], Chapter], last: str, seat: Seat, clock: Clock, is_closing: Callable[[], bool]
    ) -> None:
        self._read = read
        self._last = last
        self._seat = seat
        self._clock = clock
        self._is_closing = is_closing
        self._spoke_at: float | None = None
        self._end = clock.monotonic() + LIFETIME.total_seconds()
        self._is_over = False

    def __iter__(self) -> EventStream:
        return self

    def __next__(self) -> bytes:
        if self._spoke_at is None:
            return self._spoken(f"retry: {RETRY_MS}\nid: {self._last}\n\n".encode())
        while not self._is_over and not self._is_closing() and self._clock.monotonic() < self._end:
            try:
                chapter = self._read(self._last, _LOOK)
            except TownError as error:
                _log.warning("a stream of events ends: %s", error, extra={"action": "stream.broken"})
                break
            self._last = chapter.last_id
            if chapter.events:
                return self._spoken(b"".join(_frame(entry, event) for entry, event in chapter.events))
            if self._clock.monotonic() - self._spoke_at >= HEARTBEAT.total_seconds():
                return self._spoken(b": still here\n\n")
        self.close()
        raise StopIteration

    def close(self) -> None:
        """Give the place back; the server calls this whatever ended the answer."""
        self._is_over = True
        self._seat.free()

    def __del__(self) -> None:
        self.close()  # an answer that is never sent, as to a HEAD, is not closed by anybody

    def _spoken(self, piece: bytes) -> bytes:
        self._spoke_at = self._clock.monotonic()
        return piece


def _frame(entry: str, event: Event) -> bytes:
    data = msgspec.json.encode(event_view(entry, event))
    return b"id: %s\nevent: %s\ndata: %s\n\n" % (entry.encode(), event.event_type.value.encode(), data)
