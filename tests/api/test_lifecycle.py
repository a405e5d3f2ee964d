"""Stopping, waiting and repeating over HTTP: the truth at once, and the same truth again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tests.contract.test_scale import Counting
from tinytown.api.app import create_app
from tinytown.api.routes import operations
from tinytown.domain.agent import Agent
from tinytown.errors import RedisUnavailable
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell")


def at_work(town: Rehearsal, name: str = "ada") -> None:
    """Have a turn of the agent begin, and not end."""
    town.assign(name, "a long walk")
    town.answer_bells(lambda _town, _turn: None)


def test_killing_now_ends_the_turn_and_still_waits_for_its_end(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    """A kill never says "stopped" of an agent that still works."""
    at_work(town)

    result = client.simulate_post("/v1/agents/ada/kill", json={"now": True})

    assert (result.status_code, result.json["status"]) == (202, "draining")
    assert [ask for _, ask in town.desk.store.turns.asked([ada.id])] == ["cancel"]


def test_an_agent_at_work_cannot_be_started_once_more(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    """A restart is for an agent that has stopped, whatever others might make of one that works."""
    at_work(town)

    check_problem(client.simulate_post("/v1/agents/ada/restart"), 409, "wrong_state")

    assert town.agents.find("ada").state == "working"


def test_a_restart_takes_new_rounds(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.agents.kill("ada")

    result = client.simulate_post("/v1/agents/ada/restart", json={"max_rounds": 7})

    assert (result.status_code, result.json["status"], result.json["max_rounds"], result.json["rounds_completed"]) == (
        200,
        "restarted",
        7,
        0,
    )


@pytest.mark.parametrize(("until", "timed_out"), [("terminal", True), ("stopped", True), ("rest", False), ("idle", False)])
def test_a_cold_agent_has_not_ended(client: TestClient, town: Rehearsal, ada: Agent, until: str, timed_out: bool) -> None:
    """An agent without a worker waits for mail: nobody who waits for its end is told that this is it."""
    town.clock.at += timedelta(hours=1)
    town.recovery.mark_cold()

    result = client.simulate_get("/v1/agents/ada/wait", params={"until": until, "timeout_secs": 0.05}).json

    assert (result["state"], result["timed_out"]) == ("cold", timed_out)


@pytest.mark.parametrize("query", ["until=later", "timeout_secs=nan", "timeout_secs=-1", "timeout_secs=inf", "timeout_secs=1e9"])
def test_waiting_refuses_what_it_cannot_understand(client: TestClient, ada: Agent, query: str) -> None:
    check_problem(client.simulate_get("/v1/agents/ada/wait", query_string=query), 422, "validation")


def test_an_agent_that_goes_while_one_waits_is_not_found(
    client: TestClient, town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forgotten(*_: object, **__: object) -> list[object]:
        town.recovery.prune(everyone=True)
        return []

    monkeypatch.setattr(town.desk.store.events, "after", forgotten)

    check_problem(client.simulate_get("/v1/agents/ada/wait", params={"timeout_secs": 5}), 404, "agent_not_found")


def test_a_known_agent_is_shown_again_when_its_mailbox_has_filled(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    tag = client.simulate_get("/v1/agents/ada").headers["etag"]
    town.send("ada", "news")

    result = client.simulate_get("/v1/agents/ada", headers={"If-None-Match": tag})

    assert (result.status_code, result.json["inbox_len"], result.headers["etag"]) == (200, 1, tag)


@pytest.mark.parametrize("step", ["kill", "close", "interrupt"])
def test_a_repeat_of_a_step_is_answered_as_the_first_was(client: TestClient, town: Rehearsal, ada: Agent, step: str) -> None:
    seen = client.simulate_get("/v1/agents/ada").headers["etag"]
    headers = {"Idempotency-Key": "k", "If-Match": seen}

    first = client.simulate_post(f"/v1/agents/ada/{step}", headers=headers)
    again = client.simulate_post(f"/v1/agents/ada/{step}", headers=headers)

    assert (again.status_code, again.json, again.headers["etag"]) == (first.status_code, first.json, first.headers["etag"])
    assert (first.status_code, town.agents.find("ada").version) == (200, first.json["version"])


def test_a_step_of_somebody_else_in_between_is_noticed(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    """What one has read is changed only as long as it is so: the steps of others are not overwritten."""
    seen = client.simulate_get("/v1/agents/ada").headers["etag"]
    town.agents.interrupt("ada")

    said = check_problem(client.simulate_post("/v1/agents/ada/kill", headers={"If-Match": seen}), 412, "version_mismatch")

    assert "version 2" in said["detail"]
    assert town.agents.find("ada").state == "paused"


def test_a_page_of_agents_costs_no_more_for_having_more_of_them(town: Rehearsal) -> None:
    """A list does not ask for each of its entries by itself."""
    for number in range(40):
        town.spawn(f"agent-{number:02}", cli="shell")

    def cost(count: int) -> int:
        counting = Counting(town.desk.store.connection)
        client = TestClient(create_app(rehearse(town.name, connection=counting), started_at=0.0), headers={"Host": "localhost"})  # type: ignore[arg-type]  # nobody listens here
        counting.trips = 0
        assert client.simulate_get("/v1/agents", params={"limit": count}).json["count"] == count
        return counting.trips

    assert cost(2) == cost(40) <= 6


@pytest.mark.parametrize("asked", ["GET /v1/agents", "GET /v1/agents/ada", "POST /v1/agents/ada/kill", "GET /v1/dead-letters"])
def test_an_outage_looks_like_an_outage(
    client: TestClient, town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Without Redis there is neither an empty town nor an unknown agent: there is no answer for now."""

    def away(*_: object) -> None:
        raise RedisUnavailable("secret-host:6379", "refused")

    for name in ("call", "calls"):
        monkeypatch.setattr(town.desk.store.connection, name, away)

    result = client.simulate_request(*asked.split())

    said = check_problem(result, 503, "redis_unavailable")
    assert result.headers["retry-after"]
    assert "secret-host" not in said["detail"]


def test_looking_into_a_mailbox_is_no_change_by_either_method() -> None:
    """A read is a read, and not audited as a change, by whatever method it comes."""
    of_old = {operation.id: operation for operation in operations()}["getInboxPost"]

    assert (of_old.method, of_old.changes) == ("POST", False)


@pytest.mark.parametrize("body", [b'"now"', b"[]", b"null", b"{", b'{"now":"yes"}', b'{"then":true}', b'{"now":true}x'])
def test_a_body_that_does_not_fit_stops_nobody(client: TestClient, town: Rehearsal, ada: Agent, body: bytes) -> None:
    result = client.simulate_post("/v1/agents/ada/kill", body=body, headers={"Content-Type": "application/json"})

    assert result.status_code in {400, 422}
    assert result.headers["content-type"] == "application/problem+json"
    assert town.agents.find("ada").state == "starting"
