"""What the clock does to the queues: on a timetable, never by chance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

import msgspec

from tinytown.broker.broker import TownBroker
from tinytown.broker.dead_letters import DeadLetters
from tinytown.broker.delayed import DelayedMessages
from tinytown.broker.docket import DocketUpkeep
from tinytown.broker.orphans import Orphans
from tinytown.broker.reaper import Reaper
from tinytown.clock import Clock, SystemClock

__all__ = ["Maintenance", "Upkeep"]


class Upkeep(msgspec.Struct, frozen=True, kw_only=True):
    """What one pass of maintenance found to do."""

    returned: int = 0
    forgotten: int = 0
    promoted: int = 0
    gathered: int = 0
    readopted: int = 0
    purged: int = 0
    trimmed: int = 0


class Maintenance:
    """Keeps the queues whole: call `run` every two seconds or so.

    Each pass returns the messages of dead processes, promotes what is due, and moves what
    waits on a list that is a stream now, or the other way round; every `thorough_every` it
    also looks for orphans, purges old dead letters and trims streams. Two of them at the same
    time do no harm.

    Args:
        grace: after Redis was away nobody could send a heartbeat; for so long nobody is called dead.
    """

    def __init__(
        self,
        broker: TownBroker,
        *,
        clock: Clock | None = None,
        thorough_every: timedelta = timedelta(minutes=1),
        grace: timedelta | None = None,
    ) -> None:
        silence_ms = broker.heartbeat_timeout
        self._broker = broker
        self._clock = SystemClock() if clock is None else clock
        self._thorough_every = thorough_every.total_seconds()
        self._grace = silence_ms / 2000 if grace is None else grace.total_seconds()
        self._reaper = Reaper(broker.wire, silence_ms)
        self._delayed = DelayedMessages(broker.wire)
        self._dockets = {queue: DocketUpkeep(broker.wire, queue, silence_ms, streams=broker.streams) for queue in broker.wire.keys.dockets}
        self._orphans = Orphans(broker.wire, self._dockets)
        self._dead_letters = DeadLetters(broker)
        self._thorough_at: float | None = None
        self._shaken = False
        self._quiet_until: float | None = None

    def run(self) -> Upkeep:
        """Make one pass.

        Raises:
            RedisUnavailable: Redis does not answer; the next pass will do.
        """
        try:
            with self._broker.wire.reported():
                self._broker.wire.client.ping()
                return self._pass(self._clock.monotonic())
        except Exception:
            self._shaken = True
            raise

    def _pass(self, now: float) -> Upkeep:
        queues = sorted(self._broker.get_declared_queues())
        everywhere = [name for queue in queues for name in (queue, self._broker.wire.keys.delayed(queue))]
        dockets = {queue: self._dockets[queue] for queue in queues if queue in self._dockets}
        returned, forgotten = (0, 0) if self._is_quiet(now) else self._reap(everywhere, dockets.values())
        promoted = sum(self._delayed.promote(queue) for queue in queues)
        gathered = sum(docket.gather() for docket in dockets.values())
        readopted = purged = trimmed = 0
        if self._thorough_at is None or now - self._thorough_at >= self._thorough_every:
            self._thorough_at = now
            readopted = sum(self._orphans.readopt(queue) for queue in everywhere)
            purged = sum(self._dead_letters.purge(queue) for queue in queues)
            trimmed = sum(docket.trim() for docket in dockets.values())
        return Upkeep(
            returned=returned,
            forgotten=forgotten,
            promoted=promoted,
            gathered=gathered,
            readopted=readopted,
            purged=purged,
            trimmed=trimmed,
        )

    def _reap(self, queues: Sequence[str], dockets: Iterable[DocketUpkeep]) -> tuple[int, int]:
        """What dead processes held on lists and on streams: how many messages, and how many dead."""
        from_streams = sum(docket.reap() for docket in dockets)  # first: whoever is forgotten has no heartbeat to go by any more
        returned, forgotten = self._reaper.reap(queues)
        return returned + from_streams, forgotten

    def _is_quiet(self, now: float) -> bool:
        """Whether it is too early to call anybody dead."""
        if self._shaken:
            self._shaken = False
            self._quiet_until = now + self._grace
        return self._quiet_until is not None and now < self._quiet_until
