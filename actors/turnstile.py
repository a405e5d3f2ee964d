"""The turnstile: slow work of one kind takes few threads of a process, and leaves the others to quick work."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import BoundedSemaphore

__all__ = ["Turnstile"]


_log = logging.getLogger(__name__)


class Turnstile:
    """Lets so many through at a time; whoever comes meanwhile leaves its work to them, and goes.

    Args:
        most: how many threads may be at it.
        work: what is done for each that comes. Its errors are logged: they must not keep the others waiting.
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
                    try:
                        self._work(following)
                    except Exception:  # noqa: BLE001 - whatever it is, the next one has nothing to do with it
                        _log.exception("what %s was rung for failed", following, extra={"action": "turnstile.failed"})
            finally:
                self._free.release()
