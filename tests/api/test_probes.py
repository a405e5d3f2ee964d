"""Probes tell the truth: alive, ready, or why not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask
from tests.api.missioning import begin
from tinytown.errors import RedisUnavailable
from tinytown.testing import Rehearsal


def lead(town: Rehearsal) -> None:
    """Let a clock lead."""
    town.desk.store.connection.call("SET", town.desk.store.keys.leader, "somebody", "PX", 60_000)


@pytest.mark.parametrize("path", ["/health", "/healthz"])
def test_health_says_since_when_the_process_runs(client: TestClient, path: str) -> None:
    result = client.simulate_get(path)

    assert result.status_code == 200
    assert result.json == {"status": "ok", "uptime_secs": 0}


@pytest.mark.parametrize("path", ["/ready", "/readyz"])
def test_a_fresh_town_is_ready(client: TestClient, path: str) -> None:
    said = client.simulate_get(path).json

    assert said.pop("redis_latency_ms") >= 0
    assert said == {"status": "ready", "redis": "connected", "dispatcher": "idle", "clock": "absent", "town": "shop"}


def test_a_leading_clock_is_seen(client: TestClient, town: Rehearsal) -> None:
    lead(town)

    assert client.simulate_get("/ready").json["clock"] == "running"


@pytest.mark.parametrize(("leads", "expected"), [(True, "running"), (False, "stalled")])
def test_missions_that_run_need_a_clock(client: TestClient, town: Rehearsal, leads: bool, expected: str) -> None:
    begin(town, client, "")
    town.answer_bells()
    if leads:
        lead(town)

    assert client.simulate_get("/ready").json["dispatcher"] == expected


@pytest.mark.parametrize("key", ["missions_due", "missions_ticked"])
@pytest.mark.parametrize(("seconds", "expected"), [(60, "running"), (600, "stalled")])
def test_a_clock_that_rings_for_nobody_has_stalled(client: TestClient, town: Rehearsal, key: str, seconds: int, expected: str) -> None:
    """Nobody was told of missions that a running clock, or its worker, had not driven for hours."""
    mission = begin(town, client, "")
    town.answer_bells()
    lead(town)
    then = town.desk.store.turns.now_ms() - seconds * 1000
    town.desk.store.connection.call("ZADD", getattr(town.desk.store.keys, key), then, mission)

    assert client.simulate_get("/ready").json["dispatcher"] == expected


@pytest.mark.parametrize("step", ["pause", "stop", "complete", "fail"])
@pytest.mark.parametrize("leads", [True, False])
def test_a_mission_that_people_hold_or_ended_is_not_stalled(client: TestClient, town: Rehearsal, step: str, leads: bool) -> None:
    """Readiness said stalled of missions that had been stopped on purpose."""
    mission = begin(town, client, "")
    town.answer_bells()
    ask(client, f"POST /v1/missions/{mission}/{step}")
    town.answer_bells()
    if leads:
        lead(town)

    assert client.simulate_get("/ready").json["dispatcher"] == "idle"


def test_redis_away_is_not_ready_and_still_alive(client: TestClient, town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: Sequence[object]) -> None:
        raise RedisUnavailable("redis://10.0.0.7:6379", "connection refused")

    monkeypatch.setattr(town.desk.store.connection, "calls", away)

    result = client.simulate_get("/ready")

    assert result.status_code == 503
    assert result.json == {
        "status": "not_ready", "redis": "disconnected", "dispatcher": "unknown", "town": "shop", "detail": "Redis does not answer."
    }  # fmt: skip
    assert result.headers["retry-after"] == "2"
    assert client.simulate_get("/health").status_code == 200


def test_head_answers_as_get_does(client: TestClient) -> None:
    result = client.simulate_head("/health")

    assert (result.status_code, result.content) == (200, b"")
