"""Waiting for something in a town elsewhere: townhall is asked again and again, each time for as long as it lets us wait."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from tinytown.errors import TimedOut, Unavailable
from tinytown.remote.client import Client

__all__ = ["awaited"]

T = TypeVar("T")

_AT_A_TIME = 20.0
_BREATH = 0.5
"""Seconds before it is asked again if townhall did not wait, as one does that is about to end or has no place for us."""
_BUSY = "busy"


def awaited(client: Client, look: Callable[[float], tuple[T, bool]], what: Callable[[T], str], timeout: timedelta | None) -> T:
    """Block until a look finds the thing as wanted; answers the thing.

    Args:
        client: of the townhall.
        look: the thing, and whether it is as wanted; it may wait so many seconds for that.
        what: says what was awaited, should it not come.
        timeout: how long at most; None waits for ever.

    Raises:
        TimedOut: it was not as wanted in time.
    """
    begun = time.monotonic()
    end = None if timeout is None else begun + timeout.total_seconds()
    while True:
        asked = time.monotonic()
        seconds = _AT_A_TIME if end is None else min(_AT_A_TIME, max(0.0, end - asked))
        thing, is_wanted = _looked(look, seconds)
        if is_wanted:
            return thing
        now = time.monotonic()
        if end is not None and now >= end:
            raise TimedOut(what(thing), 0 if timeout is None else timeout.total_seconds())
        if now - asked < seconds / 2:
            client.rest(_BREATH if end is None else min(_BREATH, end - now))


def _looked(look: Callable[[float], tuple[T, bool]], seconds: float) -> tuple[T, bool]:
    """A look that waits; one that does not when townhall has no place for those who wait."""
    try:
        return look(seconds)
    except Unavailable as error:
        if error.code != _BUSY or not seconds:
            raise
        return look(0)
