"""The backlog: oldest first, each task once, and nothing leaves it unless it arrives somewhere."""

from __future__ import annotations

import threading

import pytest

from tests.contract.mail import ids
from tinytown.domain.agent import Agent
from tinytown.domain.task import TaskState
from tinytown.errors import AgentNotFound, InvalidValue, TaskNotFound, WrongState
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def test_tasks_wait_in_the_order_in_which_they_came(town: Rehearsal) -> None:
    added = [town.backlog.add(text).id for text in ("one", "two", "three")]

    assert [task.id for task in town.backlog.list()] == added
    assert town.backlog.length() == 3
    assert town.bells() == []


def test_a_claimed_task_goes_to_its_agent(town: Rehearsal, ada: Agent) -> None:
    task = town.backlog.add("write")

    claimed = town.backlog.claim(task.short_id, "ada")

    assert (claimed.state, claimed.assigned_to) == (TaskState.ASSIGNED, ada.id)
    assert town.backlog.length() == 0
    town.answer_bells()
    assert town.tasks.get(task.id).state is TaskState.COMPLETED


@pytest.mark.parametrize("agent", ["adda", "supervisor", ""])
def test_a_mistyped_agent_costs_nothing(town: Rehearsal, ada: Agent, agent: str) -> None:
    task = town.backlog.add("write")

    with pytest.raises(AgentNotFound):
        town.backlog.claim(task.id, agent)
    with pytest.raises(AgentNotFound):
        town.backlog.assign_all(agent)

    assert [one.id for one in town.backlog.list()] == [task.id]


def test_what_is_not_in_the_backlog_cannot_be_claimed(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    claimed = town.backlog.add("write")
    town.backlog.claim(claimed.id, "ada")
    meant = town.assign("ada", "read")

    with pytest.raises(WrongState):
        town.backlog.claim(claimed.id, "bob")
    with pytest.raises(TaskNotFound):
        town.backlog.claim(meant.id, "bob")
    with pytest.raises(TaskNotFound):
        town.backlog.claim("ffffffff", "bob")

    assert town.tasks.get(claimed.id).assigned_to == ada.id


def test_of_many_who_claim_at_once_one_gets_it(town: Rehearsal, ada: Agent, bob: Agent, way: str) -> None:
    if way.startswith("small"):
        pytest.skip(reason="the small client is for one thread")
    tasks = [town.backlog.add(str(i)) for i in range(10)]
    got: list[tuple[str, str]] = []

    def claim(agent: str) -> None:
        for task in tasks:
            try:
                town.backlog.claim(task.id, agent)
            except (TaskNotFound, WrongState):
                continue
            got.append((task.id, agent))

    threads = [threading.Thread(target=claim, args=(name,)) for name in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(task for task, _ in got) == sorted(task.id for task in tasks)


def test_all_of_it_may_go_to_one(town: Rehearsal, ada: Agent) -> None:
    tasks = [town.backlog.add(str(i)).id for i in range(3)]

    given = town.backlog.assign_all("ada")

    assert [task.id for task in given] == tasks
    assert [message.task_id for message in town.messages.peek("ada")] == tasks
    assert town.backlog.assign_all("ada") == []


def test_a_removed_task_is_gone(town: Rehearsal, ada: Agent) -> None:
    task = town.backlog.add("write")
    meant = town.assign("ada", "read")

    town.backlog.remove(task.id)

    with pytest.raises(TaskNotFound):
        town.tasks.get(task.id)
    with pytest.raises(TaskNotFound):
        town.backlog.remove(meant.id)


def test_an_open_task_can_go_back_and_lies_there_once(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.answer_bells(lambda _here, turn: Ending(returned=ids(turn)), most=2)

    requeued = town.tasks.requeue(task.id)
    town.tasks.requeue(town.backlog.claim(task.id, "ada").id)

    assert (requeued.state, requeued.assigned_to, requeued.started_at) == (TaskState.PENDING, None, None)
    assert [one.id for one in town.backlog.list()] == [task.id]


def test_a_task_that_waits_cannot_be_put_back_twice(town: Rehearsal) -> None:
    task = town.backlog.add("write")

    with pytest.raises(WrongState):
        town.tasks.requeue(task.id)

    assert town.backlog.length() == 1


def test_a_cancelled_task_leaves_the_backlog(town: Rehearsal) -> None:
    task = town.backlog.add("write")

    town.tasks.cancel(task.id)

    assert town.backlog.list() == []


def test_an_empty_task_is_refused(town: Rehearsal) -> None:
    with pytest.raises(InvalidValue):
        town.backlog.add(" ")

    assert town.backlog.length() == 0
