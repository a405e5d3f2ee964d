"""The floor of a worker: which turns may run beside each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["RESERVED_FOR", "TRIES", "Floor"]

PATIENCE = 2.0
"""Seconds that a turn waits for others to end; many are shorter."""

TRIES = 5
"""How often a turn that should be alone is turned away before it runs beside others after all: theirs may last for hours."""

RESERVED_FOR = 10.0
"""Seconds for which nobody may begin, so that a turn that has to be alone finds the floor empty when it is rung for again."""


class Floor:
    """Lets turns run together, but for those that must be alone; threads share it.

    Nobody waits here for long: who may not run now is rung for again. One that
    must be alone and was turned away twice has the floor reserved for it; in the
    end it runs beside the others rather than to keep everybody from running.

    Args:
        patience: seconds to wait for the floor.
        monotonic: the time.
    """

    def __init__(self, patience: float = PATIENCE, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._monotonic = monotonic
        self._changed = threading.Condition()
        self._running = 0
        self._wanting = 0
        self._turned_away = 0
        self._is_taken = False
        self._reserved_until = 0.0

    @contextmanager
    def entered(self, *, alone: bool) -> Iterator[bool]:
        """Whether a turn may run while the block lasts."""
        taken = self._enter_alone() if alone else self._enter()
        try:
            yield taken is not None
        finally:
            if taken is not None:
                self._leave(whole=taken)

    def _enter(self) -> bool | None:
        """False, for a place beside others; None when there is none for now."""
        with self._changed:
            if not self._changed.wait_for(self._is_open, self._patience):
                return None
            self._running += 1
            return False

    def _enter_alone(self) -> bool | None:
        """Whether the whole floor was taken; None when the turn has to come again."""
        with self._changed:
            self._wanting += 1
            is_free = self._changed.wait_for(lambda: not self._running and not self._is_taken, self._patience)
            self._wanting -= 1
            self._changed.notify_all()
            if not is_free:
                return self._turn_away()
            self._is_taken, self._turned_away, self._reserved_until = True, 0, 0.0
            return True

    def _turn_away(self) -> bool | None:
        self._turned_away += 1
        if self._turned_away > TRIES and not self._is_taken:
            self._turned_away, self._reserved_until = 0, 0.0
            self._running += 1
            return False
        if self._turned_away > 1:
            self._reserved_until = self._monotonic() + RESERVED_FOR
        return None

    def _leave(self, *, whole: bool) -> None:
        with self._changed:
            if whole:
                self._is_taken = False
            else:
                self._running -= 1
            self._changed.notify_all()

    def _is_open(self) -> bool:
        return not self._is_taken and not self._wanting and self._monotonic() >= self._reserved_until
