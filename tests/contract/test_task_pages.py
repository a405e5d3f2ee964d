"""Pages of tasks and of the backlog: each task once, whatever moves in between, and bounded on every side."""

from __future__ import annotations

import pytest

from tests.contract.test_scale import cost
from tinytown.domain.agent import Agent
from tinytown.domain.ids import TaskId
from tinytown.domain.task import TaskState
from tinytown.services.task_pages import Place, Sought
from tinytown.testing import Rehearsal

OPEN = (TaskState.PENDING, TaskState.ASSIGNED, TaskState.RUNNING)
EVERYTHING = Sought()


def walk(town: Rehearsal, sought: Sought, limit: int) -> list[list[TaskId]]:
    """The pages of what is sought, by ids."""
    pages: list[list[TaskId]] = []
    after: Place | None = None
    while True:
        page = town.tasks.page(sought, after, limit)
        pages.append([task.id for task in page.tasks])
        if page.next is None:
            return pages
        after = page.next


def test_pages_hold_each_task_once_newest_first(town: Rehearsal, ada: Agent) -> None:
    made = [town.assign("ada", str(number)).id for number in range(5)]
    town.desk.store.connection.call(
        "ZADD", town.desk.store.keys.tasks_created, *[word for at, task in enumerate(made) for word in (at, task)]
    )
    for task in made[:2]:
        town.tasks.complete(task)

    assert walk(town, EVERYTHING, 2) == [[made[4], made[3]], [made[2], made[1]], [made[0]]]
    assert walk(town, Sought(states=OPEN), 10) == [made[:1:-1]]
    assert sorted(walk(town, Sought(states=(TaskState.COMPLETED,)), 10)[0]) == sorted(made[:2])
    assert walk(town, Sought(states=OPEN, agent=ada.id), 2) == [[made[4], made[3]], [made[2]]]


def test_what_is_meant_for_an_agent_is_its_own_before_it_has_arrived(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    coming, arrived, other = town.assign("ada", "one"), town.assign("ada", "two"), town.assign("bob", "three")
    town.tasks.deliver(arrived.id)
    town.backlog.add("four")

    assert set(walk(town, Sought(agent=ada.id), 10)[0]) == {coming.id, arrived.id}
    assert set(walk(town, Sought(agent=ada.id, states=OPEN), 10)[0]) == {coming.id, arrived.id}
    assert walk(town, Sought(agent=bob.id, states=(TaskState.PENDING,)), 10) == [[other.id]]
    assert walk(town, Sought(agent=bob.id, states=(TaskState.ASSIGNED,)), 10) == [[]]
    assert set(walk(town, Sought(for_somebody=True), 10)[0]) == {coming.id, arrived.id, other.id}


def test_a_deleted_task_does_not_end_the_walk(town: Rehearsal) -> None:
    made = [town.backlog.add(str(number)).id for number in range(6)]
    page = town.tasks.page(EVERYTHING, None, 2)
    for task in page.tasks:
        town.backlog.remove(task.id)

    rest = town.tasks.page(EVERYTHING, page.next, 10)

    assert {task.id for task in page.tasks} | {task.id for task in rest.tasks} == set(made)
    assert rest.next is None


def test_a_page_costs_what_it_shows(town: Rehearsal) -> None:
    for number in range(400):
        town.backlog.add(f"task {number}")

    page = cost(town, lambda here: here.tasks.page(EVERYTHING, None, 10))
    waiting = cost(town, lambda here: here.backlog.page((), 10))

    assert page.trips <= 4
    assert page.received < 30_000
    assert waiting.trips <= 4
    assert not {"KEYS", "SCAN"} & set(page.commands + waiting.commands)


def test_the_backlog_goes_on_after_a_task_that_still_waits(town: Rehearsal, ada: Agent) -> None:
    made = [town.backlog.add(str(number)).id for number in range(6)]
    first = town.backlog.page((), 3)
    town.backlog.claim(made[0], "ada")
    town.backlog.claim(made[2], "ada")

    second = town.backlog.page(first.next, 2)
    third = town.backlog.page(second.next, 2)

    assert [task.id for task in first.tasks] == made[:3]
    assert [task.id for task in second.tasks] == made[3:5]
    assert [task.id for task in third.tasks] == made[5:]
    assert (first.total, third.total, third.next) == (6, 4, ())


def test_long_texts_make_short_pages(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.services.task_pages.PAGE_BYTES", 5000)
    for size in (4000, 4000, 9000, 10):
        town.backlog.add("x" * size)

    sizes = [[len(town.tasks.get(task).description) for task in page] for page in walk(town, EVERYTHING, 10)]

    assert sorted(size for page in sizes for size in page) == [10, 4000, 4000, 9000]
    assert all(len(page) == 1 or sum(page) < 5000 for page in sizes)
