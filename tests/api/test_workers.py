"""Workers over HTTP: what each is at, and letting one go."""

from __future__ import annotations

from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.contract.test_workers import heard_of, turn_on
from tinytown.testing import Rehearsal


def test_workers_are_listed_as_the_signal_counts_them(town: Rehearsal, client: TestClient) -> None:
    heard_of(town, "build:1:x", "build:2:x")
    turn_on(town, town.spawn("ada", cli="shell"), "build:1:x")

    listed = ask(client, "GET /v1/workers").json
    one = ask(client, "GET /v1/workers/build:2").json

    assert [(row["id"], row["state"], row["turns"], row["removable"]) for row in listed["workers"]] == [
        ("build:1:x", "busy", 1, False),
        ("build:2:x", "idle", 0, True),
    ]
    assert listed["count"] == 2
    assert one == listed["workers"][1]
    assert ask(client, "GET /api/scaling").json["workers"]["removable_now"] == 1


def test_a_worker_is_asked_to_drain_and_the_audit_knows(town: Rehearsal, client: TestClient) -> None:
    heard_of(town, "build:1:x")

    answer = ask(client, "POST /v1/workers/build/drain")

    assert (answer.status_code, answer.json["id"], answer.json["draining"]) == (202, "build:1:x", True)
    assert ask(client, "GET /v1/workers").json["workers"][0]["state"] == "draining"
    (entry,) = town.audit.recent(1)
    assert [(each.kind, each.id) for each in entry[1].changed] == [("worker", "build:1:x")]


def test_a_busy_worker_is_not_asked_where_only_an_idle_one_may_be(town: Rehearsal, client: TestClient) -> None:
    heard_of(town, "build:1:x")
    turn_on(town, town.spawn("ada", cli="shell"), "build:1:x")

    refused = ask(client, "POST /v1/workers/build/drain", {"only_if_idle": True})

    expect_problem(refused, 409, "worker_busy")
    assert not town.workers.find("build").draining


def test_who_is_not_there_is_a_problem(client: TestClient) -> None:
    expect_problem(ask(client, "GET /v1/workers/nobody"), 404, "worker_not_found")
    expect_problem(ask(client, "POST /v1/workers/nobody/drain"), 404, "worker_not_found")
    expect_problem(ask(client, "POST /v1/workers/nobody/drain", {"only_idle": True}), 422, "validation")
