"""Autoscalers are told the truth, or nothing."""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask
from tests.api.missioning import begin, submit
from tests.api.test_problems import check_problem
from tinytown.api.app import create_app
from tinytown.domain.scope import Scope
from tinytown.errors import RedisUnavailable
from tinytown.testing import Rehearsal, rehearse


def signal(client: TestClient, path: str = "/api/scaling") -> Any:
    """What an autoscaler reads."""
    return client.simulate_get(path).json


def client_of(town: Rehearsal) -> TestClient:
    """Whoever calls the townhall of a town."""
    return TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})


def test_a_fresh_town_wants_nobody(client: TestClient) -> None:
    said = signal(client)

    assert (said["town"], said["queue_depth"], said["desired_agents"], said["active"], said["activation_value"]) == ("shop", 0, 0, False, 0)
    assert said["scaling_recommendation"] == "steady"
    assert (said["queue_latency_seconds"], said["oldest_pending_age_seconds"]) == (0.0, 0.0)


def test_work_that_waits_asks_for_workers(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell", role="backend")
    town.assign("ada", "first")
    town.answer_bells(lambda _town, _turn: None, most=1)
    town.backlog.add("second")

    said = signal(client)

    assert (said["queue_depth"], said["pending_tasks"], said["in_flight_tasks"]) == (2, 2, 0)
    assert (said["active_agents"], said["cold_agents"], said["desired_agents"], said["max_agents"]) == (1, 0, 2, 10)
    assert (said["scaling_recommendation"], said["active"], said["activation_value"]) == ("scale_up", True, 2)
    assert signal(client, "/api/scaling?role=backend")["value"] == 1
    assert signal(client, "/api/scaling?role=nobody")["value"] == 0
    assert signal(client, "/api/scaling?queue=agents")["value"] == 1


def test_an_agent_that_was_idle_for_long_wants_nobody() -> None:
    town = rehearse(agent={"idle_timeout_secs": 1})
    client = client_of(town)
    town.spawn("ada", cli="shell")
    town.assign("ada", "first")
    town.answer_bells()
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("ZADD", keys.agents_in("idle"), 1, town.agents.find("ada").id)

    said = signal(client)

    assert (said["queue_depth"], said["active_agents"], said["desired_agents"]) == (0, 1, 0)
    assert said["scaling_recommendation"] == "scale_to_zero"


def test_what_more_workers_cannot_help_is_left_out(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    town.send("ada", "when you are back")
    town.agents.interrupt("ada")

    said = signal(client)

    assert (said["queue_depth"], said["desired_agents"], said["demand_excluded"]["paused"]) == (0, 0, 1)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [("queue=nope", 404, "queue_not_found"), ("queue=agents&role=x", 422, "validation"), ("x=1", 422, "validation")],
)
def test_a_question_that_makes_no_sense_is_refused(client: TestClient, query: str, status: int, code: str) -> None:
    check_problem(client.simulate_get("/api/scaling", query_string=query), status, code)


@pytest.mark.parametrize("path", ["/api/scaling", "/api/scaling?queue=agents", "/hirefire/any/info"])
def test_an_outage_is_never_taken_for_idleness(client: TestClient, town: Rehearsal, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    def away(*_: Sequence[object]) -> None:
        raise RedisUnavailable("redis://10.0.0.7:6379", "connection refused")

    monkeypatch.setattr(town.scaling, "snapshot", away)

    check_problem(client.simulate_get(path), 503, "redis_unavailable")


def test_metrics_say_that_redis_is_away_and_no_number(client: TestClient, town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise RedisUnavailable("redis://10.0.0.7:6379", "connection refused")

    monkeypatch.setattr(town.scaling, "snapshot", away)

    result, partial = client.simulate_get("/metrics"), client.simulate_get("/metrics?partial=true")

    assert (result.status_code, partial.status_code) == (503, 200)
    for text in (result.text, partial.text):
        assert "tinytown_up 1.0\n" in text
        assert "tinytown_ready 0.0\n" in text
        assert "tinytown_tasks" not in text
        assert "10.0.0.7" not in text


def test_hirefire_is_told_in_its_own_form(client: TestClient, town: Rehearsal) -> None:
    town.backlog.add("something")

    assert signal(client, "/hirefire/any/info") == [{"name": "worker", "value": 1.0}]


def test_hirefires_token_is_asked_for_where_there_is_one() -> None:
    client = client_of(rehearse(townhall={"hirefire_token": "s3cret"}))

    assert client.simulate_get("/hirefire/s3cret/info").status_code == 200
    check_problem(client.simulate_get("/hirefire/wrong/info"), 404, "not_found")


@pytest.fixture
def guarded() -> Rehearsal:
    """A town whose probes are not public."""
    return rehearse(townhall={"public_probes": False, "auth": {"mode": "api_key"}})


@pytest.mark.parametrize("path", ["/api/scaling", "/metrics", "/ready", "/readyz"])
def test_probes_can_be_kept_for_those_with_a_key(guarded: Rehearsal, path: str) -> None:
    client, key = client_of(guarded), guarded.api_keys.create("scaler", [Scope.SCALING_READ]).text
    basic = {"Authorization": "Basic " + b64encode(f"scaler:{key}".encode()).decode()}

    check_problem(client.simulate_get(path), 401, "unauthenticated")
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}, basic):
        assert client.simulate_get(path, headers=headers).status_code == 200
    assert client.simulate_get(path, params={"api_key": key}).status_code == 200
    assert client.simulate_get(f"/hirefire/{key}/info").status_code == 200
    assert client.simulate_get("/health").status_code == 200


def test_a_key_for_other_things_reads_no_probe(guarded: Rehearsal) -> None:
    client, key = client_of(guarded), guarded.api_keys.create("reader", [Scope.TOWN_READ], timedelta(days=1)).text

    check_problem(client.simulate_get("/metrics", headers={"X-API-Key": key}), 403, "forbidden")
    check_problem(client.simulate_get(f"/hirefire/{key}/info"), 404, "not_found")
    check_problem(client.simulate_get("/v1/town", params={"api_key": key}), 401, "unauthenticated")


def test_metrics_hold_every_published_family_and_zeros_too(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    town.spawn("bob", cli="shell")
    town.tasks.complete(town.assign("ada", "first").id)
    town.assign("ada", "second")
    town.backlog.add("third")
    begin(town, client, "", "")

    result = client.simulate_get("/metrics")
    lines = set(result.text.splitlines())

    assert result.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert {
        "tinytown_up 1.0", "tinytown_ready 1.0", 'tinytown_agents_total{state="starting"} 2.0', 'tinytown_agents_total{state="error"} 0.0',
        "tinytown_tasks_pending 2.0", "tinytown_tasks_completed_total 1.0", "tinytown_missions_active 1.0",
        'tinytown_missions{state="running"} 1.0', 'tinytown_missions{state="failed"} 0.0',
        "tinytown_missions_asking_for_help 0.0", "tinytown_mission_agents 0.0", "tinytown_mission_references 0.0",
        "tinytown_backlog_tasks 1.0",
        "tinytown_tasks_assigned_pending 1.0", "tinytown_urgent_messages 0.0", 'tinytown_queue_ready{queue="agents"} 0.0',
    } <= lines  # fmt: skip
    assert any(line.startswith("tinytown_redis_latency_seconds ") for line in lines)


def test_metrics_say_what_missions_are_at(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    mission = begin(town, client, "", "", policy={"max_parallel_items": 2})
    submit(town, mission)  # there is no such pull request

    lines = client.simulate_get("/metrics").text.splitlines()
    ask(client, f"POST /v1/missions/{mission}/stop")
    stopped = client.simulate_get("/metrics").text.splitlines()

    assert {"tinytown_missions_active 1.0", "tinytown_missions_asking_for_help 1.0", "tinytown_missions_overdue_seconds 0.0"} <= {*lines}
    assert {"tinytown_missions_active 0.0", "tinytown_missions_asking_for_help 0.0", 'tinytown_missions{state="blocked"} 1.0'} <= {*stopped}


def test_a_total_does_not_fall_when_tasks_are_forgotten(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    done = town.tasks.complete(town.assign("ada", "first").id)

    town.desk.store.tasks.delete(done)

    assert "tinytown_tasks_completed_total 1.0\n" in client.simulate_get("/metrics").text


def test_requests_are_counted_by_route_and_status(client: TestClient) -> None:
    client.simulate_get("/v1/agents/eve")
    client.simulate_get("/v1/agents/bob")
    client.simulate_request("TRACE", "/v1/town")
    client.simulate_get("/nowhere/in/particular")

    text = client.simulate_get("/metrics").text

    assert 'tinytown_http_requests_total{method="GET",route="/v1/agents/{agent}",status="404"} 2.0\n' in text
    assert 'tinytown_http_requests_total{method="other",route="/v1/town",status="405"} 1.0\n' in text
    assert 'tinytown_http_requests_total{method="GET",route="(none)",status="404"} 1.0\n' in text
    assert 'tinytown_http_request_duration_seconds_count{method="GET",route="/v1/agents/{agent}"} 2.0\n' in text
