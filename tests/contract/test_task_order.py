"""The order of tasks: towns that did not keep it get it, whoever writes in the meantime."""

from __future__ import annotations

import pytest

from tests.contract.test_scale import cost
from tests.contract.test_task_pages import EVERYTHING, walk
from tinytown.domain.agent import Agent
from tinytown.domain.ids import TaskId, new_task_id
from tinytown.domain.task import Task, TaskState
from tinytown.services.task_pages import Sought
from tinytown.store.task_order import TaskOrder
from tinytown.testing import Rehearsal


@pytest.fixture
def old(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> list[TaskId]:
    """Tasks of a version that kept no order, oldest first, a minute between two of them."""
    monkeypatch.setattr("tinytown.services.task_upkeep.AT_ONCE", 2)
    made: list[Task] = []
    for number in range(5):
        made.append(town.backlog.add(str(number)))
        town.clock.at = town.clock.at.replace(minute=number + 1)
    town.desk.store.connection.call("DEL", town.desk.store.keys.tasks_created)
    return [task.id for task in made]


def test_a_town_of_an_older_version_is_put_in_order(town: Rehearsal, old: list[TaskId]) -> None:
    mended, again = town.recovery.keep_ordered(), town.recovery.keep_ordered()

    assert (mended, again) == (5, 0)
    assert walk(town, EVERYTHING, 10) == [old[::-1]]


def test_the_first_page_puts_a_town_in_order(town: Rehearsal, old: list[TaskId]) -> None:
    assert walk(town, EVERYTHING, 2) == [old[:2:-1], old[2:0:-1], old[:1]]


def test_open_tasks_of_an_agent_are_found_before_the_clock_came_by(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "one")
    town.tasks.deliver(task.id)
    town.desk.store.connection.call("DEL", town.desk.store.keys.tasks_created)

    assert walk(town, Sought(agent=ada.id, states=(TaskState.ASSIGNED,)), 10) == [[task.id]]


def test_a_task_that_has_a_place_keeps_it(town: Rehearsal, old: list[TaskId]) -> None:
    town.desk.store.connection.call("ZADD", town.desk.store.keys.tasks_created, 1, old[-1])

    assert town.recovery.keep_ordered() == 4
    assert walk(town, EVERYTHING, 10) == [[*old[-2::-1], old[-1]]]


def test_tasks_that_come_and_go_meanwhile_do_no_harm(town: Rehearsal, old: list[TaskId], monkeypatch: pytest.MonkeyPatch) -> None:
    """The teardown recounts: a task that was deleted has no place, and a new one has its own."""
    without_place = TaskOrder.without_place
    late: list[TaskId] = []

    def meanwhile(order: TaskOrder, tasks: list[TaskId]) -> list[TaskId]:
        found = without_place(order, tasks)
        if not late:
            town.backlog.remove(found[0])
            late.append(town.backlog.add("late").id)
        return found

    monkeypatch.setattr(TaskOrder, "without_place", meanwhile)

    town.recovery.keep_ordered()

    assert {one for page in walk(town, EVERYTHING, 10) for one in page} == {*town.desk.store.tasks.backlog()}
    assert late[0] in town.desk.store.tasks.backlog()


def test_places_of_tasks_that_are_gone_are_taken_back(town: Rehearsal) -> None:
    """A worker of an older version deletes a task, and not its place."""
    task = town.backlog.add("one")
    town.desk.store.connection.call("ZADD", town.desk.store.keys.tasks_created, 1, new_task_id(), 2, new_task_id())

    assert town.recovery.keep_ordered() == 2
    assert walk(town, EVERYTHING, 10) == [[task.id]]


def test_a_record_that_cannot_be_read_stands_last_and_ends_the_upkeep(town: Rehearsal, old: list[TaskId]) -> None:
    connection, key = town.desk.store.connection, town.desk.store.keys.task(old[3])
    record = connection.call("GET", key)
    connection.call("SET", key, "garbage")

    assert (town.recovery.keep_ordered(), town.recovery.keep_ordered()) == (5, 0)
    assert walk(town, EVERYTHING, 10) == [[old[4], *old[2::-1]]]

    connection.call("SET", key, record)
    assert walk(town, EVERYTHING, 10)[0][-1] == old[3]


def test_a_town_in_order_is_asked_once(town: Rehearsal) -> None:
    for number in range(100):
        town.backlog.add(str(number))

    spent = cost(town, lambda here: here.recovery.keep_ordered())

    assert spent.trips == 1
