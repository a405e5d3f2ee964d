"""Every operation behind the gate: who gets in, who does not, and what they are told."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
from falcon.testing import Result, TestClient

from tests.api.asking import ask, expect_problem
from tinytown.api.app import create_app
from tinytown.api.operation import Operation
from tinytown.api.routes import operations
from tinytown.domain.scope import Scope
from tinytown.testing import Rehearsal, rehearse

GRANTABLE = set(Scope) - {Scope.ADMIN}
PUBLISHED = {
    None: {"GET /health", "GET /healthz", "GET /ready", "GET /readyz", "GET /metrics", "GET /api/scaling"},
    Scope.TOWN_READ: {
        "GET /v1/town", "GET /v1/status", "GET /v1/agents", "GET /v1/tasks/pending", "GET /v1/backlog", "GET /v1/agents/{agent}/inbox",
        "POST /v1/agents/{agent}/inbox",
    },
    Scope.TOWN_WRITE: {
        "POST /v1/tasks/assign", "POST /v1/backlog", "POST /v1/backlog/{task_id}/claim", "POST /v1/backlog/assign-all",
        "POST /v1/messages/send", "DELETE /v1/backlog/{task_id}",
    },
    Scope.AGENT_MANAGE: {
        "POST /v1/agents", "POST /v1/agents/{agent}/kill", "POST /v1/agents/{agent}/restart", "POST /v1/agents/prune", "POST /v1/recover",
        "POST /v1/reclaim", "POST /v1/reclaim/orphan-tasks", "POST /v1/missions/{mission_id}/stop",
        "POST /v1/missions/{mission_id}/resume", "POST /v1/missions/{mission_id}/complete", "POST /v1/missions/{mission_id}/fail",
        "DELETE /v1/missions/{mission_id}",
    },
}  # fmt: skip
PROTECTED = [operation for operation in operations() if operation.scope is not None]
SIGNED = {"takeGithubWebhook"}
"""They ask for no key, and believe a signature alone."""
OPEN = [operation for operation in operations() if operation.scope is None and operation.id not in SIGNED]

each_protected = pytest.mark.parametrize("operation", PROTECTED, ids=lambda one: f"{one.method} {one.path}")
each_open = pytest.mark.parametrize("operation", OPEN, ids=lambda one: f"{one.method} {one.path}")


class Guarded:
    """A townhall that asks for keys, and some keys."""

    def __init__(self, town: Rehearsal) -> None:
        self.client = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})
        self.only = {scope: town.api_keys.create(f"only-{scope}", [scope]).text for scope in Scope}
        self.without = {scope: town.api_keys.create(f"not-{scope}", GRANTABLE - {scope}).text for scope in GRANTABLE}

    def call(self, operation: Operation, headers: Mapping[str, str] | None = None) -> Result:
        """Call an operation in a way that comes to nothing once the gate was passed."""
        path = operation.path.replace("{", "").replace("}", "")
        return self.client.simulate_request(operation.method, path, query_string="no_such_parameter=1", headers=headers)


@pytest.fixture(scope="module")
def guarded() -> Guarded:
    """One for all operations, for keys take long to make."""
    return Guarded(rehearse(townhall={"auth": {"mode": "api_key", "failed_tries": 10_000}, "rate_limit": {"enabled": False}}))


@each_protected
def test_without_a_key_nobody_gets_in(guarded: Guarded, operation: Operation) -> None:
    missing = guarded.call(operation)
    wrong = guarded.call(operation, {"Authorization": "Bearer tt_000000000000_" + "A" * 43})

    bodies = [expect_problem(answer, 401, "unauthenticated") for answer in (missing, wrong)]

    assert missing.headers["www-authenticate"] == wrong.headers["www-authenticate"] == 'Bearer realm="tinytown"'
    assert [body.pop("request_id") is None for body in bodies] == [False, False]
    assert bodies[0] == bodies[1]


@each_protected
def test_a_key_for_everything_else_does_not_do(guarded: Guarded, operation: Operation) -> None:
    assert operation.scope in GRANTABLE

    answer = guarded.call(operation, {"X-API-Key": guarded.without[operation.scope]})

    assert operation.scope in expect_problem(answer, 403, "forbidden")["detail"]


@each_protected
def test_a_key_for_just_that_does(guarded: Guarded, operation: Operation) -> None:
    assert operation.scope is not None

    for key in (guarded.only[operation.scope], guarded.only[Scope.ADMIN]):
        assert guarded.call(operation, {"Authorization": f"Bearer {key}"}).status_code not in {401, 403}


@each_open
def test_what_is_open_asks_nobody(guarded: Guarded, operation: Operation) -> None:
    answer = ask(guarded.client, f"{operation.method} {operation.path.replace('{token}', 'any')}")

    assert answer.status_code == 200


@pytest.mark.parametrize("scope", PUBLISHED, ids=str)
def test_what_was_published_takes_the_scope_that_was_published(scope: Scope | None) -> None:
    taking = {f"{operation.method} {operation.path}" for operation in operations() if operation.scope is scope}

    assert PUBLISHED[scope] <= taking


def test_nothing_that_changes_the_town_is_open_or_is_for_readers() -> None:
    reading = {Scope.TOWN_READ, Scope.SCALING_READ, None}

    assert {one.id for one in operations() if one.method != "GET" and one.scope in reading} == {"followLogs", "getInboxPost", *SIGNED}


def test_a_revoked_key_stops_as_soon_as_it_is_forgotten() -> None:
    town = rehearse(townhall={"auth": {"mode": "api_key", "remember_secs": 0}})
    client = TestClient(create_app(town, started_at=time.monotonic()))
    key = town.api_keys.create("ci", [Scope.TOWN_READ]).text
    before = ask(client, "GET /v1/town", x_api_key=key)

    town.api_keys.revoke("ci")

    assert before.status_code == 200
    expect_problem(ask(client, "GET /v1/town", x_api_key=key), 401, "unauthenticated")
