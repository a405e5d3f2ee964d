"""What is published of the REST plane, behaviour by behaviour, as a caller sees it."""

from __future__ import annotations

import time

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tinytown.api.app import create_app
from tinytown.domain.principal import LOCAL, Principal, Via
from tinytown.domain.scope import Scope
from tinytown.services.key_hash import hashed, matches
from tinytown.store.keys import WORKERS_GROUP
from tinytown.testing import Rehearsal, rehearse

JUNK = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$" + "A" * 43


def client_of(town: Rehearsal) -> TestClient:
    """Whoever calls the townhall of a town."""
    return TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})


def test_an_agent_that_was_spawned_can_be_read(client: TestClient) -> None:
    made = ask(client, "POST /v1/agents", {"name": "ada", "cli": "shell"})

    shown = ask(client, f"GET {made.headers['location']}").json

    assert made.status_code == 201
    assert (shown["name"], shown["cli"], shown["state"]) == ("ada", "shell", "starting")
    assert [one["name"] for one in ask(client, "GET /v1/agents").json["agents"]] == ["ada"]


def test_three_agents_are_listed_with_their_names(client: TestClient) -> None:
    for name in ("ada", "bob", "eve"):
        ask(client, "POST /v1/agents", {"name": name, "cli": "shell"})

    assert sorted(one["name"] for one in ask(client, "GET /v1/agents").json["agents"]) == ["ada", "bob", "eve"]


def test_the_backlog_keeps_its_order_and_its_tags(client: TestClient) -> None:
    for text in ("one", "two"):
        ask(client, "POST /v1/backlog", {"description": text, "tags": [text]})

    listed = ask(client, "GET /v1/backlog").json["backlog"]

    assert [(one["description"], one["tags"]) for one in listed] == [("one", ["one"]), ("two", ["two"])]


def test_a_fresh_town_has_its_name_and_no_agents(client: TestClient) -> None:
    said = ask(client, "GET /v1/status").json

    assert (said["name"], said["agent_count"]) == ("shop", 0)


def test_an_assigned_task_is_one_message_and_is_pending(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    task = ask(client, "POST /v1/tasks/assign", {"agent": "ada", "task": "paint"}).json["task_id"]
    town.answer_bells(lambda _town, _turn: None, most=1)

    (message,) = ask(client, "GET /v1/agents/ada/inbox").json["messages"]
    (pending,) = ask(client, "GET /v1/tasks/pending").json["tasks"]

    assert (message["type"], message["task_id"]) == ("task_assign", task)
    assert (pending["task_id"], pending["description"]) == (task, "paint")


def test_a_message_is_not_urgent_unless_it_is_said_to_be(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")

    sent = ask(client, "POST /v1/messages/send", {"to": "ada", "message": "hello"})

    assert (sent.status_code, sent.json["urgent"]) == (201, False)
    assert ask(client, "GET /v1/agents/ada/inbox").json["total"] == 1


def test_a_sender_is_kept_by_name_and_by_id_and_else_it_is_the_supervisor(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    bob = town.spawn("bob", cli="shell")
    for sender in ({"from": "bob"}, {"from": bob.id}, {}):
        assert ask(client, "POST /v1/messages/send", {"to": "ada", "message": "hello", **sender}).status_code == 201

    messages = ask(client, "GET /v1/agents/ada/inbox").json["messages"]

    assert [one["from_name"] for one in messages] == ["bob", "bob", "supervisor"]


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_mailbox_is_shown_by_both_methods(client: TestClient, town: Rehearsal, method: str) -> None:
    town.spawn("ada", cli="shell")
    town.send("ada", "hello")

    shown = ask(client, f"{method} /v1/agents/ada/inbox")

    assert (shown.status_code, shown.json["agent"], shown.json["total"]) == (200, "ada", 1)


def test_a_task_that_is_removed_from_the_backlog_is_gone(client: TestClient) -> None:
    task = ask(client, "POST /v1/backlog", {"description": "one"}).json["task_id"]

    removed = ask(client, f"DELETE /v1/backlog/{task}")

    assert (removed.status_code, removed.json["removed"], removed.json["task_id"]) == (200, True, task)
    assert ask(client, "GET /v1/backlog").json["backlog"] == []
    expect_problem(ask(client, f"GET /v1/tasks/{task}"), 404, "task_not_found")


def test_a_made_key_is_long_and_its_hash_verifies_it_alone(town: Rehearsal) -> None:
    key = town.api_keys.create("ci", [Scope.TOWN_READ]).text
    known = hashed(key)

    assert len(key) >= 32
    assert known.startswith("$argon2")
    assert (matches(known, key), matches(known, key + "x")) == (True, False)


def test_a_reader_has_one_scope_and_whoever_sits_here_all() -> None:
    reader = Principal(id="key:1", name="reader", scopes=frozenset({Scope.TOWN_READ}), via=Via.NAMED_KEY)

    assert [scope for scope in Scope if reader.may(scope)] == [Scope.TOWN_READ]
    assert all(LOCAL.may(scope) for scope in Scope)


@pytest.mark.parametrize("path", ["/health", "/healthz", "/ready", "/readyz", "/metrics", "/api/scaling"])
def test_probes_ask_for_no_key(path: str) -> None:
    client = client_of(rehearse("shop", townhall={"auth": {"mode": "api_key", "api_key_hash": JUNK}}))

    assert client.simulate_get(path).status_code == 200


def test_protected_paths_ask_for_the_right_key() -> None:
    town = rehearse("shop", townhall={"auth": {"mode": "api_key"}})
    key = town.api_keys.create("ci", [Scope.TOWN_READ]).text
    client = client_of(town)

    expect_problem(ask(client, "GET /v1/status"), 401, "unauthenticated")
    expect_problem(ask(client, "GET /v1/status", authorization=f"Bearer {key}x"), 401, "unauthenticated")
    assert ask(client, "GET /v1/status", authorization=f"Bearer {key}").status_code == 200
    assert ask(client, "GET /v1/town", x_api_key=key).status_code == 200


@pytest.mark.parametrize("path", ["/v1/status", "/v1/agents", "/v1/backlog"])
def test_without_auth_everything_answers(client: TestClient, path: str) -> None:
    assert client.simulate_get(path).status_code == 200


def test_bells_on_a_stream_are_counted_until_they_are_answered() -> None:
    town = rehearse("shop", use_streams=True, townhall={"scale_down_window_secs": 0})
    client, call, docket = client_of(town), town.desk.store.connection.call, town.desk.store.keys.docket
    for name in ("ada", "bob"):
        town.spawn(name, cli="shell")
        town.send(name, "hello")
    call("XGROUP", "CREATE", docket, WORKERS_GROUP, "0")
    ((_, ((entry, _),)),) = call("XREADGROUP", "GROUP", WORKERS_GROUP, "w", "COUNT", 1, "STREAMS", docket, ">")

    during = client.simulate_get("/api/scaling").json
    call("XACK", docket, WORKERS_GROUP, entry)
    after = client.simulate_get("/api/scaling").json

    assert [during[name] for name in ("queue_depth", "pending_tasks", "in_flight_tasks", "desired_agents")] == [2, 1, 1, 2]
    assert [after[name] for name in ("queue_depth", "pending_tasks", "in_flight_tasks", "desired_agents")] == [1, 1, 0, 1]


def test_a_backlog_counts_with_streams_too() -> None:
    """It has no bell, and the last worker must not leave it behind."""
    town = rehearse("shop", use_streams=True)
    town.backlog.add("one")

    said = client_of(town).simulate_get("/api/scaling").json

    assert (said["pending_tasks"], said["scaling_recommendation"]) == (1, "scale_up")


def test_a_stream_whose_only_entry_is_acknowledged_is_no_demand() -> None:
    town = rehearse("shop", use_streams=True, townhall={"scale_down_window_secs": 0})
    ada = town.spawn("ada", cli="shell")
    town.send("ada", "hello")
    call, docket = town.desk.store.connection.call, town.desk.store.keys.docket
    call("XGROUP", "CREATE", docket, WORKERS_GROUP, "0")
    ((_, ((entry, _),)),) = call("XREADGROUP", "GROUP", WORKERS_GROUP, "w", "COUNT", 1, "STREAMS", docket, ">")
    call("XACK", docket, WORKERS_GROUP, entry)
    town.take_turn(ada.id)

    said = client_of(town).simulate_get("/api/scaling").json

    assert [said[name] for name in ("queue_depth", "pending_tasks", "in_flight_tasks", "desired_agents")] == [0, 0, 0, 0]


def test_stopping_all_stops_whoever_is_there(town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")

    stopped = town.agents.stop_all()

    assert [agent.name for agent in stopped] == ["ada"]
    assert town.agents.find("ada").state == "stopped"


def test_a_claimed_task_has_left_the_backlog(client: TestClient, town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")
    task = ask(client, "POST /v1/backlog", {"description": "one"}).json["task_id"]

    claimed = ask(client, f"POST /v1/backlog/{task}/claim", {"agent": "ada"})

    assert claimed.status_code == 200
    assert ask(client, "GET /v1/backlog").json["backlog"] == []
    assert ask(client, "GET /v1/agents/ada/inbox").json["messages"][0]["task_id"] == task


def test_in_a_fresh_town_there_is_nothing_to_recover(client: TestClient) -> None:
    assert ask(client, "POST /v1/recover").json["recovered"] == 0
    assert ask(client, "POST /v1/reclaim", {"to_backlog": True}).json["reclaimed"] == 0
    assert ask(client, "POST /v1/reclaim/orphan-tasks").json["orphans"] == []
