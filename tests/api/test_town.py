"""The town over HTTP: what it is, who does what, and the truth about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import at_work
from tinytown.domain.worker import Worker
from tinytown.testing import Rehearsal

PUBLISHED = {
    "id", "name", "nickname", "role_id", "parent_agent_id", "spawn_mode", "cli", "state", "rounds_completed", "tasks_completed",
    "inbox_len", "urgent_len", "current_scope",
}  # fmt: skip


def test_an_empty_town_is_not_shown_as_healthy(client: TestClient) -> None:
    answer = ask(client, "GET /v1/status").json

    assert (answer["name"], answer["agent_count"], answer["agents"], answer["workers"]) == ("shop", 0, [], [])
    assert [warning.partition(",")[0] for warning in answer["warnings"]] == ["no worker runs", "no clock runs"]
    assert set(answer["tasks"]["by_state"].values()) == {0}


def test_agents_are_shown_with_what_they_are_at(town: Rehearsal, client: TestClient) -> None:
    town.agents.spawn("ada", cli="shell", role="reviewer")
    task, _ = at_work(town, "ada", "paint the fence\nwith care")
    town.send("ada", "now", urgent=True)
    town.send("ada", "later")
    town.backlog.add("x")
    town.send("supervisor", "help")

    answer = ask(client, "GET /v1/status").json

    agent = answer["agents"][0]
    assert set(agent) >= PUBLISHED
    assert (agent["name"], agent["role_id"], agent["state"], agent["spawn_mode"]) == ("ada", "reviewer", "working", "fresh")
    assert (agent["inbox_len"], agent["urgent_len"], agent["taken_len"], agent["open_tasks"]) == (1, 1, 1, 1)
    assert (agent["current_task"], agent["current_scope"], agent["activity"]) == (task.id, "paint the fence", None)
    assert answer["tasks"]["total"] == 2
    assert (answer["tasks"]["by_state"]["running"], answer["tasks"]["backlog"]) == (1, 1)
    assert answer["supervisor"]["inbox"] == 1


def test_what_an_agent_is_at_is_known_however_many_run(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.store.census._RUNNING", 1)
    for name in ("ada", "grace", "linus"):
        town.spawn(name, cli="shell")
        at_work(town, name, f"work of {name}")

    answer = ask(client, "GET /v1/status").json

    assert {agent["current_scope"] for agent in answer["agents"]} == {"work of ada", "work of grace", "work of linus"}


def test_deep_adds_what_each_did_lately(town: Rehearsal, client: TestClient) -> None:
    """It was accepted, and changed nothing."""
    for name in ("ada", "grace"):
        agent = town.spawn(name, cli="shell")
        for number in range(7):
            town.events.note(agent.id, f"{name} {number}")

    agents = ask(client, "GET /v1/status?deep=true").json["agents"]

    assert agents[0]["activity"] == [f"ada {number}" for number in range(6, 1, -1)]
    assert agents[1]["activity"][0] == "grace 6"


def test_workers_and_the_clock_are_shown(town: Rehearsal, client: TestClient) -> None:
    now = town.desk.store.turns.now_ms()
    worker = Worker(id="w1", host="castle", pid=7, queues=("agents",), concurrency=4, started_at=now, seen_at=now)
    town.desk.store.workers.register(worker, timedelta(seconds=30))
    town.desk.store.leadership.take("castle:9", timedelta(seconds=30))

    answer = ask(client, "GET /v1/status").json

    assert answer["warnings"] == []
    assert (answer["workers"][0]["host"], answer["workers"][0]["draining"]) == ("castle", False)
    assert answer["workers"][0]["seen_at"].endswith("Z")
    assert answer["clock"] == {"leader": "castle:9", "epoch": 1}


def test_of_many_agents_those_that_need_attention_come_first(town: Rehearsal, client: TestClient) -> None:
    for number in range(60):
        town.spawn(f"agent-{number:02}", cli="shell")
    town.agents.interrupt("agent-59")

    few = ask(client, "GET /v1/status?limit=3").json

    assert few["agent_count"] == 60
    assert [agent["name"] for agent in few["agents"]] == ["agent-59", "agent-00", "agent-01"]
    assert (few["agents_by_state"]["paused"], few["agents_by_state"]["starting"]) == (1, 59)


def test_status_costs_few_round_trips_however_large_the_town(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        town.spawn(f"agent-{number}", cli="shell")
    connection, trips = town.desk.store.connection, []
    ask_redis = connection.calls

    def counted(commands: object) -> object:
        trips.append(commands)
        return ask_redis(commands)  # type: ignore[arg-type]

    monkeypatch.setattr(connection, "calls", counted)
    shown = ask(client, "GET /v1/status?deep=true&limit=500").json

    assert len(shown["agents"]) == 40
    assert len(trips) == 3


@pytest.mark.parametrize("query", ["deep=maybe", "deep=", "limit=0", "limit=10001", "wide=true"])
def test_a_query_that_makes_no_sense_is_refused(query: str, client: TestClient) -> None:
    problem = expect_problem(ask(client, f"GET /v1/status?{query}"), 422, "validation")

    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


def test_an_outage_is_no_empty_town(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that was away looked like a town without agents, with status 200."""
    from tinytown.errors import RedisUnavailable

    def gone(*_: object) -> None:
        raise RedisUnavailable("redis://:hunter2@castle", "connection refused")

    monkeypatch.setattr(town.desk.store.connection, "calls", gone)
    monkeypatch.setattr(town.desk.store.connection, "call", gone)

    for path in ("/v1/status", "/v1/tasks", "/v1/tasks/pending", "/v1/backlog", "/v1/events", "/v1/events/stream"):
        refused = ask(client, f"GET {path}")
        expect_problem(refused, 503, "redis_unavailable")
        assert int(refused.headers["retry-after"]) >= 1
        assert "hunter2" not in refused.text
