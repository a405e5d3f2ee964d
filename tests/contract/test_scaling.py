"""What autoscalers are told of a real town."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import send, send_many, turn_of
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.scaling import LimitedBy, Recommendation
from tinytown.domain.turn import TurnReason
from tinytown.domain.worker import Worker
from tinytown.errors import QueueNotFound
from tinytown.services.turns import Ending
from tinytown.store.connection import Connection
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def quick(connection: Connection) -> Rehearsal:
    """A town whose signal falls at once."""
    return rehearse("quick", connection=connection, townhall={"scale_down_window_secs": 0})


def heard_of(town: Rehearsal, *names: str, draining: bool = False) -> None:
    """Workers that serve turns."""
    for name in names:
        town.workers.announce(Worker(id=name, host="here", pid=1, queues=("agents",), concurrency=4, draining=draining))


def idle_since(town: Rehearsal, agent: Agent, seconds: int) -> None:
    """Let an agent have been idle for so long."""
    town.take_turn(agent.id)
    entered = town.desk.store.turns.now_ms() - seconds * 1000
    town.desk.store.connection.call("ZADD", town.desk.store.keys.agents_in(AgentState.IDLE), "XX", entered, agent.id)


def test_work_for_more_than_the_agents_there_are_scales_up(town: Rehearsal, ada: Agent) -> None:
    town.backlog.add("nobody's")
    town.assign("ada", "hers")

    for _ in range(2):  # before it is in her mailbox, and after
        signal = town.scaling.signal()
        assert (signal.queue_depth, signal.pending_tasks, signal.in_flight_tasks) == (2, 2, 0)
        assert (signal.active_agents, signal.cold_agents) == (1, 0)
        assert (signal.desired_agents, signal.max_agents) == (2, 10)
        assert signal.scaling_recommendation is Recommendation.SCALE_UP
        for bell in town.bells("control"):
            town.answer(bell)
    assert town.desk.store.turns.info([ada.id])[0].state == "scheduled"


@pytest.mark.usefixtures("ada")
def test_all_mail_of_a_mailbox_counts_and_urgent_mail_too(town: Rehearsal) -> None:
    send_many(town, "ada", *(str(number) for number in range(120)))
    send(town, "ada", "at once", urgent=True)

    assert town.scaling.signal().pending_tasks == 121


def test_a_town_that_has_been_idle_for_long_scales_to_zero(connection: Connection) -> None:
    town = rehearse("idle", connection=connection, agent={"idle_timeout_secs": 1})
    ada = town.spawn("ada", cli="shell")
    send(town, "ada", "one")
    idle_since(town, ada, 10)

    signal = town.scaling.signal()

    assert (signal.queue_depth, signal.pending_tasks, signal.in_flight_tasks, signal.desired_agents) == (0, 0, 0, 0)
    assert signal.active_agents == 1
    assert signal.scaling_recommendation is Recommendation.SCALE_TO_ZERO
    assert (signal.active, signal.activation_value, signal.desired_workers) == (False, 0, 0)


def test_one_agent_that_was_at_work_a_moment_ago_keeps_the_town_from_zero(quick: Rehearsal) -> None:
    for name in ("ada", "bob"):
        idle_since(quick, quick.spawn(name, cli="shell"), 1000)
    send(quick, "bob", "one")
    idle_since(quick, quick.agents.find("bob"), 1)

    assert quick.scaling.signal().scaling_recommendation is Recommendation.SCALE_DOWN


@pytest.mark.usefixtures("ada")
def test_mail_that_waits_for_something_else_is_no_demand(town: Rehearsal, bob: Agent) -> None:
    send_many(town, "ada", "one", "two")
    town.agents.interrupt("ada")
    town.spawn("hand", cli="manual")
    send(town, "hand", "three")
    send(town, "bob", "four")
    turn = turn_of(town, bob)
    mail = tuple(message.id for message, _ in turn.mail)

    town.turns.end(turn, Ending(reason=TurnReason.RATE_LIMITED, returned=mail, retry_after=timedelta(seconds=30)))

    signal = town.scaling.signal()
    assert (signal.queue_depth, signal.limited_by) == (0, LimitedBy.RATE_LIMIT)
    assert (signal.demand_excluded.paused, signal.demand_excluded.manual, signal.demand_excluded.rate_limited) == (2, 1, 1)

    town.agents.resume("ada")
    town.let_backoff_pass(bob.id)
    town.recovery.sweep()
    signal = town.scaling.signal()
    assert (signal.pending_tasks, signal.demand_excluded.paused, signal.demand_excluded.rate_limited) == (3, 0, 0)


def test_a_failure_delays_and_a_back_off_that_is_over_does_not(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=tuple(message.id for message, _ in turn.mail)))

    assert (town.scaling.signal().demand_excluded.delayed, town.scaling.for_role("default").delayed) == (1, 1)
    town.let_backoff_pass(ada.id)
    town.recovery.sweep()
    assert town.scaling.for_role("default").ready == 1


@pytest.mark.usefixtures("bob")
def test_mail_behind_a_turn_that_runs_waits_for_no_worker(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn_of(town, ada)
    send_many(town, "ada", "two", "three")

    alone = town.scaling.signal()
    send(town, "bob", "four")
    both = town.scaling.signal()

    assert (alone.pending_tasks, alone.in_flight_tasks, alone.queue_latency_seconds) == (2, 1, 0.0)
    assert (alone.roles[0].ready, alone.roles[0].ready_turns, alone.desired_workers) == (2, 0, 1)
    assert both.roles[0].ready_turns == 1


def test_the_oldest_turn_of_each_role_is_found(town: Rehearsal) -> None:
    for name, role in (("a", "reviewer"), ("b", "reviewer"), ("c", "review"), ("d", "a b/c")):
        town.spawn(name, cli="shell", role=role)
        send(town, name, "one")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    since = {text.split(b"\0")[0]: int(text.split(b"\0")[1]) for text in reversed(connection.call("ZRANGE", keys.ready, 0, -1))}

    found = town.scaling.snapshot()

    assert {role: waits for role, (waits, _) in found.ready.items()} == {name.decode(): since[name] for name in since}
    assert {role: count for role, (_, count) in found.ready.items()} == {"reviewer": 2, "review": 1, "a b/c": 1}


def test_a_worker_with_a_lease_is_busy_at_once(town: Rehearsal, ada: Agent) -> None:
    heard_of(town, "w1", "w2")
    heard_of(town, "w3", draining=True)
    send(town, "ada", "one")
    turn = town.begin_turn(ada.id, worker="w2")

    busy = town.scaling.signal().workers
    assert turn is not None
    town.turns.end(turn, Ending())

    assert (busy.idle, busy.busy, busy.draining, busy.removable_now, busy.slots) == (1, 1, 1, 1, 8)
    assert town.scaling.signal().workers.busy == 0


@pytest.mark.usefixtures("ada")
def test_the_signal_rises_at_once_and_falls_when_the_window_is_over(town: Rehearsal) -> None:
    send_many(town, "ada", "one", "two", "three")
    town.scaling.signal()
    town.answer_bells()

    held = town.scaling.signal()
    town.desk.store.connection.call("DEL", town.desk.store.keys.peaks)  # as its time to live does
    fallen = town.scaling.signal()

    assert (held.desired_agents, held.desired_agents_raw, held.limited_by) == (3, 0, LimitedBy.STABILIZATION)
    assert held.stabilization.holding_since is not None
    assert held.scaling_recommendation is not Recommendation.SCALE_TO_ZERO
    assert (fallen.desired_agents, fallen.limited_by, fallen.stabilization.peak_in_window) == (0, None, 0)


@pytest.mark.usefixtures("ada")
def test_peaks_are_shared_bounded_and_forgotten(town: Rehearsal) -> None:
    connection, peaks = town.desk.store.connection, town.desk.store.keys.peaks
    send(town, "ada", "one")
    now = town.desk.store.turns.now_ms()
    for age in range(0, 600_000, 5000):
        connection.call("HSET", peaks, now - now % 5000 - age, f"{age // 5000} {now - age} 0 0 {now - age}")
    connection.call("HSET", peaks, now + 60_000, f"99 {now} 0 0 {now}")

    other = rehearse(town.name, connection=connection)
    told = other.scaling.signal().stabilization

    assert connection.call("HLEN", peaks) <= 62
    assert 0 < connection.call("PTTL", peaks) <= 305_000
    assert 59 <= told.peak_in_window <= 60
    assert town.scaling.signal().stabilization.peak_in_window in {59, 60}


def test_without_a_window_nothing_is_noted(quick: Rehearsal) -> None:
    quick.backlog.add("one")

    quick.scaling.signal()

    assert quick.desk.store.connection.call("EXISTS", quick.desk.store.keys.peaks) == 0


def test_a_queue_and_a_role_are_told_as_one_number(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two")
    town.assign("ada", "three")

    assert (town.scaling.for_queue("agents").value, town.scaling.for_queue("control").value) == (1, 1)
    assert (town.scaling.for_role("default").value, town.scaling.for_role("nobody's").value) == (2, 0)
    turn_of(town, ada)
    assert town.scaling.for_role("default").value == 1
    with pytest.raises(QueueNotFound):
        town.scaling.for_queue("agent")
