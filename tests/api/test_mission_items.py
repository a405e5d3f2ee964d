"""Work items over HTTP: what they wait for is told, and what people decide about them is kept."""

from __future__ import annotations

import time

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.api.missioning import add_issue, add_pull, begin, issue, submit, view
from tinytown.api.app import create_app
from tinytown.domain.agent import Agent
from tinytown.domain.pull_request import CheckState
from tinytown.domain.scope import Scope
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """Who does the work."""
    return town.spawn("ada", cli="shell")


@pytest.fixture
def mission(town: Rehearsal, client: TestClient, ada: Agent) -> str:
    """One whose first item has a pull request that waits for a review; the second waits for the first."""
    mission = begin(town, client, "Say hello.", "Depends on #1.")
    add_pull(town)
    assert submit(town, mission).waiting_on is Waiting.REVIEW
    return mission


def test_an_item_says_what_it_is_and_what_it_waits_for(town: Rehearsal, client: TestClient, mission: str, ada: Agent) -> None:
    first, second = ask(client, f"GET /v1/missions/{mission}/work").json["work_items"]

    assert {name: first[name] for name in ("status", "waiting_on", "waiting_for", "waiting_since", "author", "head", "attempts")} == {
        "status": "blocked", "waiting_on": "review", "waiting_for": "a review at c1", "waiting_since": "2026-01-01T00:00:00Z",
        "author": ada.id, "head": "c1", "attempts": 1,
    }  # fmt: skip
    assert first["pull"] == {"ref": "acme/shop#17", "url": "https://github.com/acme/shop/pull/17"}
    assert (first["body"], first["url"], first["source_ref"]) == ("Say hello.", "https://github.com/acme/shop/issues/1", "acme/shop#1")
    assert (first["task_id"], first["task_kind"], first["reviewer_approved"]) == (None, None, False)
    assert second["depends_on"] == [first["id"]]
    assert second["waiting_on"] == "dependency"


@pytest.mark.parametrize("reference", ["{id}", "{short}", "%231"])
def test_an_item_is_found_by_its_id_or_its_source(reference: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    item = view(town, mission).items[0]

    found = ask(client, f"GET /v1/missions/{mission[:6]}/work/{reference.format(id=item.id, short=item.short_id)}")

    assert found.json["id"] == item.id
    assert found.headers["etag"] == f'"{item.version}"'


def test_items_are_listed_by_their_state(client: TestClient, mission: str) -> None:
    pending = ask(client, f"GET /v1/missions/{mission}/work?status=pending").json
    none = ask(client, f"GET /v1/missions/{mission}/work?status=failed").json

    assert (pending["mission_id"], pending["count"], pending["work_items"][0]["source_ref"]) == (mission, 1, "acme/shop#2")
    assert (none["work_items"], none["count"]) == ([], 0)


def test_what_an_agent_has_begun_is_shown_as_running(town: Rehearsal, client: TestClient, ada: Agent) -> None:
    mission = begin(town, client, "")
    town.answer_bells(most=2)
    turn = town.begin_turn(ada.id)
    assert turn is not None
    town.turns.start(turn, list(turn.tasks))

    shown = ask(client, f"GET /v1/missions/{mission}?include_work=true").json

    assert (shown["work_items"][0]["status"], shown["summary"]["running"], shown["summary"]["assigned"]) == ("running", 1, 0)


@pytest.mark.parametrize("path", ["", "/work/{item}"])
def test_an_item_is_approved_at_its_commit(path: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    item = view(town, mission).items[0]

    approved = ask(client, f"POST /v1/missions/{mission}{path.format(item=item.id)}/approve", {"remark": "fine"})

    shown = approved.json
    assert approved.headers["etag"] == f'"{view(town, mission).items[0].version}"'
    assert (shown["id"], shown["reviewer_approved"], shown["approved_commit"], shown["waiting_on"]) == (item.id, True, "c1", "merge")
    assert shown["review"] == {
        "verdict": "approve", "by": "operator", "at": "2026-01-01T00:00:00Z", "commit": "c1", "remark": "fine"
    }  # fmt: skip
    expect_problem(ask(client, f"POST /v1/missions/{mission}/work/{item.id}/approve"), 409, "wrong_state")


@pytest.mark.parametrize("path", ["", "/work/{item}"])
def test_an_item_is_rejected_and_goes_back_to_its_author(path: str, town: Rehearsal, client: TestClient, mission: str, ada: Agent) -> None:
    item = view(town, mission).items[0]

    rejected = ask(client, f"POST /v1/missions/{mission}{path.format(item=item.id)}/reject", {"reason": "it says goodbye"})
    town.answer_bells(most=1)

    assert rejected.status_code == 200
    again = view(town, mission).items[0]
    assert (again.assigned_to, again.task_kind) == (ada.id, MissionTask.FIX)
    assert again.task_id is not None
    assert "it says goodbye" in town.tasks.get(again.task_id).description


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_no_verdict_without_an_item_that_waits_for_one(verdict: str, town: Rehearsal, client: TestClient, ada: Agent) -> None:
    """An item could be approved in any state, and was done then."""
    mission = begin(town, client, "")
    item = view(town, mission).items[0]
    body = {"reason": "no"} if verdict == "reject" else None

    expect_problem(ask(client, f"POST /v1/missions/{mission}/{verdict}", body), 404, "work_item_not_found")
    expect_problem(ask(client, f"POST /v1/missions/{mission}/work/nothing/{verdict}", body), 404, "work_item_not_found")
    expect_problem(ask(client, f"POST /v1/missions/{mission}/work/{item.id}/{verdict}", body), 409, "wrong_state")
    assert view(town, mission).items == (item,)


def test_several_that_wait_for_a_verdict_have_to_be_named(town: Rehearsal, client: TestClient, ada: Agent) -> None:
    town.spawn("grace", cli="shell")
    mission = begin(town, client, "", "", policy={"max_parallel_items": 2})
    add_pull(town, 17)
    add_pull(town, 18)
    town.answer_bells(most=3)
    for item, pull in zip(view(town, mission).items, (17, 18), strict=True):
        assert item.task_id is not None
        town.tasks.report(item.task_id, f"acme/shop PR https://github.com/acme/shop/pull/{pull}")
    town.answer_bells(lambda _, __: None, most=1)

    expect_problem(ask(client, f"POST /v1/missions/{mission}/approve"), 409, "ambiguous_reference")


@pytest.mark.parametrize("path", ["redirect", "work/{item}/redirect"])
def test_an_item_is_given_to_another_agent(path: str, town: Rehearsal, client: TestClient, ada: Agent) -> None:
    mission = begin(town, client, "")
    town.answer_bells(most=2)
    grace = town.spawn("grace", cli="shell")
    item = view(town, mission).items[0]

    moved = ask(client, f"POST /v1/missions/{mission}/{path.format(item=item.id)}", {"to": "grace", "reason": "ada is away"})

    assert item.assigned_to == ada.id
    assert moved.json["assigned_to"] == grace.id
    expect_problem(ask(client, f"POST /v1/missions/{mission}/redirect", {"to": "nobody"}), 404, "agent_not_found")


def test_what_failed_gets_another_chance(town: Rehearsal, client: TestClient, ada: Agent) -> None:
    mission = begin(town, client, "", "", policy={"max_attempts": 1, "max_parallel_items": 1})
    town.answer_bells(most=2)
    item = view(town, mission).items[0]
    assert item.task_id is not None
    town.tasks.fail(item.task_id, "no idea")
    town.answer_bells(most=1)
    assert view(town, mission).items[0].status is WorkStatus.FAILED

    none = ask(client, f"POST /v1/missions/{mission}/work/none/retry")
    retried = ask(client, f"POST /v1/missions/{mission}/retry").json
    again = ask(client, f"POST /v1/missions/{mission}/retry").json

    expect_problem(none, 404, "work_item_not_found")
    assert (retried["mission_id"], retried["count"], retried["work_items"][0]["status"]) == (mission, 1, "ready")
    assert (again["work_items"], again["count"]) == ([], 0)


def test_an_item_is_done_on_somebodys_word(town: Rehearsal, client: TestClient, mission: str) -> None:
    item = view(town, mission).items[0]
    path = f"/v1/missions/{mission}/work/{item.id}"
    body = {"status": "done", "artifacts": ["https://example.org/a", "https://example.org/a"]}

    done = ask(client, f"PATCH {path}", body, if_match=f'"{item.version}"')
    stale = ask(client, f"PATCH {path}", {"artifacts": ["b"]}, if_match=f'"{item.version}"')

    assert done.json["status"] == "done"
    assert done.json["artifact_refs"].count("https://example.org/a") == 1
    assert done.headers["etag"] == f'"{done.json["version"]}"'
    expect_problem(stale, 412, "version_mismatch")
    expect_problem(ask(client, f"PATCH {path}", {"status": "ready"}), 409, "wrong_state")


@pytest.mark.parametrize("status", ["assigned", "running", "failed", "cancelled", "pending"])
def test_some_states_are_not_for_people_to_set(status: str, client: TestClient, mission: str) -> None:
    problem = expect_problem(ask(client, f"PATCH /v1/missions/{mission}/work/%231", {"status": status}), 422, "invalid_value")

    assert problem["errors"][0]["pointer"] == "/status"


def test_whose_word_it_was_is_kept() -> None:
    town = rehearse("shop", townhall={"auth": {"mode": "api_key"}})
    client = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})
    town.spawn("ada", cli="shell")
    add_pull(town, state=CheckState.PENDING)
    key = town.api_keys.create("marie", [Scope.AGENT_MANAGE, Scope.TOWN_READ]).text
    add_issue(town, 1)
    begun = ask(client, "POST /v1/missions", {"objectives": [issue(1)]}, x_api_key=key).json
    submit(town, begun["mission_id"])

    approved = ask(client, f"POST /v1/missions/{begun['mission_id']}/approve", x_api_key=key)

    assert approved.json["review"]["by"] == "marie"
    assert "marie" in str(ask(client, f"GET /v1/missions/{begun['mission_id']}/events", x_api_key=key).json)
