"""Recovery: lost bells are rung again, dead letters tried again, and nothing is thrown away unasked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import bodies, ids, send, turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind, ReceiptState
from tinytown.domain.task import Task, TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import DeadLetterNotFound
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal


def fail(town: Rehearsal, turn: Turn) -> Ending:
    return Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn))


def give_up(town: Rehearsal, agent: Agent) -> None:
    """Bury everything that the agent's next turn takes."""
    turn = turn_of(town, agent)
    for message, _ in turn.mail:
        town.turns.bury(turn, message, "exit_status", "it said no", attempts=3)
    town.turns.end(turn, Ending())


def test_a_bell_that_was_lost_is_rung_again(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.lose_bells()
    town.let_answers_be_due()
    first = town.recovery.sweep()
    town.answer(town.bells("control")[0])
    town.lose_bells()
    town.let_answers_be_due()

    second = town.recovery.sweep()
    town.answer_bells()

    assert (first.asked, first.rung, second.asked, second.rung) == (1, 0, 0, 1)
    assert town.tasks.get(task.id).state is TaskState.COMPLETED


def test_a_bell_that_is_still_on_its_way_is_left_alone(town: Rehearsal, ada: Agent) -> None:
    """With a long queue the answer takes its time; ringing on every sweep would make it longer."""
    town.assign("ada", "write")
    send(town, "ada", "one")
    before = town.bells()
    town.let_answers_be_due()

    swept = town.recovery.sweep()

    assert swept.total == 0
    assert town.bells() == before


def test_a_turn_that_waits_after_a_failure_is_rung_when_its_time_has_come(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    town.answer_bells(fail)
    early = town.recovery.sweep()
    town.let_backoff_pass(ada.id)

    swept = town.recovery.sweep()

    assert (early.rung, swept.rung) == (0, 1)
    assert [bell.args for bell in town.bells("agents")] == [(ada.id,)]


def test_a_message_that_is_given_up_is_kept_and_somebody_is_told(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)

    give_up(town, ada)

    failed = town.tasks.get(task.id)
    (letter,) = town.messages.dead("ada")
    assert (failed.state, failed.failure_reason) == (TaskState.FAILED, "exit_status")
    assert "it said no" in str(failed.result)
    assert letter.receipt is not None
    assert (letter.message.task_id if letter.message else "", letter.receipt.state, letter.reason) == (
        task.id,
        ReceiptState.DEAD,
        "exit_status",
    )
    (notice,) = town.messages.peek("supervisor")
    assert (notice.type, notice.task_id, notice.sender) == (Kind.TASK_FAILED, task.id, ada.id)
    assert town.events.counters()["dead"] == 1


def test_burying_twice_buries_once(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    answers = [town.turns.bury(turn, turn.mail[0][0], "timeout", "", attempts=3) for _ in range(2)]

    assert answers == [True, True]
    assert town.messages.lengths([ada.id, SUPERVISOR_ID]) == [(0, 0, 0, 1), (1, 0, 0, 0)]
    town.turns.end(turn, Ending())


def test_a_dead_task_is_tried_again_as_a_new_one(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    """What has failed stays failed: its record is history."""
    task = town.tasks.assign("ada", "write", tags=("poetry",))
    town.tasks.deliver(task.id)
    give_up(town, ada)

    again = town.messages.requeue_dead(town.messages.find_dead(town.messages.dead()[0].message.id[:8]), "bob")  # type: ignore[union-attr]
    town.lose_bells()
    town.tasks.deliver(again.id)  # type: ignore[arg-type]
    town.take_turn(bob.id)

    assert isinstance(again, Task)
    assert (again.parent_id, again.tags, again.description) == (task.id, ("poetry",), "write")
    assert [town.tasks.get(one).state for one in (task.id, again.id)] == [TaskState.FAILED, TaskState.COMPLETED]
    assert town.messages.dead() == []


def test_a_dead_message_is_delivered_again_with_a_clean_slate(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    give_up(town, ada)

    town.messages.requeue_dead(town.messages.dead()[0])

    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.attempt) == (ReceiptState.QUEUED, 0)
    assert bodies(turn_of(town, ada)) == ["one"]
    assert town.messages.dead() == []


def test_a_dead_letter_leaves_once(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    give_up(town, ada)
    (letter,) = town.messages.dead()

    town.messages.drop_dead(letter)

    for again in (town.messages.drop_dead, town.messages.requeue_dead):
        with pytest.raises(DeadLetterNotFound):
            again(letter)
    for reference in ("", "abc", letter.message.id if letter.message else ""):
        with pytest.raises(DeadLetterNotFound):
            town.messages.find_dead(reference)


def test_pruning_keeps_mail_unless_told_otherwise(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    message = send(town, "ada", "one")
    send(town, "bob", "two")
    give_up(town, bob)
    town.agents.stop_all()

    gone, stayed = town.recovery.prune()
    thrown, _ = town.recovery.prune(throw_away_mail=True)

    assert (gone, [(agent.name, why) for agent, why in stayed]) == ([], [("ada", "mail"), ("bob", "mail")])
    assert [agent.name for agent in thrown] == ["ada", "bob"]
    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.reason) == (ReceiptState.SETTLED, "thrown away with its agent")
    assert town.agents.all() == []


def test_a_dead_task_is_mail_too(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    give_up(town, ada)
    town.agents.kill("ada")

    gone, _ = town.recovery.prune()

    assert gone == []
    assert len(town.messages.dead()) == 1


def test_the_tasks_of_a_pruned_agent_go_to_the_backlog(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    town.agents.kill("ada")

    gone, _ = town.recovery.prune()

    assert [agent.id for agent in gone] == [ada.id]
    assert [one.id for one in town.backlog.list()] == [task.id]


def test_an_agent_at_work_is_never_pruned_nor_robbed(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    turn = turn_of(town, ada)
    send(town, "ada", "one")

    gone, stayed = town.recovery.prune(everyone=True, throw_away_mail=True)

    assert (gone, [why for _, why in stayed]) == ([], ["running"])
    assert town.messages.lengths([ada.id]) == [(1, 0, 1, 0)]
    assert town.tasks.get(task.id).assigned_to == ada.id
    town.turns.end(turn, Ending(returned=ids(turn)))


def test_a_pruned_agent_is_not_brought_back_by_its_late_worker(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.let_lease_run_out(ada.id)
    town.agents.kill("ada")
    town.recovery.sweep()
    town.recovery.prune(throw_away_mail=True)

    town.turns.end(turn, Ending())
    town.desk.store.turns.renew([(ada.id, turn.epoch)], timedelta(seconds=15))

    assert town.agents.all() == []
    assert town.desk.store.connection.call("EXISTS", town.desk.store.keys.agent(ada.id), town.desk.store.keys.turn(ada.id)) == 0
