"""The clock's jobs: each calls one service, and only while this process leads.

A leader may be stopped between that look and its last write, and wake when
another leads. So every write below is one that two may make at once: scripts
compare before they change.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from tinytown.actors.timetable import Timetable
from tinytown.broker import Maintenance
from tinytown.clock import Clock, SystemClock
from tinytown.process import Outage
from tinytown.scheduler.leader import Leader
from tinytown.town import Town

__all__ = ["Jobs"]

QUEUES_EVERY = timedelta(seconds=2)
NEWS_EVERY = timedelta(seconds=2)
MISSIONS_EVERY = timedelta(seconds=1)
COLD_EVERY = timedelta(seconds=5)
COUNT_EVERY = timedelta(minutes=1)
COUNT_FIRST = timedelta(seconds=1)
FORGET_EVERY = timedelta(hours=1)
FORGET_FIRST = timedelta(seconds=5)

MERCY = timedelta(seconds=3)
"""After Redis was away, or the machine slept, nobody could renew a lease; for so long none is called dead."""

_log = logging.getLogger(__name__)


class Jobs:
    """What comes round again in a town."""

    def __init__(self, town: Town, maintenance: Maintenance, leader: Leader, outage: Outage, clock: Clock | None = None) -> None:
        self._town = town
        self._maintenance = maintenance
        self._leader = leader
        self._outage = outage
        self._clock = SystemClock() if clock is None else clock
        self._looked_at: datetime | None = None
        self._woke_at: datetime | None = None

    def enter_in(self, timetable: Timetable) -> None:
        """Put all of them on a timetable with the lanes `sweeps` and `rest`."""
        timetable.every(self._town.settings.clock.sweep, self.sweep, lane="sweeps")
        timetable.every(QUEUES_EVERY, self.keep_queues, lane="rest")
        timetable.every(NEWS_EVERY, self.ring_notifications, lane="rest")
        timetable.every(MISSIONS_EVERY, self.ring_missions, lane="rest")
        timetable.every(COLD_EVERY, self.mark_cold, lane="rest", after=COLD_EVERY)
        timetable.every(COUNT_EVERY, self.keep_counted, lane="rest", after=COUNT_FIRST)
        timetable.every(COUNT_EVERY, self.keep_ordered, lane="rest", after=COUNT_FIRST)
        timetable.every(FORGET_EVERY, self.forget_old, lane="rest", after=FORGET_FIRST)

    def sweep(self) -> None:
        """Bring back what nobody is at."""
        if self._leader.leads and not self._just_woke() and not self._outage.is_recent(MERCY):
            swept = self._town.recovery.sweep()
            if swept.reaped:
                _log.warning("turns lost with their workers: %d; their mail is back", len(swept.reaped), extra={"action": "sweep.reaped"})

    def keep_queues(self) -> None:
        """Return what dead processes had taken of the queues."""
        if self._leader.leads:
            self._maintenance.run()

    def ring_missions(self) -> None:
        """Ring for the missions that are due."""
        if self._leader.leads:
            self._town.mission_ticks.ring_due()

    def ring_notifications(self) -> None:
        """Ring for news that people were not told yet."""
        if self._leader.leads:
            self._town.notifications.ring_due()

    def mark_cold(self) -> None:
        """Mark agents that wait while there is no worker."""
        if self._leader.leads:
            self._town.recovery.mark_cold()

    def keep_counted(self) -> None:
        """Count what waits for turns, in a town of a version that did not."""
        if self._leader.leads and self._town.scaling.keep_counted():
            _log.info("what waits for turns is counted from now on", extra={"action": "demand.counted"})

    def keep_ordered(self) -> None:
        """Put the tasks of a town in order, if it is of a version that did not."""
        if self._leader.leads and (mended := self._town.recovery.keep_ordered()):
            _log.info("tasks were put in order: %d", mended, extra={"action": "tasks.ordered"})

    def forget_old(self) -> None:
        """Delete what has been finished for long enough."""
        while self._leader.leads and self._town.recovery.forget_old():
            pass
        if self._leader.leads:
            self._town.notifications.forget_old_news()

    def _just_woke(self) -> bool:
        """Whether this process, and perhaps the machine with all workers, slept until a moment ago."""
        now = self._clock.now()
        if self._looked_at is not None and now - self._looked_at > self._town.settings.clock.sweep + MERCY:
            self._woke_at = now
        self._looked_at = now
        return self._woke_at is not None and now - self._woke_at < MERCY
