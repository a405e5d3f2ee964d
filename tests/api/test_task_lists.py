"""Lists of tasks over HTTP: by pages, filtered, each task once while tasks move."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import at_work, deliver
from tinytown.api.paging import cursor_after
from tinytown.domain.ids import TaskId
from tinytown.domain.task import Task
from tinytown.testing import Rehearsal

LISTS = {"/v1/tasks": "tasks", "/v1/tasks/pending": "tasks", "/v1/backlog": "backlog"}

MOVES: dict[str, Callable[[Rehearsal, Task], object]] = {
    "deliver": lambda town, task: town.tasks.deliver(task.id),
    "complete": lambda town, task: town.tasks.complete(task.id),
    "cancel": lambda town, task: town.tasks.cancel(task.id),
    "nothing": lambda _town, _task: None,
}


@pytest.fixture(autouse=True)
def _agents(town: Rehearsal) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


def pages(client: TestClient, path: str, query: str = "", between: Callable[[], object] = lambda: None) -> Iterator[list[str]]:
    """The ids on each page; between two pages something may happen."""
    cursor: str | None = ""
    while cursor is not None:
        answer = ask(client, f"GET {path}?{query}" + (f"&cursor={cursor}" if cursor else "")).json
        found = [one.get("id") or one["task_id"] for one in answer[LISTS[path]]]
        assert answer["count"] == len(found)
        yield found
        cursor = answer["next_cursor"]
        between()


def flat(found: Iterator[list[str]]) -> list[str]:
    return [task for page in found for task in page]


def test_a_list_is_given_by_pages_newest_first(town: Rehearsal, client: TestClient) -> None:
    made = [town.assign("ada", str(number)).id for number in range(7)]
    town.desk.store.connection.call(
        "ZADD", town.desk.store.keys.tasks_created, *[word for at, task in enumerate(made) for word in (at, task)]
    )

    found = list(pages(client, "/v1/tasks", "limit=3"))

    assert [len(page) for page in found] == [3, 3, 1]
    assert [task for page in found for task in page] == made[::-1]


def test_tasks_of_the_same_moment_are_told_apart(town: Rehearsal, client: TestClient) -> None:
    made = [town.assign("ada", str(number)).id for number in range(9)]
    town.desk.store.connection.call("ZADD", town.desk.store.keys.tasks_created, *[word for task in made for word in (5, task)])

    assert flat(pages(client, "/v1/tasks", "limit=2")) == sorted(made, reverse=True)


@pytest.mark.parametrize("query", ["", "state=pending&state=assigned&state=completed&state=cancelled", "agent=ada"])
@pytest.mark.parametrize("move", MOVES)
def test_each_task_is_listed_once_while_tasks_move(move: str, query: str, town: Rehearsal, client: TestClient) -> None:
    """A list that counted places told some twice and left others out."""
    made = [town.assign("ada", str(number)) for number in range(12)]
    moving = iter([*made[::-2], *made[::2]])

    def between() -> None:
        for task in (next(moving, None), next(moving, None)):
            if task is not None and not town.tasks.get(task.id).state.is_terminal:
                MOVES[move](town, task)
        town.assign("grace", "new")

    found = flat(pages(client, "/v1/tasks", f"limit=2&{query}", between))

    assert sorted(found) == sorted(task.id for task in made)


def test_a_list_of_one_state_is_stable_for_those_that_stay(town: Rehearsal, client: TestClient) -> None:
    staying = [deliver(town, "ada", str(number)).id for number in range(6)]
    leaving = [deliver(town, "ada", str(number)) for number in range(4)]
    gone = iter(leaving)

    found = flat(pages(client, "/v1/tasks", "state=assigned&limit=2", lambda: [town.tasks.cancel(one.id) for one in [*gone][:4]]))

    assert [task for task in found if task in staying] == sorted(staying, key=found.index)
    assert set(staying) <= set(found)
    assert len(set(found)) == len(found)


def test_filters_go_together(town: Rehearsal, client: TestClient) -> None:
    ada = town.agents.find("ada")
    garden = town.tasks.assign("ada", "one", tags=("garden",))
    town.tasks.assign("ada", "two")
    other = town.tasks.assign("grace", "three", tags=("garden",))
    town.tasks.deliver(other.id)
    waiting = town.backlog.add("four", tags=("garden",))

    def listed(query: str) -> set[str]:
        return {task["id"] for task in ask(client, f"GET /v1/tasks?{query}").json["tasks"]}

    assert listed("tag=garden") == {garden.id, other.id, waiting.id}
    assert listed("tag=garden&agent=Ada") == {garden.id}
    assert listed(f"agent={ada.id}&state=pending&tag=garden") == {garden.id}
    assert listed("tag=garden&state=pending&state=assigned&agent=grace") == {other.id}
    assert listed("state=completed") == set()
    assert listed("mission=none") == set()


def test_what_is_rare_is_found_among_many(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page ends after so many tasks were looked at, and the next goes on from there."""
    monkeypatch.setattr("tinytown.services.task_pages.AT_ONCE", 5)
    monkeypatch.setattr("tinytown.services.task_pages.MOST_EXAMINED", 10)
    rare = town.tasks.assign("ada", "rare", tags=("rare",))
    for number in range(30):
        town.backlog.add(str(number))

    found = list(pages(client, "/v1/tasks", "tag=rare&limit=4"))

    assert [task for page in found for task in page] == [rare.id]
    assert len(found) > 2


def test_a_page_with_long_texts_is_short(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty texts of eight megabytes are no answer."""
    monkeypatch.setattr("tinytown.services.task_pages.PAGE_BYTES", 5000)
    made = [town.backlog.add("x" * 2000).id for _ in range(5)] + [town.backlog.add("x" * 9000).id]

    for path in ("/v1/tasks", "/v1/backlog"):
        found = list(pages(client, path))
        assert sorted(task for page in found for task in page) == sorted(made)
        assert max(len(page) for page in found) == 2


def test_a_damaged_record_does_not_hide_the_others(town: Rehearsal, client: TestClient) -> None:
    broken, whole, other = (town.backlog.add(text) for text in ("one", "two", "three"))
    town.desk.store.connection.call("SET", town.desk.store.keys.task(broken.id), "garbage")
    town.desk.store.connection.call("DEL", town.desk.store.keys.task(other.id))
    town.desk.store.connection.call("HSET", town.desk.store.keys.task(other.id), "old", "format")

    assert flat(pages(client, "/v1/tasks")) == [whole.id]
    assert flat(pages(client, "/v1/backlog")) == [whole.id]
    assert expect_problem(ask(client, f"GET /v1/tasks/{broken.id}"), 500, "record_unreadable")["detail"].startswith("Something went wrong")


def test_everything_that_waits_for_agents_is_listed_and_nothing_else(town: Rehearsal, client: TestClient) -> None:
    """Only a hundred messages of each mailbox were looked at, and ended tasks were among them."""
    waiting = [deliver(town, "ada", str(number)).id for number in range(120)]
    coming = town.assign("grace", "coming")
    town.backlog.add("of nobody")
    running, _ = at_work(town, "grace", "running")
    town.tasks.cancel(TaskId(waiting.pop()))

    found = flat(pages(client, "/v1/tasks/pending", "limit=50"))
    first = ask(client, "GET /v1/tasks/pending?limit=500").json["tasks"]

    assert sorted(found) == sorted([*waiting, coming.id])
    assert running.id not in found
    assert {(one["agent_name"], one["state"]) for one in first} == {("ada", "assigned"), ("grace", "pending")}
    assert {one["description"] for one in first} == {str(number) for number in range(119)} | {"coming"}


def test_the_backlog_is_listed_oldest_first_while_it_is_taken_from(town: Rehearsal, client: TestClient) -> None:
    made = [town.backlog.add(str(number)).id for number in range(12)]
    taken = iter(made)

    found = flat(pages(client, "/v1/backlog", "limit=3", lambda: [town.backlog.claim(next(taken), "ada") for _ in range(2)]))

    assert found == made


def test_nothing_is_left_out_of_the_backlog_when_a_whole_page_is_taken(town: Rehearsal, client: TestClient) -> None:
    made = [town.backlog.add(str(number)).id for number in range(6)]
    first = ask(client, "GET /v1/backlog?limit=2").json
    for task in made[:2]:
        town.backlog.remove(task)

    rest = ask(client, f"GET /v1/backlog?cursor={first['next_cursor']}").json

    assert [one["task_id"] for one in rest["backlog"]] == made[2:]
    assert (first["total"], rest["total"]) == (6, 4)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=501", "limit=-1", "limit=ten", "limit=1&limit=2", "cursor=xyz", "cursor=%00", "page=2",
        f"cursor={cursor_after('x')}", f"cursor={cursor_after(['failed', 1, 2])}", f"cursor={cursor_after({'a': 1})}",
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(query: str, path: str, client: TestClient) -> None:
    problem = expect_problem(ask(client, f"GET {path}?{query}"), 422, "validation")

    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("query", ["state=Running", "state=open", "state=", f"cursor={cursor_after(['failed', 5, 'x'])}"])
def test_a_state_that_is_none_and_a_cursor_of_another_list_are_refused(query: str, client: TestClient) -> None:
    expect_problem(ask(client, f"GET /v1/tasks?{query}"), 422, "validation")


def test_the_tasks_of_nobody_are_not_found(client: TestClient) -> None:
    expect_problem(ask(client, "GET /v1/tasks?agent=nobody"), 404, "agent_not_found")
