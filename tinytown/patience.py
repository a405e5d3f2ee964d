"""Patience: how long whoever waits for an answer will go on waiting, known to every call of Redis in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["patience", "patience_left"]

_until: ContextVar[float | None] = ContextVar("until", default=None)


@contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Let no call of Redis in the block, in this thread, last beyond so many seconds from now.

    A call that is under way then, or begins later, raises RedisUnavailable;
    so do commands that block in Redis. Of blocks within one another the one
    that ends first counts.
    """
    until = time.monotonic() + seconds
    outer = _until.get()
    token = _until.set(until if outer is None else min(outer, until))
    try:
        yield
    finally:
        _until.reset(token)


def patience_left() -> float | None:
    """Seconds that are left, below zero when none are; None outside of any block."""
    until = _until.get()
    return None if until is None else until - time.monotonic()
