"""The floor of a worker: which turns may run beside each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Floor"]

RESERVED_FOR = 15.0
"""Seconds for which nobody else may begin after one that must be alone had to be turned away: it is rung for again sooner."""


class Floor:
    """Lets turns run together, but for those that must be alone; threads share it.

    Nobody waits here: who may not run now comes again.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._running = 0
        self._is_taken = False
        self._reserved_until = 0.0

    @contextmanager
    def entered(self, *, alone: bool) -> Iterator[bool]:
        """Whether a turn may run while the block lasts."""
        may_run = self._enter(alone)
        try:
            yield may_run
        finally:
            if may_run:
                self._leave(alone)

    def _enter(self, alone: bool) -> bool:
        with self._lock:
            now = self._monotonic()
            if alone and (self._running or self._is_taken):
                self._reserved_until = now + RESERVED_FOR
                return False
            if not alone and (self._is_taken or now < self._reserved_until):
                return False
            if alone:
                self._is_taken, self._reserved_until = True, 0.0
            else:
                self._running += 1
            return True

    def _leave(self, alone: bool) -> None:
        with self._lock:
            if alone:
                self._is_taken = False
            else:
                self._running -= 1
