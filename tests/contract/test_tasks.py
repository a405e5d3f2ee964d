"""Tasks: stored once, delivered once, moved by allowed steps only, found by the beginning of their id."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.mail import ids, turn_of
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import SUPERVISOR_ID, TaskId, is_uuid, new_task_id
from tinytown.domain.message import Kind
from tinytown.domain.task import Task, TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import AgentNotFound, AmbiguousReference, InvalidValue, StaleTurn, TaskNotFound, TimedOut, WrongState
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal

STEPS: dict[str, Callable[[Rehearsal, TaskId], Task]] = {
    "complete": lambda town, task: town.tasks.complete(task, "it is done"),
    "fail": lambda town, task: town.tasks.fail(task, "it is not"),
    "cancel": lambda town, task: town.tasks.cancel(task, "not wanted"),
    "requeue": lambda town, task: town.tasks.requeue(task),
}


def test_an_assigned_task_waits_for_its_delivery(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write a poem", tags=("poetry", "poetry", " "))

    assert is_uuid(task.id)
    assert (task.state, task.wanted, task.assigned_to, task.tags) == (TaskState.PENDING, ada.id, None, ("poetry",))
    assert [(bell.queue, bell.actor, bell.args) for bell in town.bells()] == [("control", "assign_task", (task.id, ada.id))]


def test_delivery_puts_it_into_the_mailbox_and_rings(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write a poem")

    delivered = town.tasks.deliver(task.id)

    assert delivered is not None
    assert (delivered.state, delivered.assigned_to, delivered.wanted) == (TaskState.ASSIGNED, ada.id, None)
    message = town.messages.peek("ada")[0]
    assert (message.type, message.task_id, message.sender) == (Kind.TASK_ASSIGN, task.id, SUPERVISOR_ID)
    assert [bell.args for bell in town.bells("agents")] == [(ada.id,)]


def test_a_repeated_assignment_delivers_once(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write a poem")
    bell = town.bells("control")[0]

    for _ in range(3):
        town.answer(bell)

    assert len(town.messages.peek("ada")) == 1
    assert town.tasks.get(task.id).version == 2


def test_an_old_bell_does_not_undo_what_was_decided_since(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    """A bell says only where to look: the record says whom the task is meant for."""
    task = town.assign("ada", "write a poem")
    old = town.bells("control")[0]
    town.answer(old)
    town.tasks.requeue(task.id)

    town.answer(old)
    in_backlog = town.tasks.get(task.id)
    town.backlog.claim(task.id, "bob")
    town.answer(old)

    assert (in_backlog.state, in_backlog.wanted) == (TaskState.PENDING, None)
    assert town.tasks.get(task.id).assigned_to == bob.id


def test_two_who_deliver_at_once_deliver_once(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    task = town.assign("ada", "write a poem")
    store = town.desk.store.tasks
    read, meanwhile = store.get, [True]

    def slow_read(one: TaskId) -> Task | None:
        found = read(one)
        if meanwhile and meanwhile.pop():
            town.tasks.deliver(one)
        return found

    monkeypatch.setattr(store, "get", slow_read)
    town.tasks.deliver(task.id)

    assert len(town.messages.peek("ada")) == 1


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_task_is_refused(town: Rehearsal, ada: Agent, text: str) -> None:
    with pytest.raises(InvalidValue):
        town.assign("ada", text)

    assert town.tasks.matching() == []


def test_a_large_task_arrives_whole(town: Rehearsal, ada: Agent) -> None:
    text = "ü" * 2_500_000

    task = town.assign("ada", text)

    assert town.tasks.get(task.id).description == text


def test_text_that_is_no_unicode_is_mended_and_not_lost(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "caf\udce9")
    town.answer_bells(lambda _here, turn: Ending(returned=ids(turn)), most=2)

    done = town.tasks.complete(task.id, "d\udce9j\u00e0 vu")

    assert town.tasks.get(task.id) == done
    assert done.description == "caf?"
    assert done.result == "d?j\u00e0 vu"


@pytest.mark.parametrize("agent", ["nobody", "supervisor", "conductor"])
def test_nobody_who_does_no_tasks_is_given_one(town: Rehearsal, ada: Agent, agent: str) -> None:
    with pytest.raises(AgentNotFound):
        town.assign(agent, "write")
    task = town.assign("ada", "write")
    with pytest.raises(AgentNotFound):
        town.tasks.requeue(task.id, agent)

    assert town.tasks.get(task.id) == task


def test_a_task_is_found_by_the_beginning_of_its_id(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")

    for reference in (task.id, task.id[:4], task.short_id, task.id.upper(), f" {task.id} "):
        assert town.tasks.find(reference).id == task.id, reference
    for reference in ("", task.id[:3], "zzzz", "../..", "*", new_task_id()):
        with pytest.raises(TaskNotFound):
            town.tasks.find(reference)


def test_a_beginning_that_several_share_is_ambiguous(town: Rehearsal, ada: Agent) -> None:
    for last in "12":
        task = town.tasks.new("write")
        twin = Task(
            id=TaskId(f"aaaaaaaa-0000-4000-8000-00000000000{last}"), description="x", created_at=task.created_at, updated_at=task.created_at
        )
        town.desk.store.tasks.add(twin)

    with pytest.raises(AmbiguousReference):
        town.tasks.find("aaaaaaaa")


def test_a_completed_task_says_so_everywhere(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.answer_bells()

    done = town.tasks.get(task.id)
    agent = town.agents.get(ada.id)

    assert (done.state, done.result, done.assigned_to, done.completed_at) == (TaskState.COMPLETED, "done", ada.id, town.clock.at)
    assert (agent.tasks_completed, agent.current_task, agent.state) == (1, None, AgentState.IDLE)
    assert town.tasks.count()[TaskState.COMPLETED] == 1
    assert town.events.counters()["completed"] == 1


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
@pytest.mark.parametrize("step", STEPS)
def test_an_end_is_final(town: Rehearsal, ada: Agent, end: str, step: str) -> None:
    task = town.assign("ada", "write")
    ended = STEPS[end](town, task.id)

    with pytest.raises(WrongState) as refused:
        STEPS[step](town, task.id)

    assert ended.state.value in str(refused.value)
    assert town.tasks.get(task.id) == ended


def test_completing_counts_once_on_the_agent(town: Rehearsal, ada: Agent) -> None:
    for text in ("one", "two"):
        town.assign("ada", text)
    town.answer_bells()

    assert town.agents.get(ada.id).tasks_completed == 2


def test_only_whoever_has_a_task_reports_on_it(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)

    with pytest.raises(WrongState):
        town.tasks.complete(task.id, by=bob.id)

    assert town.tasks.complete(task.id, by=ada.id).state is TaskState.COMPLETED


def test_the_agent_that_asked_is_told_of_the_end(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    good = town.tasks.assign("ada", "write", by=bob.id)
    bad = town.tasks.assign("ada", "read", by=bob.id)
    town.answer_bells(lambda _here, turn: Ending(returned=ids(turn)), most=3)

    town.tasks.complete(good.id, "a poem")
    town.tasks.fail(bad.id, "no book")

    told = [(message.type, message.task_id, message.body) for message in town.messages.peek("bob")]
    assert [(kind, task) for kind, task, _ in told] == [(Kind.TASK_DONE, good.id), (Kind.TASK_FAILED, bad.id)]
    assert "a poem" in told[0][2]
    assert "no book" in told[1][2]


def test_a_task_taken_from_an_agent_is_not_started_there(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)

    town.tasks.requeue(task.id, "bob")
    town.answer_bells()

    done = town.tasks.get(task.id)
    assert (done.state, done.assigned_to, done.attempt) == (TaskState.COMPLETED, bob.id, 1)
    assert town.agents.get(ada.id).tasks_completed == 0


def test_a_task_cancelled_while_its_program_runs_stays_cancelled(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    turn = turn_of(town, ada)
    turn = town.turns.start(turn, [task.id])

    town.tasks.cancel(task.id)
    with pytest.raises(WrongState):
        town.tasks.complete(task.id, "too late", by=ada.id, epoch=turn.epoch)
    town.turns.end(turn, Ending())

    assert town.tasks.get(task.id).state is TaskState.CANCELLED
    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]


def test_several_tasks_of_one_turn_all_run(town: Rehearsal, ada: Agent) -> None:
    tasks = [town.assign("ada", text) for text in ("one", "two", "three")]
    for task in tasks:
        town.tasks.deliver(task.id)

    turn = town.turns.start(turn_of(town, ada), [task.id for task in tasks])

    assert {one.state for one in town.tasks.current(ada.id)} == {TaskState.RUNNING}
    assert town.agents.get(ada.id).current_task == tasks[0].id
    town.turns.end(turn, Ending(reason=TurnReason.CANCELLED, returned=ids(turn)))


def test_waiting_ends_with_the_task_or_with_the_time(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    with pytest.raises(TimedOut):
        town.wait(task.id, 0.02)

    town.answer_bells()

    assert town.wait(task.short_id, timedelta(seconds=5)).result == "done"


def test_a_stale_turn_reports_nothing(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.answer_bells(lambda _here, turn: Ending(returned=ids(turn)), most=2)

    with pytest.raises(StaleTurn):
        town.tasks.complete(task.id, by=ada.id, epoch=1)

    assert town.tasks.get(task.id).state is TaskState.ASSIGNED
