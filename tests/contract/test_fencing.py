"""A worker that comes back too late changes nothing: neither mail, nor tasks, nor the agent, nor another's turn."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from tests.contract.mail import bodies, ids, send, turn_of
from tests.recount import Recount
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.message import ReceiptState
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import StaleTurn, WrongState
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal

Speaks = Callable[[Rehearsal, Turn], object]


def give_back(town: Rehearsal, turn: Turn) -> None:
    for task in turn.tasks:
        town.tasks.returned(task, "timeout", turn.epoch, by=turn.agent.id, counted=True)


ATTEMPTS: dict[str, Speaks] = {
    "end well": lambda town, turn: town.turns.end(turn, Ending()),
    "end badly": lambda town, turn: town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn))),
    "end without its program": lambda town, turn: town.turns.end(turn, Ending(reason=TurnReason.NOT_FOUND, returned=ids(turn))),
    "bury": lambda town, turn: town.turns.bury(turn, turn.mail[0][0], "exit_status", "", attempts=3),
    "renew": lambda town, turn: town.desk.store.turns.renew([(turn.agent.id, turn.epoch)], timedelta(hours=1)),
    "start": lambda town, turn: town.turns.start(turn, list(turn.tasks)),
    "complete": lambda town, turn: [town.tasks.complete(task, by=turn.agent.id, epoch=turn.epoch) for task in turn.tasks],
    "fail": lambda town, turn: [town.tasks.fail(task, "no", by=turn.agent.id, epoch=turn.epoch) for task in turn.tasks],
    "return": give_back,
}


def everything(town: Rehearsal) -> tuple[object, ...]:
    """All that a late worker could harm."""
    count = Recount(town)
    turns = town.desk.store.turns.info(list(count.agents))
    return count.agents, count.tasks, count.receipts, count.places, turns, town.events.counters(), town.bells()


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_turn_whose_agent_was_taken_over_changes_nothing(town: Rehearsal, ada: Agent, attempt: str) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    late = town.turns.start(turn_of(town, ada), [task.id])
    town.let_lease_run_out(ada.id)
    town.recovery.sweep()
    town.turns.start(turn_of(town, ada), [task.id])
    before = everything(town)

    try:
        ATTEMPTS[attempt](town, late)
    except StaleTurn:
        refused = True
    else:
        refused = False

    assert everything(town) == before
    assert refused == (attempt in {"start", "complete", "fail", "return"})


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_turn_that_was_fenced_changes_nothing(town: Rehearsal, ada: Agent, attempt: str) -> None:
    """Between fence and reap nobody has the agent, the late worker least of all."""
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    late = town.turns.start(turn_of(town, ada), [task.id])
    town.let_lease_run_out(ada.id)
    town.desk.store.turns.fence(ada.id)
    before = everything(town)

    with suppress(StaleTurn):
        ATTEMPTS[attempt](town, late)

    assert everything(town) == before
    town.recovery.sweep()


@pytest.mark.parametrize("attempt", ["end badly", "complete", "fail", "return"])
def test_a_turn_does_not_speak_for_another_agents_turn(town: Rehearsal, ada: Agent, bob: Agent, attempt: str) -> None:
    """Epochs are counted for each agent: the first turns of two agents have the same one."""
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    late = town.turns.start(turn_of(town, ada), [task.id])
    town.tasks.requeue(task.id, "bob")
    town.tasks.deliver(task.id)
    other = town.turns.start(turn_of(town, bob), [task.id])
    before = town.tasks.get(task.id)

    with suppress(WrongState):
        ATTEMPTS[attempt](town, late)

    assert late.epoch == other.epoch
    assert town.tasks.get(task.id) == before
    assert before.state is TaskState.RUNNING


def test_a_lost_turn_gives_back_its_mail_and_counts_an_attempt(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    send(town, "ada", "now", urgent=True)
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    lost = town.turns.start(turn_of(town, ada), [task.id])
    town.lose_bells()
    town.let_lease_run_out(ada.id)

    swept = town.recovery.sweep()

    assert swept.reaped == (ada.id,)
    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.attempt, receipt.reason) == (ReceiptState.QUEUED, 1, "worker_lost")
    again = town.tasks.get(task.id)
    assert (again.state, again.failure_reason, again.attempt) == (TaskState.ASSIGNED, "worker_lost", 1)
    assert [bell.args for bell in town.bells("agents")] == [(ada.id,)]
    assert town.agents.get(ada.id).state is AgentState.IDLE
    following = turn_of(town, ada)
    assert following.epoch > lost.epoch
    assert bodies(following) == ["now"]


def test_a_lease_that_is_alive_is_not_taken(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    assert town.turns.reap(ada.id) is False
    assert town.recovery.sweep().reaped == ()
    assert town.turns.end(turn, Ending()) is not None


def test_renewing_keeps_the_lease_alive(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.let_lease_run_out(ada.id)

    answers = town.desk.store.turns.renew([(ada.id, turn.epoch), (ada.id, turn.epoch + 1)], timedelta(seconds=15))

    assert answers == ["renewed", "lost"]
    assert town.recovery.sweep().reaped == ()


def test_whoever_comes_first_reaps_a_dead_turn(town: Rehearsal, ada: Agent) -> None:
    """A doorbell may be answered before the sweep has looked."""
    send(town, "ada", "one")
    turn_of(town, ada)
    town.let_lease_run_out(ada.id)

    turn = turn_of(town, ada)

    assert [attempt for _, attempt in turn.mail] == [1]


def test_a_reaper_that_dies_half_way_is_followed_by_another(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn_of(town, ada)
    town.let_lease_run_out(ada.id)
    town.desk.store.turns.fence(ada.id)

    swept = town.recovery.sweep()

    assert swept.reaped == (ada.id,)
    assert bodies(turn_of(town, ada)) == ["one"]


@pytest.mark.parametrize(("step", "after"), [("interrupt", AgentState.PAUSED), ("kill", AgentState.STOPPED)])
def test_an_agent_whose_worker_dies_still_does_as_it_was_told(town: Rehearsal, ada: Agent, step: str, after: AgentState) -> None:
    send(town, "ada", "one")
    turn_of(town, ada)
    getattr(town.agents, step)("ada")
    town.let_lease_run_out(ada.id)

    town.recovery.sweep()

    assert town.agents.get(ada.id).state is after
    assert town.begin_turn(ada.id) is None
    assert town.messages.lengths([ada.id]) == [(1, 0, 0, 0)]
