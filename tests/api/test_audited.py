"""The audit over HTTP: every change and every refusal, who asked, and no secret."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace

import pytest
from falcon.testing import TestClient
from gunicorn.config import Config

from tests.api.asking import ask, expect_problem
from tinytown.api.app import create_app
from tinytown.api.server.logger import ACCESS_FORMAT, ServerLog
from tinytown.api.shown_paths import shown_path
from tinytown.domain.audit import AuditRecord
from tinytown.domain.scope import Scope
from tinytown.errors import RedisUnavailable
from tinytown.services.api_keys import NewKey
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def town() -> Rehearsal:
    """A town that asks for keys, and lets each caller call three times."""
    limits = {"read_per_minute": 1, "write_per_minute": 1, "burst": 3}
    return rehearse(townhall={"auth": {"mode": "api_key"}, "rate_limit": limits, "hirefire_token": "hire-s3cret"})


@pytest.fixture
def key(town: Rehearsal) -> NewKey:
    """A key that may write and may not manage."""
    return town.api_keys.create("ci", [Scope.TOWN_READ, Scope.TOWN_WRITE])


@pytest.fixture(autouse=True)
def _lines(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.INFO):
        yield


def records(town: Rehearsal) -> list[AuditRecord]:
    """What was written down."""
    return [record for _, record in town.audit.recent(100)]


def test_a_change_is_written_down_with_who_and_what(client: TestClient, town: Rehearsal, key: NewKey) -> None:
    shown = {"X-API-Key": key.text}
    made = client.simulate_post("/v1/backlog", json={"description": "one"}, headers=shown, remote_addr="192.0.2.7")
    task = made.json["task_id"]
    gone = ask(client, f"DELETE /v1/backlog/{task}", x_api_key=key.text)

    first, second = records(town)

    assert (first.principal, first.via, first.address) == (f"key:{key.record.id}", "named_key", "192.0.2.7")
    assert (first.method, first.route, first.path, first.status, first.result) == ("POST", "/v1/backlog", "/v1/backlog", 201, "success")
    assert [(one.kind, one.id) for one in first.changed] == [("task", task)]
    assert (second.route, second.path, second.status) == ("/v1/backlog/{task_id}", f"/v1/backlog/{task}", 200)
    assert [(one.kind, one.id) for one in second.changed] == [("task", task)]
    assert [first.request_id, second.request_id] == [one.headers["x-request-id"] for one in (made, gone)]


def test_refusals_are_written_down(client: TestClient, town: Rehearsal, key: NewKey) -> None:
    answers = [
        ask(client, "GET /v1/town"),
        ask(client, "GET /v1/town", authorization="Bearer nobodys"),
        *(ask(client, "POST /v1/agents", {"name": "x"}, x_api_key=key.text) for _ in range(4)),
    ]

    found = records(town)

    assert [answer.status_code for answer in answers] == [401, 401, 403, 403, 403, 429]
    assert [(one.status, one.result) for one in found] == [(401, "denied")] * 2 + [(403, "denied")] * 3 + [(429, "error")]
    assert [one.principal for one in found] == ["anonymous"] * 2 + [f"key:{key.record.id}"] * 4
    assert [one.request_id for one in found] == [answer.headers["x-request-id"] for answer in answers]
    assert {one.changed for one in found} == {()}


def test_changes_that_came_to_nothing_are_written_down_and_looks_are_not(client: TestClient, town: Rehearsal, key: NewKey) -> None:
    ask(client, "DELETE /v1/backlog/00000000-0000-4000-8000-000000000000", x_api_key=key.text)
    ask(client, "POST /v1/backlog", {"no": "text"}, x_api_key=key.text)
    ask(client, "GET /v1/town", x_api_key=key.text)
    ask(client, "GET /v1/agents/nobody", x_api_key=key.text)

    assert [(one.status, one.result) for one in records(town)] == [(404, "error"), (422, "error")]


@pytest.mark.parametrize("error", [RedisUnavailable("nowhere", "no answer in time"), RuntimeError("broken")])
def test_a_change_that_broke_off_is_written_down(
    client: TestClient, town: Rehearsal, key: NewKey, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whoever ran out of time left no trace, though something may have been done."""

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(town.backlog, "add", fail)

    answer = ask(client, "POST /v1/backlog", {"description": "one"}, x_api_key=key.text)

    (record,) = records(town)
    assert answer.status_code in {500, 503}
    assert (record.status, record.result, record.principal) == (answer.status_code, "error", f"key:{key.record.id}")


@pytest.mark.parametrize("step", ["kill", "close", "interrupt", "restart"])
def test_what_is_done_to_an_agent_names_it(step: str) -> None:
    town = rehearse()
    client = TestClient(create_app(town, started_at=time.monotonic()))
    agent = town.spawn("ada", cli="shell")
    if step == "restart":
        town.agents.kill("ada")

    ask(client, f"POST /v1/agents/ada/{step}")

    (record,) = records(town)
    assert record.status < 300
    assert [(one.kind, one.id) for one in record.changed] == [("agent", agent.id)]
    assert (record.principal, record.via) == ("local", "local")


@pytest.mark.parametrize("step", ["complete", "fail", "cancel", "requeue"])
def test_what_is_done_to_a_task_names_it(step: str) -> None:
    town = rehearse()
    client = TestClient(create_app(town, started_at=time.monotonic()))
    town.spawn("ada", cli="shell")
    task = town.assign("ada", "one")
    town.tasks.deliver(task.id)

    ask(client, f"POST /v1/tasks/{task.short_id}/{step}", {"reason": "no"} if step == "fail" else {})

    (record,) = records(town)
    assert record.status < 300
    assert ("task", task.id) in [(one.kind, one.id) for one in record.changed]


def test_no_secret_is_written_anywhere(client: TestClient, town: Rehearsal, key: NewKey, caplog: pytest.LogCaptureFixture) -> None:
    wrong = key.text[:-4] + "AAAA"
    for secret in (key.text, wrong):
        for headers in ({"x_api_key": secret}, {"authorization": f"Bearer {secret}"}, {"authorization": f"Basic {secret}"}):
            ask(client, "POST /v1/messages/broadcast", {"message": "hello"}, **headers)
        ask(client, f"GET /metrics?api_key={secret}")
        ask(client, f"POST /v1/recover?api_key={secret}")
        ask(client, f"GET /hirefire/{secret}/info")
    ask(client, "GET /hirefire/hire-s3cret/info")

    stream = str(town.desk.store.connection.call("XRANGE", town.desk.store.keys.audit, "-", "+"))
    lines = "\n".join([caplog.text, *(str(line.__dict__) for line in caplog.records)])

    assert "/v1/messages/broadcast" in stream
    assert "/v1/messages/broadcast" in lines
    for secret in (key.text, wrong, key.text[-43:], "hire-s3cret"):
        assert secret not in stream
        assert secret not in lines


@pytest.mark.parametrize("error", [RedisUnavailable("nowhere", "gone"), RuntimeError("broken")])
def test_the_log_of_failures_has_no_token(
    client: TestClient, town: Rehearsal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """HireFire sends it in the path, which such lines name."""

    def fail() -> None:
        raise error

    monkeypatch.setattr(town.scaling, "signal", fail)

    answer = ask(client, "GET /hirefire/hire-s3cret/info")

    assert answer.status_code >= 500
    assert "GET /hirefire/{token}/info" in caplog.text
    assert "hire-s3cret" not in caplog.text


def test_the_access_log_has_no_token_and_no_query() -> None:
    log = ServerLog(Config())
    environ = {
        "PATH_INFO": "/hirefire/hire-s3cret/info",
        "QUERY_STRING": "api_key=s3cret",
        "REQUEST_METHOD": "GET",
        "RAW_URI": "",
        "SERVER_PROTOCOL": "",
    }
    answer = SimpleNamespace(status="200 OK", sent=2, headers=[])

    line = ACCESS_FORMAT % log.atoms(answer, SimpleNamespace(headers=[]), environ, timedelta(0))

    assert '"GET /hirefire/{token}/info" 200' in line
    assert "s3cret" not in line


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/agents/hirefire/x", "/v1/agents/hirefire/x"),
        ("/hirefire/s3cret", "/hirefire/{token}"),
        ("//hirefire//s3cret/info/more", "//hirefire//{token}/info/more"),
        ("/hirefire/", "/hirefire/"),
    ],
)
def test_a_path_is_shown_without_the_token(path: str, shown: str) -> None:
    assert shown_path(path) == shown


def test_each_caller_may_call_so_often_and_reads_and_writes_are_counted_apart(client: TestClient, town: Rehearsal, key: NewKey) -> None:
    other = town.api_keys.create("other", [Scope.TOWN_READ])
    reads = [ask(client, "GET /v1/town", x_api_key=key.text) for _ in range(4)]
    write = ask(client, "POST /v1/backlog", {"description": "one"}, x_api_key=key.text)
    neighbour = ask(client, "GET /v1/town", x_api_key=other.text)

    assert [answer.status_code for answer in reads] == [200, 200, 200, 429]
    assert reads[0].headers["ratelimit-policy"] == '"read";q=3;w=180'
    assert [answer.headers["ratelimit"].split(";")[1] for answer in reads] == ["r=2", "r=1", "r=0", "r=0"]
    assert expect_problem(reads[-1], 429, "too_many_requests")
    assert 0 < int(reads[-1].headers["retry-after"]) <= 60
    assert (write.status_code, write.headers["ratelimit-policy"]) == (201, '"write";q=3;w=180')
    assert neighbour.status_code == 200


def test_a_caller_that_may_not_is_counted_too(client: TestClient, key: NewKey) -> None:
    """Its refusals would otherwise push everything else out of the audit."""
    answers = [ask(client, "POST /v1/recover", x_api_key=key.text).status_code for _ in range(4)]

    assert answers == [403, 403, 403, 429]


def test_what_is_open_is_not_counted(client: TestClient) -> None:
    answers = [ask(client, "GET /health") for _ in range(10)]

    assert {answer.status_code for answer in answers} == {200}
    assert not any("ratelimit" in answer.headers for answer in answers)
