"""What is measured of a town."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import send, turn_of
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.services.figures import DURATIONS
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def test_figures_say_how_turns_ended_and_how_long_they_took(town: Rehearsal, ada: Agent) -> None:
    keys, connection = town.desk.store.keys, town.desk.store.connection
    for seconds in (0, *(longest - 1 for longest in DURATIONS), 20_000):
        send(town, "ada", "one")
        turn = turn_of(town, ada)
        connection.call("HSET", keys.turn(ada.id), "began_at", town.desk.store.turns.now_ms() - seconds * 1000)
        town.turns.end(turn, Ending())
    send(town, "ada", "one")
    turn_of(town, ada)
    town.let_lease_run_out(ada.id)
    town.recovery.sweep()
    turn = turn_of(town, ada)
    town.turns.end(turn, Ending(reason=TurnReason.CANCELLED, returned=tuple(message.id for message, _ in turn.mail)))
    town.turns.end(turn_of(town, ada), Ending(ran=False))

    found = town.scaling.figures()

    assert {name: count for name, count in found.turns.items() if count} == {
        "completed": 2 + len(DURATIONS), "worker_lost": 1, "cancelled": 1, "skipped": 1,
    }  # fmt: skip
    assert found.durations.buckets == tuple((longest, place + 3) for place, longest in enumerate(DURATIONS))
    assert found.durations.count == 3 + len(DURATIONS)
    assert sum(DURATIONS) + 20_000 - len(DURATIONS) <= found.durations.total_seconds < sum(DURATIONS) + 20_060
    assert (found.totals["leases_lost"], found.totals["rounds"], found.totals["handled"]) == (1, 4 + len(DURATIONS), 3 + len(DURATIONS))


@pytest.mark.usefixtures("ada")
def test_figures_are_there_for_what_is_nothing(town: Rehearsal) -> None:
    town.backlog.add("one")
    town.assign("ada", "two")
    for bell in town.bells("control"):
        town.answer(bell)
    send(town, "ada", "now", urgent=True)
    town.desk.store.leadership.take("clock", timedelta(seconds=10))

    found = town.scaling.figures()

    assert found.agents == dict.fromkeys(AgentState, 0) | {AgentState.STARTING: 1}
    assert found.tasks == dict.fromkeys(TaskState, 0) | {TaskState.PENDING: 1, TaskState.ASSIGNED: 1}
    assert (found.backlog, found.assigned_pending, found.urgent) == (1, 1, 1)
    assert (found.leader, found.leader_epoch) == ("clock", 1)
    assert set(found.turns.values()) == {0}
    assert found.signal.queue_depth == 3
