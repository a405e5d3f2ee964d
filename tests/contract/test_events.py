"""Events: every change is told in the same step, streams stay short, and nobody hears the same twice."""

from __future__ import annotations

import pytest

from tests.contract.mail import ids, send
from tinytown.domain.agent import Agent
from tinytown.domain.event import EventKind
from tinytown.domain.turn import TurnReason
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal

K = EventKind


def told(town: Rehearsal, agent: Agent | None = None) -> list[EventKind]:
    return [event.event_type for _, event in town.history(100, None if agent is None else agent.id)]


def test_the_life_of_an_agent_and_its_task_is_told(town: Rehearsal) -> None:
    ada = town.spawn("ada", cli="shell")
    task = town.assign("ada", "write")
    town.answer_bells()
    town.agents.interrupt("ada")
    town.agents.resume("ada")
    town.agents.kill("ada")

    expected = [
        K.AGENT_SPAWNED, K.TASK_ASSIGNED, K.AGENT_STATE_CHANGED, K.TASK_COMPLETED, K.AGENT_COMPLETED,
        K.AGENT_INTERRUPTED, K.AGENT_RESUMED, K.AGENT_STOPPED,
    ]  # fmt: skip
    assert told(town) == expected
    assert told(town, ada) == expected
    events = [event for _, event in town.history(100)]
    assert [event.task_id for event in events if event.event_type in {K.TASK_ASSIGNED, K.TASK_COMPLETED}] == [task.id] * 2
    paused = next(event for event in events if event.event_type is K.AGENT_INTERRUPTED)
    assert (paused.agent_id, paused.old_state, paused.new_state) == (ada.id, "Idle", "Paused")


def test_failures_and_delegation_are_told(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    task = town.tasks.assign("ada", "write", by=bob.id)
    town.answer_bells(lambda _town, turn: Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn)))
    town.tasks.fail(task.id, "cannot")
    message = send(town, "ada", "free text")
    town.let_backoff_pass(ada.id)
    turns = []
    while (turn := town.begin_turn(ada.id)) is not None:
        turns.append(turn)
        if message.id in ids(turn):
            town.turns.bury(turn, message, "timeout", "", attempts=3)
        town.turns.end(turn, Ending())

    kinds = told(town, ada)

    assert {K.TASK_DELEGATED, K.AGENT_FAILED, K.TASK_FAILED, K.CONDUCTOR_ESCALATION} <= set(kinds)
    assert K.TASK_DELEGATED in told(town, bob), "the one who delegated hears of it as well"


def test_a_reader_goes_on_after_the_last_event_it_saw(town: Rehearsal, ada: Agent) -> None:
    stream = town.events.stream()
    last, first = town.events.recent(stream, 1)[-1]
    none = town.events.after(stream, last, 10, wait_ms=5)
    town.agents.interrupt("ada")
    town.agents.resume("ada")

    one = town.events.after(stream, last, 1)
    rest = town.events.after(stream, one[-1][0], 10)

    assert (first.event_type, none) == (K.AGENT_SPAWNED, [])
    assert [event.event_type for _, event in one + rest] == [K.AGENT_INTERRUPTED, K.AGENT_RESUMED]
    assert town.events.after(stream, rest[-1][0], 10) == []


def test_recent_events_are_the_newest_in_order(town: Rehearsal, ada: Agent) -> None:
    for _ in range(3):
        town.agents.interrupt("ada")
        town.agents.resume("ada")

    assert [event.event_type for _, event in town.history(2)] == [K.AGENT_INTERRUPTED, K.AGENT_RESUMED]


def test_a_step_that_was_refused_tells_nothing(town: Rehearsal, ada: Agent) -> None:
    before = told(town)
    town.desk.store.agents.change(ada.changed(town.clock.at), ada.changed(town.clock.at), event=town.history(1)[0][1])

    assert told(town) == before


def test_streams_and_activity_stay_short(town: Rehearsal, ada: Agent) -> None:
    for i in range(700):
        town.agents.interrupt("ada")
        town.agents.resume("ada")
        town.events.note(ada.id, f"line {i}")
    keys, connection = town.desk.store.keys, town.desk.store.connection

    lengths = [connection.call("XLEN", key) for key in (keys.events, keys.agent_events(ada.id))]

    assert 1000 <= lengths[0] < 1250
    assert 100 <= lengths[1] < 250
    assert town.events.activity(ada.id, 100) == [f"line {i}" for i in range(699, 689, -1)]
    assert 0 < connection.call("TTL", keys.activity(ada.id)) <= 3600


@pytest.mark.parametrize("fields", [("data", "garbage"), ("other", "x"), ("data", '{"event_type":"dance","message":"","timestamp":1}')])
def test_an_event_that_cannot_be_read_is_passed_over(town: Rehearsal, ada: Agent, fields: tuple[str, str]) -> None:
    town.desk.store.connection.call("XADD", town.desk.store.keys.events, "*", *fields)
    town.agents.interrupt("ada")

    assert told(town) == [K.AGENT_SPAWNED, K.AGENT_INTERRUPTED]


def test_totals_only_grow(town: Rehearsal, ada: Agent) -> None:
    for end in (town.tasks.complete, town.tasks.fail, town.tasks.cancel):
        task = town.assign("ada", "write")
        end(task.id, "so")
    send(town, "ada", "one")
    town.answer_bells()
    before = town.events.counters()
    for task in town.tasks.matching():
        town.desk.store.tasks.delete(task)

    assert before == town.events.counters()
    assert 0 <= before.pop("took:ms") < 60_000
    assert sum(before.pop(name) for name in list(before) if name.startswith("took:")) == 1
    assert before == {
        "completed": 1, "failed": 1, "cancelled": 1, "messages": 1, "rounds": 1, "handled": 1, "turns:completed": 1,
    }  # fmt: skip
