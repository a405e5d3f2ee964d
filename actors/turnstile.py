"""The turnstile: slow work of one kind takes few threads of a process, and leaves the others to quick work."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore

__all__ = ["Turnstile"]


class Turnstile:
    """Lets so many through at a time; whoever comes meanwhile leaves its work to them, and goes.

    Args:
        most: how many threads may be at it.
        work: what is done for each that comes; it must not raise.
    """

    def __init__(self, most: int, work: Callable[[str], None]) -> None:
        self._work = work
        self._waiting: deque[str] = deque()
        self._free = BoundedSemaphore(most)

    def come(self, which: str) -> None:
        """Have the work done for it: by this thread, or by one that is at it."""
        self._waiting.append(which)
        while self._waiting and self._free.acquire(blocking=False):
            try:
                while True:
                    try:
                        following = self._waiting.popleft()
                    except IndexError:
                        break
                    self._work(following)
            finally:
                self._free.release()
