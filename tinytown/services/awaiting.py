"""Waiting: looking again whenever something happens, until it is as wanted or the time is up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from tinytown.errors import TimedOut
from tinytown.services.desk import Desk

__all__ = ["awaited"]

T = TypeVar("T")


def awaited(desk: Desk, stream: str, look: Callable[[], tuple[T, bool]], what: Callable[[T], str], timeout: timedelta | None) -> T:
    """Block until a look finds the thing as wanted; answers the thing.

    Args:
        desk: of the town.
        stream: the key of the events after which it is worth looking again; it is looked once a second anyway.
        look: the thing, and whether it is as wanted.
        what: says what was awaited, should it not come.
        timeout: how long at most; None waits for ever.

    Raises:
        TimedOut: it was not as wanted in time.
    """
    end = None if timeout is None else desk.clock.monotonic() + timeout.total_seconds()
    while True:
        last = desk.store.events.last_id(stream)
        thing, is_wanted = look()
        if is_wanted:
            return thing
        left = 1.0 if end is None else end - desk.clock.monotonic()
        if left <= 0:
            raise TimedOut(what(thing), 0 if timeout is None else timeout.total_seconds())
        desk.store.events.after(stream, last, 1, wait_ms=max(1, int(min(left, 1.0) * 1000)))
