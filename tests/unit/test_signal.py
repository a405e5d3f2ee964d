"""What follows from a snapshot: each member of the signal, and each recommendation."""

from __future__ import annotations

from datetime import UTC, datetime
from inspect import getdoc
from typing import Any

import pytest
from msgspec import structs

from tinytown.config import Settings
from tinytown.config.settings import AgentSettings, WorkerSettings
from tinytown.config.townhall import TownhallSettings
from tinytown.domain.agent import AgentState
from tinytown.domain.scaling import Excluded, LimitedBy, Recommendation, RoleDemand
from tinytown.domain.task import TaskState
from tinytown.domain.worker import Worker
from tinytown.services.signal import signal_of
from tinytown.store.scaling import Peak, QueueLoad, Snapshot

NOW = 1_000_000_000
LONG_AGO = NOW - 3_600_000
S = AgentState


def snapshot(agents: dict[AgentState, int] | None = None, **given: Any) -> Snapshot:
    """A town in which nothing is, but for what is given."""
    there = dict.fromkeys(AgentState, 0) | (agents or {})
    known: dict[str, Any] = {
        "now_ms": NOW, "is_counted": True, "demand": {}, "ready": {}, "backlog": 0, "backlog_since": None, "coming": 0,
        "coming_since": None, "pending_since": None, "pending": 0, "in_flight": 0, "turns": 0, "running": 0, "streams": False,
        "agents": there, "newest": {state: LONG_AGO for state, count in there.items() if count}, "queues": (),
        "tasks": dict.fromkeys(TaskState, 0), "workers": (), "leader": None, "leader_epoch": 0, "counters": {}, "peaks": (),
    }  # fmt: skip
    return Snapshot(**(known | given))


def settings(*, max_agents: int = 10, idle: int = 300, window: int | None = 300, concurrency: int = 4) -> Settings:
    """The settings of a town that matter here."""
    return Settings(
        name="mytown",
        max_agents=max_agents,
        agent=AgentSettings(idle_timeout_secs=idle),
        worker=WorkerSettings(concurrency=concurrency),
        townhall=TownhallSettings(scale_down_window_secs=window),
    )


def worker(number: int = 1, *, running: int = 0, draining: bool = False, queues: tuple[str, ...] = ("agents",)) -> Worker:
    """A worker that was heard of."""
    names = tuple(f"agent-{one}" for one in range(running))
    return Worker(id=f"w{number}", host="here", pid=number, queues=queues, concurrency=4, running=names, draining=draining)


def peak(depth: int, seconds_ago: int = 60, *, turns: int = 0, handled: int = 0) -> Peak:
    """What a reading of a while ago said."""
    at = NOW - seconds_ago * 1000
    return Peak(depth=depth, at_ms=at, turns=turns, handled=handled, handled_at_ms=at)


IDLE, BUSY = worker(1), worker(2, running=1)
UP, STEADY, DOWN, ZERO = (
    Recommendation.SCALE_UP, Recommendation.STEADY, Recommendation.SCALE_DOWN, Recommendation.SCALE_TO_ZERO,
)  # fmt: skip


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(snapshot({S.STARTING: 1}, pending=2), UP, id="more to do than agents"),
        pytest.param(snapshot({S.IDLE: 2}, pending=1, in_flight=1, workers=(BUSY,)), STEADY, id="as much to do as agents"),
        pytest.param(snapshot({S.IDLE: 2}, pending=1, in_flight=1), UP, id="as much, and no worker to do it"),
        pytest.param(snapshot({S.IDLE: 2}, pending=2, workers=(worker(draining=True),)), UP, id="as much, and the worker is going"),
        pytest.param(snapshot({S.IDLE: 2}, pending=2, workers=(worker(queues=("control",)),)), UP, id="as much, and it serves no turns"),
        pytest.param(snapshot({S.IDLE: 3}, pending=1, workers=(IDLE,)), STEADY, id="too many, and something waits"),
        pytest.param(snapshot({S.WORKING: 1, S.IDLE: 2}, in_flight=1, running=1, turns=1, workers=(IDLE, BUSY)), DOWN, id="one too many"),
        pytest.param(snapshot({S.WORKING: 1, S.IDLE: 2}, in_flight=1, running=1, turns=1, workers=(BUSY,)), STEADY, id="none can go"),
        pytest.param(
            snapshot({S.WORKING: 1, S.IDLE: 2}, in_flight=1, running=1, turns=1, workers=(BUSY, worker(3, running=1))),
            STEADY,
            id="more workers than it takes, all of them busy",
        ),
        pytest.param(snapshot({S.IDLE: 2}, newest={S.IDLE: NOW - 10_000}), DOWN, id="idle for a moment, and no workers"),
        pytest.param(snapshot({S.IDLE: 2}, newest={S.IDLE: NOW - 10_000}, workers=(IDLE,)), DOWN, id="idle for a moment"),
        pytest.param(snapshot({S.IDLE: 2}, workers=(IDLE,)), ZERO, id="idle for long"),
        pytest.param(snapshot({S.IDLE: 2}, newest={S.IDLE: NOW - 300_000}), ZERO, id="idle for exactly long enough"),
        pytest.param(snapshot({S.IDLE: 2}, newest={S.IDLE: NOW - 299_999}), DOWN, id="idle for nearly long enough"),
        pytest.param(snapshot({S.IDLE: 2}, running=1, workers=(BUSY,)), STEADY, id="a worker is busy, whatever is counted"),
        pytest.param(snapshot({S.IDLE: 1, S.DRAINING: 1}), DOWN, id="one is draining"),
        pytest.param(snapshot({S.STARTING: 1, S.PAUSED: 1}), ZERO, id="starting and paused for long"),
        pytest.param(snapshot({S.STARTING: 1}, newest={S.STARTING: NOW}), DOWN, id="starting since a moment"),
        pytest.param(snapshot(), STEADY, id="an empty town is where it should be"),
        pytest.param(snapshot(workers=(IDLE,)), ZERO, id="a worker and no agents"),
        pytest.param(snapshot({S.COLD: 3, S.STOPPED: 2}), ZERO, id="all cold or stopped"),
        pytest.param(snapshot({S.IDLE: 1}, peaks=(peak(1),), workers=(IDLE,)), STEADY, id="all done a minute ago"),
        pytest.param(snapshot({S.IDLE: 1}, peaks=(peak(5),), workers=(IDLE,)), STEADY, id="what is over asks for nobody more"),
        pytest.param(
            snapshot({S.IDLE: 9}, peaks=(peak(5, turns=5),), workers=(IDLE, BUSY)), STEADY, id="held: the peak needs both workers"
        ),
    ],
)
def test_the_recommendation_is_the_first_that_holds(found: Snapshot, expected: Recommendation) -> None:
    assert signal_of(found, settings()).scaling_recommendation is expected


def test_without_an_idle_timeout_only_a_town_without_active_agents_scales_to_zero() -> None:
    forever = settings(idle=0)

    assert signal_of(snapshot({S.IDLE: 1}), forever).scaling_recommendation is DOWN
    assert signal_of(snapshot({S.COLD: 1}), forever).scaling_recommendation is ZERO


def test_a_town_that_may_have_no_agents_asks_for_none() -> None:
    signal = signal_of(snapshot(pending=3), settings(max_agents=0))

    assert (signal.desired_agents, signal.desired_workers, signal.scaling_recommendation) == (0, 0, STEADY)
    assert (signal.queue_depth, signal.limited_by) == (3, LimitedBy.MAX_AGENTS)


def test_the_reference_members_say_what_they_always_said() -> None:
    found = snapshot({S.WORKING: 1, S.PAUSED: 1, S.COLD: 2, S.STOPPED: 1, S.ERROR: 1}, pending=2, in_flight=1, running=1, workers=(BUSY,))

    signal = signal_of(found, settings())

    assert (signal.schema_version, signal.town, signal.timestamp) == (1, "mytown", datetime.fromtimestamp(NOW / 1000, UTC))
    assert (signal.queue_depth, signal.pending_tasks, signal.in_flight_tasks) == (3, 2, 1)
    assert (signal.active_agents, signal.cold_agents) == (2, 2)
    assert (signal.min_agents, signal.desired_agents, signal.desired_agents_raw, signal.max_agents) == (0, 3, 3, 10)
    assert (signal.active, signal.activation_value) == (True, 3)


def test_a_town_without_work_wakes_nobody() -> None:
    signal = signal_of(snapshot({S.IDLE: 1}, peaks=(peak(4),)), settings())

    assert (signal.active, signal.activation_value) == (False, 0)


@pytest.mark.parametrize(
    ("pending", "peaks", "desired", "limited_by", "since"),
    [
        pytest.param(4, (), 4, None, None, id="as much as there is"),
        pytest.param(4, (peak(3),), 4, None, None, id="up at once"),
        pytest.param(0, (peak(3), peak(2, 10)), 3, LimitedBy.STABILIZATION, 60, id="down to the peak of the window"),
        pytest.param(0, (peak(3, 90), peak(3, 30), peak(1, 10)), 3, LimitedBy.STABILIZATION, 30, id="since it was last as much"),
        pytest.param(12, (), 10, LimitedBy.MAX_AGENTS, None, id="cut"),
        pytest.param(12, (peak(20),), 10, LimitedBy.MAX_AGENTS, None, id="cut, whatever is held"),
        pytest.param(2, (peak(12, 90), peak(11, 20)), 10, LimitedBy.STABILIZATION, 20, id="held at the cut"),
    ],
)
def test_the_desired_number_rises_at_once_and_falls_to_the_peak(
    pending: int, peaks: tuple[Peak, ...], desired: int, limited_by: LimitedBy | None, since: int | None
) -> None:
    signal = signal_of(snapshot(pending=pending, peaks=peaks), settings(max_agents=10))

    held = signal.stabilization
    assert (signal.desired_agents, signal.desired_agents_raw, signal.limited_by) == (desired, pending, limited_by)
    assert held.peak_in_window == max(pending, *(one.depth for one in peaks), 0)
    assert held.scale_down_window_seconds == 300
    assert held.holding_since == (None if since is None else datetime.fromtimestamp(NOW / 1000 - since, UTC))


def test_the_window_is_the_idle_timeout_unless_it_is_set() -> None:
    windows = [signal_of(snapshot(), settings(idle=120, window=window)).stabilization.scale_down_window_seconds for window in (None, 0, 60)]

    assert windows == [120, 0, 60]


def test_what_more_workers_cannot_help_is_named_and_left_out() -> None:
    demand = {
        ("rate_limited", "default"): 2, ("delayed", "default"): 1, ("paused", "default"): 3, ("stopped", "reviewer"): 1,
        ("manual", "default"): 1, ("error", "x/y"): 1, ("awaiting_approval", "default"): 4, ("blocked_by_dependency", "default"): 5,
    }  # fmt: skip

    signal = signal_of(snapshot(demand=demand), settings())

    assert signal.demand_excluded == Excluded(
        awaiting_approval=4, rate_limited=2, blocked_by_dependency=5, delayed=1, paused=3, stopped=1, error=1, manual=1
    )
    assert (signal.queue_depth, signal.limited_by) == (0, LimitedBy.RATE_LIMIT)
    assert [(role.name, role.delayed, role.held) for role in signal.roles] == [("default", 3, 13), ("reviewer", 0, 1), ("x/y", 0, 1)]


def test_latency_is_that_of_turns_and_age_that_of_tasks_too() -> None:
    found = snapshot(ready={"default": (NOW - 4000, 2), "reviewer": (NOW - 41_200, 1)}, pending_since=NOW - 90_000, pending=5)

    signal = signal_of(found, settings())
    nothing = signal_of(snapshot(), settings())

    assert (signal.queue_latency_seconds, signal.oldest_pending_age_seconds) == (41.2, 90.0)
    assert (nothing.queue_latency_seconds, nothing.oldest_pending_age_seconds) == (0.0, 0.0)


def test_a_clock_that_was_set_back_makes_nothing_younger_than_new() -> None:
    assert signal_of(snapshot(ready={"default": (NOW + 5000, 1)}), settings()).queue_latency_seconds == 0.0


def test_each_queue_and_each_role_has_a_row() -> None:
    agents = QueueLoad(name="agents", ready=2, in_flight=1, delayed=3, dead=4)
    control = QueueLoad(name="control", ready=1, in_flight=0, delayed=0, dead=0)
    demand = {
        ("ready", "default"): 5, ("wakeable", "default"): 3, ("running", "default"): 1, ("urgent", "default"): 2, ("dead", "default"): 6,
        ("worker", "w1"): 1,
    }  # fmt: skip
    found = snapshot(queues=(agents, control), demand=demand, ready={"default": (NOW - 7000, 2)}, coming=1, coming_since=NOW - 9000)

    signal = signal_of(found, settings())

    assert [(row.name, row.ready, row.in_flight, row.delayed, row.dead, row.latency_seconds) for row in signal.queues] == [
        ("agents", 2, 1, 3, 4, 7.0),
        ("control", 1, 0, 0, 0, 9.0),
    ]
    assert signal.roles == (
        RoleDemand(name="default", agents=3, ready=5, ready_turns=2, in_flight=1, urgent=2, dead=6, latency_seconds=7.0),
    )
    assert signal.dead_letters == 6


@pytest.mark.parametrize(
    ("peaks", "handled", "eta", "pace"),
    [
        pytest.param((), 30, None, None, id="no reading to compare with"),
        pytest.param((peak(1, 5, handled=10),), 30, None, None, id="too short a time"),
        pytest.param((peak(1, 60, handled=10), peak(1, 20, handled=25)), 30, 18.0, 20.0, id="the pace since the first reading"),
        pytest.param((peak(1, 60, handled=30),), 30, None, 0.0, id="nothing was done"),
        pytest.param((peak(1, 60, handled=40),), 30, None, None, id="the totals were lost"),
    ],
)
def test_the_end_is_told_only_where_the_pace_was_seen(peaks: tuple[Peak, ...], handled: int, eta: float | None, pace: float | None) -> None:
    found = snapshot(
        peaks=peaks, counters={"handled": handled}, backlog=2, coming=1, demand={("ready", "default"): 2}, running=1, pending=5
    )

    signal = signal_of(found, settings())

    assert (signal.drain_eta_seconds, signal.done_per_minute) == (eta, pace)


def test_when_nothing_is_left_the_end_is_now() -> None:
    assert signal_of(snapshot(), settings()).drain_eta_seconds == 0.0


def test_every_member_is_said_in_a_sentence() -> None:
    signal = signal_of(snapshot(workers=(IDLE,)), settings())

    for value in (signal, signal.stabilization, signal.demand_excluded, signal.workers, RoleDemand(name="any")):
        documented = getdoc(type(value)) or ""  # Python 3.13 keeps it without its indentation
        assert [name for name in structs.asdict(value) if f"\n    {name}: " not in documented] == []
