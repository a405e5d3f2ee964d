"""Whatever goes wrong is a problem document, with a code, a request id, and nothing internal."""

from __future__ import annotations

import io
from typing import Any

import pytest
from falcon.testing import Result, TestClient

from tinytown.errors import RedisUnavailable
from tinytown.testing import Rehearsal

JSON = {"Content-Type": "application/json"}


def check_problem(result: Result, status: int, code: str) -> dict[str, Any]:
    """Fail unless the answer is a problem of that kind; its document."""
    said: dict[str, Any] = result.json
    assert result.status_code == status, said
    assert result.headers["content-type"] == "application/problem+json"
    assert said["code"] == code
    assert said["status"] == status
    assert said["type"] == f"https://tinytown.dev/errors/{status}"
    assert said["title"]
    assert said["detail"]
    assert said["request_id"] == result.headers["x-request-id"]
    return said


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    said = check_problem(client.simulate_get("/v1/nothing"), 404, "not_found")

    assert said["instance"] == "/v1/nothing"


def test_a_wrong_method_says_which_are_right(client: TestClient) -> None:
    result = client.simulate_delete("/v1/town")

    check_problem(result, 405, "method_not_allowed")
    assert {"GET", "HEAD"} <= set(result.headers["allow"].split(", "))


def test_an_unknown_member_is_refused_by_name(client: TestClient) -> None:
    said = check_problem(client.simulate_post("/v1/agents", json={"name": "ada", "colour": "red"}), 422, "validation")

    assert said["errors"] == [{"pointer": "/colour", "detail": "There is no such member."}]


@pytest.mark.parametrize(("sent", "pointer"), [({}, "/name"), ({"name": 5}, "/name"), ({"name": None}, "/name"), ([], ""), ("ada", "")])
def test_a_body_that_does_not_fit_is_refused_with_a_pointer(client: TestClient, sent: object, pointer: str) -> None:
    said = check_problem(client.simulate_post("/v1/agents", json=sent), 422, "validation")

    assert said["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"name": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(client: TestClient, body: bytes) -> None:
    result = client.simulate_post("/v1/agents", body=body, headers={**JSON, "Content-Length": str(len(body))})

    check_problem(result, 400, "malformed_json")


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"name": ' * 50_000, b'{"name": 1e999', b"9" * 100_000])
def test_a_body_that_is_made_to_hurt_is_refused(client: TestClient, body: bytes) -> None:
    result = client.simulate_post("/v1/agents", body=body, headers={**JSON, "Content-Length": str(len(body))})

    assert result.status_code in {400, 422}


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""])
def test_a_body_of_another_type_is_refused(client: TestClient, kind: str) -> None:
    check_problem(client.simulate_post("/v1/agents", body="name=ada", headers={"Content-Type": kind}), 415, "unsupported_media_type")


def test_a_body_that_is_too_long_is_refused_before_it_is_read(client: TestClient, town: Rehearsal) -> None:
    limit = town.settings.townhall.max_body_bytes

    result = client.simulate_post("/v1/agents", body=b"x", headers={**JSON, "Content-Length": str(limit + 1)})

    check_problem(result, 413, "payload_too_large")


def test_a_body_that_was_cut_off_is_refused(client: TestClient) -> None:
    result = client.simulate_post("/v1/agents", body=b'{"name"', headers={**JSON, "Content-Length": "100"})

    check_problem(result, 400, "bad_request")


@pytest.mark.parametrize(
    ("broken", "status"), [(ConnectionResetError("gone"), 408), (TimeoutError("silent"), 408), (ValueError("bad chunk"), 400)]
)
def test_a_body_that_cannot_be_read_is_the_callers_affair(client: TestClient, broken: Exception, status: int) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise broken

    answer = client.simulate_post(
        "/v1/backlog", headers={"Content-Type": "application/json", "Transfer-Encoding": "chunked"}, extras={"wsgi.input": Broken()}
    )

    assert answer.status_code == status
    assert answer.headers["Connection"] == "close"


def test_who_accepts_no_json_is_told_so(client: TestClient) -> None:
    check_problem(client.simulate_get("/v1/town", headers={"Accept": "image/png"}), 406, "not_acceptable")


@pytest.mark.parametrize("query", ["colour=red", "limit=5", "a=%ff"])
def test_an_unknown_parameter_is_refused(client: TestClient, query: str) -> None:
    result = client.simulate_get("/v1/town", query_string=query)

    assert result.status_code in {400, 422}
    check_problem(result, result.status_code, "validation" if result.status_code == 422 else "bad_request")


def test_a_broken_townhall_says_nothing_of_its_insides(client: TestClient, town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: str) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(town.agents, "find", broken)

    result = client.simulate_get("/v1/agents/ada")

    check_problem(result, 500, "internal")
    assert "secret" not in result.text


def test_redis_away_is_503_with_the_time_to_try_again(client: TestClient, town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_: str) -> None:
        raise RedisUnavailable("redis://10.0.0.7:6379", "connection refused")

    monkeypatch.setattr(town.agents, "find", away)

    result = client.simulate_get("/v1/agents/ada")

    check_problem(result, 503, "redis_unavailable")
    assert int(result.headers["retry-after"]) >= 1
    assert "10.0.0.7" not in result.text


def test_a_request_id_of_the_callers_own_comes_back(client: TestClient) -> None:
    assert client.simulate_get("/v1/town", headers={"X-Request-ID": "build-17"}).headers["x-request-id"] == "build-17"


@pytest.mark.parametrize("given", ["", "a b", "x" * 500, "line\tbreak", "<script>"])
def test_a_request_id_that_could_do_harm_is_replaced(client: TestClient, given: str) -> None:
    assert client.simulate_get("/v1/town", headers={"X-Request-ID": given}).headers["x-request-id"] != given


def test_advice_about_the_command_line_is_not_for_http(client: TestClient) -> None:
    said = check_problem(client.simulate_get("/v1/agents/eve"), 404, "agent_not_found")

    assert said["detail"] == "no agent named 'eve'"
