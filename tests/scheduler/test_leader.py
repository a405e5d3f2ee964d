"""A clock believes that it leads only while its lease surely lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tinytown.clock import StoppedClock
from tinytown.errors import RedisUnavailable
from tinytown.scheduler.leader import Leader

LEASE = timedelta(seconds=10)


class Lease:
    """A leadership that answers what a test says, after a while that it says."""

    def __init__(self, clock: StoppedClock) -> None:
        self.clock = clock
        self.epoch = 1
        self.takes = timedelta(0)
        self.asked = 0
        self.left: list[str] = []
        self.is_away = False

    def take(self, who: str, lease: timedelta) -> int:
        self.asked += 1
        if self.is_away:
            raise RedisUnavailable("here", "gone")
        self.clock.at += self.takes
        return self.epoch

    def leave(self, who: str) -> None:
        if self.is_away:
            raise RedisUnavailable("here", "gone")
        self.left.append(who)


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands."""
    return StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def lease(clock: StoppedClock) -> Lease:
    """A leadership that is free."""
    return Lease(clock)


@pytest.fixture
def leader(lease: Lease, clock: StoppedClock) -> Leader:
    """Somebody who wants to lead."""
    return Leader(lease, "ada", LEASE, clock)


def test_nobody_leads_before_asking(leader: Leader) -> None:
    assert not leader.leads


def test_a_leader_doubts_before_its_lease_is_over(leader: Leader, clock: StoppedClock) -> None:
    leader.renew()
    certain = leader.leads

    clock.at += timedelta(seconds=9)

    assert certain
    assert not leader.leads


def test_the_lease_counts_from_before_the_question(leader: Leader, lease: Lease, clock: StoppedClock) -> None:
    """An answer that took eight seconds leaves one to believe in."""
    lease.takes = timedelta(seconds=8)

    leader.renew()
    at_first = leader.leads
    clock.at += timedelta(seconds=1)

    assert at_first
    assert not leader.leads


def test_a_standby_does_not_lead(leader: Leader, lease: Lease) -> None:
    lease.epoch = 0

    leader.renew()

    assert not leader.leads


def test_a_standby_asks_each_time_and_a_leader_every_other(leader: Leader, lease: Lease, clock: StoppedClock) -> None:
    lease.epoch = 0
    for _ in range(4):
        leader.renew()
        clock.at += LEASE / 6
    standby = lease.asked
    lease.epoch = 1
    for _ in range(4):
        leader.renew()
        clock.at += LEASE / 6

    assert standby == 4
    assert lease.asked - standby == 2


def test_a_leader_whose_redis_is_away_believes_in_its_lease_and_no_longer(leader: Leader, lease: Lease, clock: StoppedClock) -> None:
    leader.renew()
    lease.is_away = True
    clock.at += timedelta(seconds=5)

    with pytest.raises(RedisUnavailable):
        leader.renew()

    assert leader.leads
    clock.at += timedelta(seconds=4)
    assert not leader.leads


def test_who_has_left_leads_no_more_and_asks_no_more(leader: Leader, lease: Lease) -> None:
    leader.renew()

    leader.leave()
    leader.renew()

    assert not leader.leads
    assert lease.left == ["ada"]
    assert lease.asked == 1


def test_who_leaves_while_asking_lets_go_of_the_answer(leader: Leader, lease: Lease, monkeypatch: pytest.MonkeyPatch) -> None:
    def take(who: str, span: timedelta) -> int:
        leader.leave()
        return 7

    monkeypatch.setattr(lease, "take", take)

    leader.renew()

    assert not leader.leads
    assert lease.left == ["ada", "ada"]


def test_leaving_without_redis_is_left_to_the_lease(leader: Leader, lease: Lease) -> None:
    leader.renew()
    lease.is_away = True

    leader.leave()

    assert not leader.leads
