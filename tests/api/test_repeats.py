"""A request that is repeated is done once; a change names the version that it is about."""

from __future__ import annotations

from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tinytown.testing import Rehearsal

KEY = {"Idempotency-Key": "first try"}


def test_a_repeat_returns_the_first_answer(client: TestClient, town: Rehearsal) -> None:
    first = client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    again = client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    assert (again.status_code, again.json) == (first.status_code, first.json) == (201, first.json)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert len(town.agents.all()) == 1


def test_a_repeat_finds_what_was_made_before_townhall_died(client: TestClient, town: Rehearsal) -> None:
    first = client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)
    connection = town.desk.store.connection
    (kept,) = connection.call("SCAN", 0, "MATCH", "*answer:*", "COUNT", 1000)[1]
    connection.call("DEL", kept)

    again = client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    assert again.status_code == 201
    assert again.json["id"] == first.json["id"]
    assert len(town.agents.all()) == 1


def test_a_key_is_for_one_body(client: TestClient) -> None:
    client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    check_problem(client.simulate_post("/v1/agents", json={"name": "bob"}, headers=KEY), 422, "idempotency_key_reused")


def test_a_request_that_is_under_way_is_not_done_beside_itself(client: TestClient, town: Rehearsal) -> None:
    client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)
    connection = town.desk.store.connection
    (kept,) = connection.call("SCAN", 0, "MATCH", "*answer:*", "COUNT", 1000)[1]
    answered = connection.call("GET", kept)
    connection.call("SET", kept, answered.replace(b'"status":201', b'"status":0'), "PX", 60_000)

    result = client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    check_problem(result, 409, "idempotency_key_in_use")
    assert result.headers["retry-after"] == "1"


def test_a_refused_request_may_be_mended_and_sent_again(client: TestClient) -> None:
    check_problem(client.simulate_post("/v1/agents", json={"name": "supervisor"}, headers=KEY), 422, "invalid_name")

    assert client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY).status_code == 201


def test_what_was_answered_is_kept_for_a_day(client: TestClient, town: Rehearsal) -> None:
    client.simulate_post("/v1/agents", json={"name": "ada"}, headers=KEY)

    connection = town.desk.store.connection
    (kept,) = connection.call("SCAN", 0, "MATCH", "*answer:*", "COUNT", 1000)[1]
    assert 0 <= 24 * 3600 - connection.call("TTL", kept) < 60


def test_a_useless_key_is_refused(client: TestClient) -> None:
    check_problem(client.simulate_post("/v1/agents", json={"name": "ada"}, headers={"Idempotency-Key": "x" * 300}), 422, "validation")


def test_a_record_that_is_known_already_is_not_sent_again(client: TestClient) -> None:
    added = client.simulate_post("/v1/backlog", json={"description": "sweep the floor"}).json
    path = f"/v1/tasks/{added['task_id']}"
    tag = client.simulate_get(path).headers["etag"]

    result = client.simulate_get(path, headers={"If-None-Match": tag})

    assert (result.status_code, result.content) == (304, b"")
