"""Seats: how many requests may hold a thread for long, so that the others get their answers."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from tinytown.api.problems import Refusal

__all__ = ["Seat", "Seats"]

RETRY_AFTER_SECONDS = 5


class Seat:
    """A place that somebody has; it is given back once, however often that is said."""

    def __init__(self, seats: Seats) -> None:
        self._seats: Seats | None = seats

    def free(self) -> None:
        """Give it back."""
        seats, self._seats = self._seats, None
        if seats is not None:
            seats.put_back()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.free()


class Seats:
    """A number of places in this process.

    Args:
        count: how many.
        what: has them, in the plural.
    """

    def __init__(self, count: int, what: str) -> None:
        self.count = count
        self._what = what
        self._free = count
        self._lock = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are taken."""
        return self.count - self._free

    def take(self) -> Seat:
        """A place.

        Raises:
            Refusal: all are taken.
        """
        with self._lock:
            if self._free:
                self._free -= 1
                return Seat(self)
        detail = f"All places for {self._what} are taken here ({self.count}); try again in a moment."
        raise Refusal(503, detail, code="busy", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})

    def put_back(self) -> None:
        """Have one more; for seats that are given back."""
        with self._lock:
            self._free += 1
