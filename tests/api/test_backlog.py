"""The backlog over HTTP: nothing leaves it unless it arrives somewhere."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import deliver
from tinytown.domain.ids import new_task_id
from tinytown.domain.task import TaskState
from tinytown.testing import Rehearsal


@pytest.fixture(autouse=True)
def _agents(town: Rehearsal) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


def test_an_added_task_is_listed_in_its_turn(town: Rehearsal, client: TestClient) -> None:
    made = [ask(client, "POST /v1/backlog", {"description": text, "tags": ["a", "b"]}) for text in ("one", "two")]

    listed = ask(client, "GET /v1/backlog").json

    assert [one.status_code for one in made] == [201, 201]
    assert made[0].headers["location"] == f"/v1/tasks/{made[0].json['task_id']}"
    assert made[0].json["description"] == "one"
    assert listed["backlog"] == [one.json for one in made]
    assert (listed["count"], listed["total"], listed["next_cursor"]) == (2, 2, None)
    assert town.backlog.list()[0].tags == ("a", "b")


def test_a_repeat_with_the_same_key_adds_one_task(town: Rehearsal, client: TestClient) -> None:
    first, again = (ask(client, "POST /v1/backlog", {"description": "one"}, idempotency_key="k") for _ in range(2))

    assert first.json == again.json
    assert town.backlog.length() == 1


@pytest.mark.parametrize("body", [{}, {"description": ""}, {"description": "  "}, {"description": "x", "tags": "a"}, {"text": "x"}])
def test_what_is_no_task_is_refused(body: object, town: Rehearsal, client: TestClient) -> None:
    problem = expect_problem(ask(client, "POST /v1/backlog", body), 422, "invalid_value" if body == {"description": "  "} else "validation")

    assert problem["errors"][0]["pointer"] in {"/description", "/tags", "/text"}

    assert town.backlog.length() == 0


def test_a_claimed_task_is_in_the_mailbox(town: Rehearsal, client: TestClient) -> None:
    task = town.backlog.add("one")

    claimed = ask(client, f"POST /v1/backlog/{task.short_id}/claim", {"agent": "Ada"})

    ada = town.agents.find("ada")
    assert claimed.status_code == 200
    assert (claimed.json["task_id"], claimed.json["state"]) == (task.id, "assigned")
    assert (claimed.json["agent_id"], claimed.json["agent_name"]) == (ada.id, "ada")
    assert [mail.task_id for mail in town.messages.peek("ada")] == [task.id]


@pytest.mark.parametrize("agent", ["nobody", "supervisor", ""])
def test_an_unknown_agent_costs_nothing(agent: str, town: Rehearsal, client: TestClient) -> None:
    """The task had left the backlog before the agent was looked for, and was lost."""
    task = town.backlog.add("one")

    for call in (f"POST /v1/backlog/{task.id}/claim", "POST /v1/backlog/assign-all"):
        expect_problem(ask(client, call, {"agent": agent}), 404, "agent_not_found")

    assert [one.id for one in town.backlog.list()] == [task.id]


def test_what_does_not_lie_there_is_not_claimed(town: Rehearsal, client: TestClient) -> None:
    meant, given = town.assign("ada", "one"), deliver(town, "ada", "two")

    expect_problem(ask(client, f"POST /v1/backlog/{new_task_id()}/claim", {"agent": "grace"}), 404, "task_not_found")
    expect_problem(ask(client, f"POST /v1/backlog/{meant.id}/claim", {"agent": "grace"}), 404, "task_not_found")
    expect_problem(ask(client, f"POST /v1/backlog/{given.id}/claim", {"agent": "grace"}), 409, "wrong_state")

    assert town.tasks.get(given.id) == given


def test_a_version_that_is_gone_is_neither_claimed_nor_removed(town: Rehearsal, client: TestClient) -> None:
    task = town.backlog.add("one")

    for call, body in ((f"POST /v1/backlog/{task.id}/claim", {"agent": "ada"}), (f"DELETE /v1/backlog/{task.id}", None)):
        expect_problem(ask(client, call, body, if_match='"7"'), 412, "version_mismatch")

    assert town.backlog.list() == [task]
    assert ask(client, f"DELETE /v1/backlog/{task.id}", if_match='"1"').status_code == 200


def test_all_of_it_goes_to_one(town: Rehearsal, client: TestClient) -> None:
    tasks = [town.backlog.add(str(number)).id for number in range(5)]

    given = ask(client, "POST /v1/backlog/assign-all", {"agent": "ada"}).json
    again = ask(client, "POST /v1/backlog/assign-all", {"agent": "ada"}).json

    assert (given["assigned"], given["tasks"], given["agent_name"], given["remaining"]) == (5, tasks, "ada", 0)
    assert (again["assigned"], again["tasks"]) == (0, [])
    assert {task.state for task in town.tasks.matching()} == {TaskState.ASSIGNED}


def test_what_there_is_no_time_for_is_left(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time limit cut the work in the middle, and nobody knew where."""
    monkeypatch.setattr("tinytown.api.resources.backlog.MARGIN_SECONDS", 1000)
    town.backlog.add("one")

    given = ask(client, "POST /v1/backlog/assign-all", {"agent": "ada"}).json

    assert (given["assigned"], given["remaining"]) == (0, 1)
    assert town.backlog.length() == 1


def test_a_removed_task_is_gone(town: Rehearsal, client: TestClient) -> None:
    task, meant = town.backlog.add("one"), town.assign("ada", "two")

    removed = ask(client, f"DELETE /v1/backlog/{task.id}")

    assert (removed.status_code, removed.json["removed"], removed.json["task_id"]) == (200, True, task.id)
    for gone in (task.id, meant.id, "nothing"):
        expect_problem(ask(client, f"DELETE /v1/backlog/{gone}"), 404, "task_not_found")
    assert [one.id for one in town.tasks.matching()] == [meant.id]


def test_a_task_whose_record_is_lost_takes_no_other_with_it(town: Rehearsal, client: TestClient) -> None:
    """Tasks were taken out one by one, and an id without a record was dropped in silence."""
    first, lost, last = (town.backlog.add(text).id for text in ("one", "two", "three"))
    town.desk.store.connection.call("DEL", town.desk.store.keys.task(lost))

    answer = ask(client, "POST /v1/backlog/assign-all", {"agent": "ada"})

    assert answer.status_code == 200
    assert {one["id"] for one in ask(client, "GET /v1/tasks?state=assigned").json["tasks"]} == {first, last}
    assert lost in town.desk.store.tasks.backlog()
