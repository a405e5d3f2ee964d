"""Upkeep of one stream of messages: the dead, the other mode's messages, what was lost, what is old."""

from __future__ import annotations

from typing import Any

import redis

from tinytown.broker.wire import Wire
from tinytown.store.keys import WORKERS_GROUP

__all__ = ["DocketUpkeep"]

CHUNK = 500  # entries in one script
KEPT = 1000
"""So many answered entries are kept, for whoever wants to see what was rung."""

MOVER = "upkeep"
"""The consumer as which messages are moved to the list."""


class DocketUpkeep:
    """Keeps the stream of one queue whole, whether the town uses it or has used it once."""

    def __init__(self, wire: Wire, queue: str, silence_ms: int, *, streams: bool) -> None:
        self._wire = wire
        self._streams = streams
        self._queue = queue
        self._silence_ms = silence_ms
        self._docket = wire.keys.docket(queue)
        self._bodies = wire.keys.bodies(queue)
        self._list = wire.keys.waiting(queue)

    def reap(self) -> int:
        """Let what dead processes held wait again, and strike off those who hold nothing; how many messages.

        Not by XAUTOCLAIM: that goes by how long a message has been held, and
        a turn may last for hours.
        """
        return sum(self._reap(process) for process in self._silent())

    def gather(self) -> int:
        """Move what waits where the town does not look any more to where it does; how many left their place."""
        moved = 0
        while True:
            some = self._to_docket() if self._streams else self._to_list()
            moved += some
            if some < CHUNK:
                return moved

    def trim(self) -> int:
        """Forget the oldest of what was answered; how many entries."""
        return int(self._wire.call("trim_docket", [self._docket], [WORKERS_GROUP, KEPT]))

    def count(self) -> int:
        """How many entries wait, or are taken."""
        return sum(self._wire.call("read_docket", [self._docket], [WORKERS_GROUP, CHUNK]))

    def living(self) -> set[bytes]:
        """The ids of the messages that wait on the stream or were taken from it."""
        return set(self._wire.call("living_ids", [self._docket], [WORKERS_GROUP]))

    def readopt(self, taken: list[str], orphans: list[str]) -> int:
        """Let orphans wait again that really have no place; how many."""
        slots = [self._docket, self._list, self._bodies, *taken]
        return int(self._wire.call("readopt_entries", slots, [WORKERS_GROUP, int(self._streams), *orphans]))

    def _reap(self, process: str) -> int:
        slots = [self._wire.keys.heartbeats, self._docket, self._bodies]
        returned = 0
        while True:
            back, looked_at = self._wire.call("reap_entries", slots, [process, WORKERS_GROUP, self._silence_ms, CHUNK])
            returned += int(back)
            if int(looked_at) < CHUNK:
                return returned

    def _to_docket(self) -> int:
        return int(self._wire.call("list_to_docket", [self._list, self._bodies, self._docket], [CHUNK]))

    def _to_list(self) -> int:
        return int(self._wire.call("docket_to_list", [self._docket, self._bodies, self._list], [MOVER, WORKERS_GROUP, CHUNK]))

    def _silent(self) -> list[str]:
        """The consumers that have not been heard of in a long time; the script looks at each again."""
        try:
            consumers: Any = self._wire.client.xinfo_consumers(self._docket, WORKERS_GROUP)
        except redis.ResponseError:  # no stream or no group
            return []
        quiet = [each["name"] for each in consumers if each["idle"] >= self._silence_ms]
        if not quiet:
            return []
        latest = self._wire.now_ms() - self._silence_ms
        spoke: list[bytes | None] = self._wire.ask("ZMSCORE", self._wire.keys.heartbeats, *quiet)
        return [name.decode() for name, at in zip(quiet, spoke, strict=True) if at is None or float(at) <= latest]
