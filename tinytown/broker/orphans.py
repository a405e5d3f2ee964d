"""Finds messages that exist but stand nowhere, and lets them wait again."""

from __future__ import annotations

from collections.abc import Mapping

from tinytown.broker.docket import DocketUpkeep
from tinytown.broker.wire import Wire

__all__ = ["Orphans"]

PAGE = 500  # ids read in one script
CHUNK = 20  # ids verified in one script: each is looked for in the whole queue


class Orphans:
    """The messages of a queue that neither wait nor are taken by anybody.

    None should exist; a bug, a hand in Redis, or a holder struck off the
    heartbeats too early can make one. The look is cheap while the numbers
    agree, and only what was homeless in two passes is touched.
    """

    def __init__(self, wire: Wire, dockets: Mapping[str, DocketUpkeep]) -> None:
        self._wire = wire
        self._dockets = dockets
        self._suspects: dict[str, set[str]] = {}

    def readopt(self, queue: str) -> int:
        """Return the orphans of two passes to the queue; how many."""
        holders = [process.decode() for process in self._wire.ask("ZRANGE", self._wire.keys.heartbeats, 0, -1)]
        taken = [self._wire.keys.taken(process, queue) for process in holders]
        homeless = set() if self._numbers_agree(queue, taken) else self._homeless(queue, taken)
        orphans = sorted(homeless & self._suspects.get(queue, set()))
        self._suspects[queue] = homeless
        return sum(self._return(queue, taken, orphans[start : start + CHUNK]) for start in range(0, len(orphans), CHUNK))

    def _numbers_agree(self, queue: str, taken: list[str]) -> bool:
        elsewhere = self._dockets[queue].count() if queue in self._dockets else 0
        with self._wire.client.pipeline(transaction=True) as pipeline:
            pipeline.hlen(self._wire.keys.bodies(queue))
            pipeline.llen(self._wire.keys.waiting(queue))
            for key in taken:
                pipeline.scard(key)
            bodies, *homes = pipeline.execute()
        return bool(bodies <= sum(homes) + elsewhere)

    def _homeless(self, queue: str, taken: list[str]) -> set[str]:
        """The ids with a body, less those that wait or are taken."""
        ask, waiting = self._wire.ask, self._wire.keys.waiting(queue)
        found = self._all_ids(queue)
        if queue in self._dockets:
            found.difference_update(self._dockets[queue].living())
        for key in taken:
            found.difference_update(ask("SMEMBERS", key))
        for start in range(0, ask("LLEN", waiting), PAGE):
            found.difference_update(ask("LRANGE", waiting, start, start + PAGE - 1))
        return {identity.decode() for identity in found}

    def _all_ids(self, queue: str) -> set[bytes]:
        found: set[bytes] = set()
        cursor = b"0"
        while True:
            cursor, *ids = self._wire.call("scan_ids", [self._wire.keys.bodies(queue)], [cursor, PAGE])
            found.update(ids)
            if int(cursor) == 0:
                return found

    def _return(self, queue: str, taken: list[str], orphans: list[str]) -> int:
        if queue in self._dockets:
            return self._dockets[queue].readopt(taken, orphans)
        keys = self._wire.keys
        return int(self._wire.call("readopt", [keys.waiting(queue), keys.bodies(queue), *taken], orphans))
