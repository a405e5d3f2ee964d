"""The clock's jobs: done while leading, and not just after Redis was away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from tinytown.broker import Maintenance
from tinytown.clock import StoppedClock
from tinytown.config import TownSettings
from tinytown.errors import RedisUnavailable
from tinytown.process import Outage
from tinytown.scheduler.jobs import Jobs
from tinytown.scheduler.leader import Leader
from tinytown.services.recovery import Swept
from tinytown.town import Town


class Recorder:
    """Recovery and maintenance that only remember what they were asked."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.old = 3

    settings = TownSettings()

    @property
    def recovery(self) -> Recorder:
        """Itself."""
        return self

    @property
    def scaling(self) -> Recorder:
        """Itself."""
        return self

    @property
    def notifications(self) -> Recorder:
        """Itself."""
        return self

    def ring_due(self) -> int:
        """Remember."""
        self.done.append("news")
        return 1

    def keep_counted(self) -> bool:
        """Remember."""
        self.done.append("count")
        return True

    def keep_ordered(self) -> int:
        """Remember."""
        self.done.append("order")
        return 3

    def sweep(self) -> Swept:
        """Remember."""
        self.done.append("sweep")
        return Swept()

    def mark_cold(self) -> None:
        """Remember."""
        self.done.append("mark cold")

    def forget_old(self) -> int:
        """Remember, and have less left."""
        self.done.append("forget")
        self.old -= 1
        return max(0, self.old)

    def forget_old_news(self) -> int:
        """Remember."""
        self.done.append("forget news")
        return 2

    def run(self) -> None:
        """Remember."""
        self.done.append("queues")


class Chair:
    """Who leads, for a test to say."""

    leads = True


@pytest.fixture
def recorder() -> Recorder:
    """What was done."""
    return Recorder()


@pytest.fixture
def chair() -> Chair:
    """Whether this clock leads."""
    return Chair()


@pytest.fixture
def outage() -> Outage:
    """Redis answers."""
    return Outage(lambda: None)


@pytest.fixture
def jobs(recorder: Recorder, chair: Chair, outage: Outage) -> Jobs:
    """The jobs of a clock."""
    return Jobs(cast("Town", recorder), cast("Maintenance", recorder), cast("Leader", chair), outage)


def _do_all(jobs: Jobs) -> None:
    jobs.sweep()
    jobs.keep_queues()
    jobs.ring_notifications()
    jobs.mark_cold()
    jobs.keep_counted()
    jobs.keep_ordered()
    jobs.forget_old()


def test_a_leader_does_all_of_them_and_forgets_until_nothing_is_old(jobs: Jobs, recorder: Recorder) -> None:
    _do_all(jobs)

    assert recorder.done == ["sweep", "queues", "news", "mark cold", "count", "order", "forget", "forget", "forget", "forget news"]


def test_a_standby_does_none(jobs: Jobs, recorder: Recorder, chair: Chair) -> None:
    chair.leads = False

    _do_all(jobs)

    assert recorder.done == []


def test_nobody_is_called_dead_just_after_redis_was_away(jobs: Jobs, recorder: Recorder, outage: Outage) -> None:
    """Workers could not renew their leases; they come first."""

    def fail() -> None:
        raise RedisUnavailable("here", "gone")

    outage.bear(fail, "any")
    jobs.sweep()
    outage.bear(lambda: None, "any")
    jobs.sweep()

    assert recorder.done == []
    assert outage.is_recent(timedelta(seconds=3))
    assert not outage.is_recent(timedelta(0))


def test_nobody_is_called_dead_just_after_the_machine_slept(recorder: Recorder, chair: Chair, outage: Outage) -> None:
    """Its workers slept, too."""
    clock = StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))
    jobs = Jobs(cast("Town", recorder), cast("Maintenance", recorder), cast("Leader", chair), outage, clock)
    jobs.sweep()
    clock.at += timedelta(hours=8)
    jobs.sweep()
    clock.at += timedelta(seconds=2)
    jobs.sweep()
    early = list(recorder.done)

    clock.at += timedelta(seconds=2)
    jobs.sweep()

    assert early == ["sweep"]
    assert recorder.done == ["sweep", "sweep"]
