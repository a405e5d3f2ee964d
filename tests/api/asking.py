"""Short words for asking townhall, and for what it must refuse."""

from __future__ import annotations

from typing import Any

from falcon.testing import Result, TestClient

__all__ = ["ask", "expect_problem"]


def ask(client: TestClient, call: str, body: Any = None, /, **headers: str) -> Result:
    """Ask for something such as `GET /v1/tasks?limit=1`, with headers such as `if_match`."""
    method, _, target = call.partition(" ")
    path, _, query = target.partition("?")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = {} if body is None else {"json": body}
    return client.simulate_request(method, path, query_string=query, headers={"Host": "localhost", **named}, **content)


def expect_problem(result: Result, status: int, code: str) -> dict[str, Any]:
    """The problem document that an answer must be."""
    assert (result.status_code, result.headers["content-type"]) == (status, "application/problem+json"), result.text
    problem: dict[str, Any] = result.json
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["request_id"] == result.headers["x-request-id"]
    return problem
