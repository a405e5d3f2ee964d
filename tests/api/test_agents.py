"""Agents over HTTP: listed by pages, told the truth about, changed only as they were seen."""

from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tinytown.domain.agent import Agent
from tinytown.domain.ids import TaskId
from tinytown.testing import Rehearsal

STEPS = ["kill", "close", "restart", "interrupt", "resume"]


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell", role="backend")


def names(client: TestClient, **query: Any) -> list[str]:
    """The names on one page."""
    return [agent["name"] for agent in client.simulate_get("/v1/agents", params=query).json["agents"]]


def test_a_spawned_agent_is_there_under_its_name(client: TestClient) -> None:
    made = client.simulate_post("/v1/agents", json={"name": "Ada", "cli": "shell", "role_id": "backend", "nickname": "The Countess"})

    shown = client.simulate_get(made.headers["location"])

    assert made.status_code == 201
    assert shown.json | {"agent_id": shown.json["id"]} == made.json
    assert (shown.json["name"], shown.json["cli"], shown.json["role_id"], shown.json["nickname"]) == (
        "ada",
        "shell",
        "backend",
        "The Countess",
    )
    assert (shown.json["state"], shown.json["inbox_len"], shown.json["urgent_len"], shown.json["current_scope"]) == ("starting", 0, 0, None)
    assert shown.headers["etag"] == '"1"'


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"name": ""}, 422, "invalid_name"),
        ({"name": "a b"}, 422, "invalid_name"),
        ({"name": "Supervisor"}, 422, "invalid_name"),
        ({"name": "conductor"}, 422, "invalid_name"),
        ({"name": "x" * 64}, 422, "invalid_name"),
        ({"name": "no\x00name"}, 422, "invalid_name"),
        ({"name": "😀"}, 422, "invalid_name"),
        ({"name": "eve", "nickname": "a/b"}, 422, "invalid_value"),
        ({"name": "eve", "role_id": "two\nlines"}, 422, "invalid_value"),
        ({"name": "eve", "parent_agent_id": "nobody"}, 422, "invalid_value"),
        ({"name": "eve", "parent_agent_id": "supervisor"}, 422, "invalid_value"),
        ({"name": "eve", "cli": ""}, 422, "validation"),
        ({"name": "eve", "cli": "'unclosed"}, 422, "invalid_value"),
        ({"name": "eve", "cly": "shell"}, 422, "validation"),
        ({"name": "eve", "max_rounds": -1}, 422, "validation"),
        ({"name": "eve", "spawn_mode": "magic"}, 422, "validation"),
        ({"name": "ADA"}, 409, "agent_exists"),
    ],
)
def test_what_cannot_be_an_agent_is_refused(client: TestClient, ada: Agent, sent: dict[str, object], status: int, code: str) -> None:
    check_problem(client.simulate_post("/v1/agents", json=sent), status, code)

    assert names(client) == [ada.name]


@pytest.mark.parametrize("reference", ["ada", "ADA", "{id}", "{short}", "{nickname}"])
def test_an_agent_is_found_by_any_of_its_names(client: TestClient, ada: Agent, reference: str) -> None:
    path = reference.format(id=ada.id, short=ada.id[:6], nickname=ada.nickname)

    assert client.simulate_get(f"/v1/agents/{path}").json["id"] == ada.id


def test_a_name_that_could_mean_two_is_no_server_error(client: TestClient, town: Rehearsal) -> None:
    for name in ("bob", "eve"):
        town.agents.spawn(name, cli="shell", nickname="twin")

    said = check_problem(client.simulate_get("/v1/agents/twin"), 409, "ambiguous_reference")

    assert "bob" in said["detail"]
    assert "eve" in said["detail"]


@pytest.mark.parametrize("path", ["nobody", "%00", "..%2f..", "a" * 500, "%F0%9F%98%80", "supervisor", "%ED%A0%80"])
@pytest.mark.parametrize("rest", ["", "/wait", "/result", "/logs", "/activity"])
def test_who_is_not_there_is_not_found(client: TestClient, path: str, rest: str) -> None:
    result = client.simulate_get(f"/v1/agents/{path}{rest}")

    assert result.status_code in {400, 404}
    assert result.headers["content-type"] == "application/problem+json"


def test_pages_hold_everybody_once_while_others_come_and_go(client: TestClient, town: Rehearsal) -> None:
    for number in range(7):
        town.spawn(f"agent-{number}", cli="shell")

    first = client.simulate_get("/v1/agents", params={"limit": 3}).json
    town.spawn("aaa", cli="shell")
    town.agents.kill("agent-0")
    town.recovery.prune()
    second = client.simulate_get("/v1/agents", params={"limit": 3, "cursor": first["next_cursor"]}).json
    third = client.simulate_get("/v1/agents", params={"limit": 3, "cursor": second["next_cursor"]}).json

    seen = [agent["name"] for page in (first, second, third) for agent in page["agents"]]
    assert seen == [f"agent-{number}" for number in range(7)]
    assert [page["count"] for page in (first, second, third)] == [3, 3, 1]
    assert third["next_cursor"] is None
    assert third["total"] == 7


def test_lists_can_be_narrowed(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.spawn("bob", cli="manual")
    town.agents.kill("bob")

    assert names(client, state="stopped") == ["bob"]
    assert names(client, state=["stopped", "starting"]) == ["ada", "bob"]
    assert names(client, role="backend") == ["ada"]
    assert names(client, role="default") == ["bob"]
    assert names(client, cli="manual") == ["bob"]
    assert names(client, state="error") == []


@pytest.mark.parametrize("query", ["state=happy", "limit=0", "limit=501", "limit=ten", "cursor=%21", "cursor=bnVsbA", "limit=1&limit=2"])
def test_a_list_refuses_what_it_cannot_understand(client: TestClient, query: str) -> None:
    check_problem(client.simulate_get("/v1/agents", query_string=query), 422, "validation")


def test_a_kill_says_stopped_when_nothing_runs(client: TestClient, ada: Agent) -> None:
    result = client.simulate_post("/v1/agents/ada/kill")

    assert (result.status_code, result.json["status"], result.json["state"], result.json["agent"]) == (200, "stopped", "stopped", "ada")


@pytest.mark.parametrize("step", ["kill", "close"])
def test_a_stop_never_says_stopped_of_an_agent_that_still_works(client: TestClient, town: Rehearsal, ada: Agent, step: str) -> None:
    town.assign("ada", "a long walk")
    town.answer_bells(lambda _town, _turn: None)

    result = client.simulate_post(f"/v1/agents/ada/{step}")

    assert (result.status_code, result.json["status"], result.json["state"]) == (202, "draining", "draining")
    assert town.agents.find("ada").state == "draining"


def test_a_pause_of_a_running_turn_is_not_done_at_once(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.assign("ada", "a long walk")
    town.answer_bells(lambda _town, _turn: None)

    busy = client.simulate_post("/v1/agents/ada/interrupt")
    again = client.simulate_post("/v1/agents/ada/interrupt")

    assert (busy.status_code, busy.json["status"]) == (202, "paused")
    check_problem(again, 409, "wrong_state")


def test_an_agent_comes_back_from_each_stop(client: TestClient, ada: Agent) -> None:
    steps = [("interrupt", "paused"), ("resume", "idle"), ("kill", "stopped"), ("restart", "starting"), ("close", "stopped")]

    states = [client.simulate_post(f"/v1/agents/ada/{step}").json["state"] for step, _ in steps]

    assert states == [state for _, state in steps]


@pytest.mark.parametrize(("step", "code"), [("resume", "wrong_state"), ("restart", "wrong_state")])
def test_a_step_that_does_not_fit_the_state_is_a_conflict(client: TestClient, ada: Agent, step: str, code: str) -> None:
    check_problem(client.simulate_post(f"/v1/agents/ada/{step}"), 409, code)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_nobody_is_not_found_and_nothing_else(client: TestClient, step: str) -> None:
    check_problem(client.simulate_post(f"/v1/agents/eve/{step}"), 404, "agent_not_found")
    check_problem(client.simulate_post(f"/v1/agents/supervisor/{step}"), 404, "agent_not_found")


@pytest.mark.parametrize("step", STEPS)
def test_a_step_on_what_has_changed_since_does_nothing(client: TestClient, town: Rehearsal, ada: Agent, step: str) -> None:
    before = town.agents.find("ada")

    check_problem(client.simulate_post(f"/v1/agents/ada/{step}", headers={"If-Match": '"99"'}), 412, "version_mismatch")
    check_problem(client.simulate_post(f"/v1/agents/ada/{step}", headers={"If-Match": "W/ 1"}), 412, "precondition_failed")

    assert town.agents.find("ada") == before


def test_a_step_on_what_was_seen_is_done(client: TestClient, ada: Agent) -> None:
    seen = client.simulate_get("/v1/agents/ada").headers["etag"]

    result = client.simulate_post("/v1/agents/ada/kill", headers={"If-Match": seen})

    assert result.status_code == 200
    assert result.headers["etag"] == f'"{result.json["version"]}"' != seen


def test_waiting_ends_when_the_agent_has_stopped(client: TestClient, ada: Agent) -> None:
    client.simulate_post("/v1/agents/ada/kill")

    result = client.simulate_get("/v1/agents/ada/wait", params={"timeout_secs": 5})

    assert (result.status_code, result.json["timed_out"], result.json["state"]) == (200, False, "stopped")


def test_waiting_says_when_the_time_was_up(client: TestClient, ada: Agent) -> None:
    result = client.simulate_get("/v1/agents/ada/wait", params={"timeout_secs": 0.05})

    assert (result.status_code, result.json["timed_out"], result.json["state"]) == (200, True, "starting")


def test_waiting_for_rest_ends_at_once_where_nothing_was_asked(client: TestClient, ada: Agent) -> None:
    assert client.simulate_get("/v1/agents/ada/wait", params={"until": "rest"}).json["timed_out"] is False


def test_the_last_result_is_shown(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    none = client.simulate_get("/v1/agents/ada/result").json
    for text in ("first", "second"):
        town.tasks.complete(_given(town, text), f"{text} done")

    some = client.simulate_get("/v1/agents/ada/result").json

    assert none == {"agent": "ada", "task_id": None, "description": None, "result": None, "completed_at": None}
    assert (some["description"], some["result"]) == ("second", "second done")
    assert some["completed_at"].endswith("Z")


def _given(town: Rehearsal, text: str) -> TaskId:
    task = town.assign("ada", text)
    town.assignments.answer(task.id, str(task.wanted))
    return task.id


def test_pruning_forgets_who_is_stopped_and_says_who_stays(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.spawn("bob", cli="shell")
    town.send("bob", "unread")
    for name in ("ada", "bob"):
        town.agents.kill(name)
    town.spawn("eve", cli="shell")

    first = client.simulate_post("/v1/agents/prune").json
    second = client.simulate_post("/v1/agents/prune", json={"throw_away_mail": True}).json

    assert first == {"removed": 1, "agents": ["ada"], "stayed": [{"name": "bob", "reason": "mail"}]}
    assert second == {"removed": 1, "agents": ["bob"], "stayed": []}
    assert names(client) == ["eve"]


def test_what_an_agent_did_lately_is_shown(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.events.note(ada.id, "went for a walk")

    assert client.simulate_get("/v1/agents/ada/activity").json == {"agent": "ada", "lines": ["went for a walk"]}
