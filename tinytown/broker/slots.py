"""How many messages a process may hold at once, over all its queues."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping

__all__ = ["Slots"]


class Slots:
    """The places for messages that can run now: one for each worker thread.

    Each queue has a cap of its own, so that long work on one never starves
    another; where the threads are fewer than the caps together, queues that
    want a place line up for it. Nothing is taken that would have to wait in
    this process, so the length of a queue says how much work is waiting.
    """

    def __init__(self, caps: Mapping[str, int], total: int) -> None:
        self._caps = dict(caps)
        self._total = total
        self._held: defaultdict[str, set[str]] = defaultdict(set)
        self._reserved: defaultdict[str, int] = defaultdict(int)
        self._line: list[str] = []
        self._is_open = True
        self._changed = threading.Condition()

    def open(self, total: int) -> None:
        """Give out places, as many as there are threads."""
        with self._changed:
            self._total = total
            self._is_open = True
            self._changed.notify_all()

    def shut(self) -> None:
        """Give out no more places; those held are kept until released."""
        with self._changed:
            self._is_open = False

    def wait_for_room(self, queue: str, timeout: float) -> bool:
        """Wait until the queue is below its cap; whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: self._is_open and self._room(queue) > 0, timeout)

    def reserve(self, queue: str, timeout: float) -> int:
        """Line up for free places; how many the queue may fill now, 0 if its turn did not come.

        Whoever was not served keeps its place in the line, and has to ask
        again or to `leave`.
        """
        with self._changed:
            if queue not in self._line:
                self._line.append(queue)
            if not self._changed.wait_for(lambda: self._share(queue) > 0, timeout):
                return 0
            share = self._share(queue)
            self._line.remove(queue)
            self._reserved[queue] += share
            self._changed.notify_all()  # the next in line may go
            return share

    def leave(self, queue: str) -> None:
        """Leave the line."""
        with self._changed:
            if queue in self._line:
                self._line.remove(queue)
                self._changed.notify_all()

    def hold(self, queue: str, identity: str) -> None:
        """Fill a place with a message."""
        with self._changed:
            self._held[queue].add(identity)

    def release(self, queue: str, identity: str) -> None:
        """Free the place of a message."""
        with self._changed:
            self._held[queue].discard(identity)
            self._changed.notify_all()

    def unreserve(self, queue: str, count: int) -> None:
        """End a reservation; what it was made for is held by now."""
        with self._changed:
            self._reserved[queue] -= count
            self._changed.notify_all()

    def held(self, queue: str) -> set[str]:
        """The messages of a queue that have a place."""
        with self._changed:
            return set(self._held[queue])

    def _share(self, queue: str) -> int:
        """How many places this queue may reserve, now that it is its turn, if it is."""
        wanting = [each for each in self._line if self._room(each) > 0]
        free = self._free()
        if not self._is_open or free <= 0 or queue not in wanting[:1]:
            return 0
        return min(self._room(queue), max(1, free // len(wanting)))

    def _free(self) -> int:
        return self._total - sum(len(held) for held in self._held.values()) - sum(self._reserved.values())

    def _room(self, queue: str) -> int:
        return self._caps.get(queue, self._total) - len(self._held[queue]) - self._reserved[queue]
