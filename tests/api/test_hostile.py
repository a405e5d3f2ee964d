"""What no well-meaning client sends: every operation answers it as its document says, and nothing of it breaks townhall."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from urllib.parse import quote

import pytest
from falcon.testing import Result, TestClient

from tests.fuzz.residents import Row, settle
from tinytown.api import routes
from tinytown.api.app import create_app
from tinytown.api.body import Raw
from tinytown.api.openapi import openapi_document
from tinytown.api.operation import Operation
from tinytown.testing import rehearse

OPERATIONS = [*routes.operations()]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE")
JSON = "application/json"

each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
each_with_a_body = pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if operation.signature.body not in {None, Raw}], ids=lambda operation: operation.id
)
each_with_a_path = pytest.mark.parametrize(
    "operation", [operation for operation in OPERATIONS if operation.signature.path], ids=lambda operation: operation.id
)

BAD_BODIES = {
    "nothing": b"",
    "half": b'{"a": ',
    "two": b"{} {}",
    "not UTF-8": b'{"name": "\xff\xfe"}',
    "half a pair": b'{"name": "\\ud800"}',
    "another encoding": '{"name": "ada"}'.encode("utf-16"),
    "a mark": b"\xef\xbb\xbf{}",
    "NaN": b'{"limit": NaN}',
    "a NUL": b'{"name": "\x00"}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 50_000,
    "a list": b"[]",
    "a string": b'"ada"',
    "null": b"null",
    "an unknown member": b'{"\\u0000colour": "red"}',
    "a number of a million digits": b'{"limit": ' + b"9" * 1_000_000 + b"}",
    "a number beyond all floats": b'{"limit": 1e999}',
    "deep, but closed": b'{"name": ' + b"[" * 1000 + b"]" * 1000 + b"}",
}
TURNED_DOWN = {"deleteMission", "reclaim", "redirectMissionWork", "restartAgent", "resumeAgent", "spawnAgent"}
"""Whose examples make sense, but not for the agents and missions that are there."""

ODD_NAMES = ["\x00", "..", "%", "a/b", "\u202e", "🏘", "' OR 1=1", "*", "[a-z]*", "tt:shop:agent", "a" * 5000, "-1", "\n", " "]


@pytest.fixture(scope="module")
def crowded() -> tuple[TestClient, list[Row]]:
    """A townhall that all of these requests are made of, one after the other, and what there is in its town."""
    town = rehearse("shop", townhall={"request_timeout_ms": 1050})
    rows = settle(town)
    return TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"}), rows


@pytest.fixture
def client(crowded: tuple[TestClient, list[Row]]) -> TestClient:
    """Whoever means ill."""
    return crowded[0]


@pytest.fixture(autouse=True)
def _streams_are_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.event_stream.LIFETIME", timedelta(0))


@pytest.mark.parametrize("path", [*routes.paths()])
def test_a_method_that_a_path_has_not_is_refused_with_those_it_has(client: TestClient, path: str) -> None:
    there = {operation.method for operation in routes.paths()[path]}
    there |= {"HEAD"} if "GET" in there else set()

    for method in sorted(set(METHODS) - there):
        answer = client.simulate_request(method, filled(path))
        assert answer.status_code == 405
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(answer.headers["Allow"].split(", ")) == there | {"OPTIONS"}


@pytest.mark.parametrize(
    "path", ["/v2", "/v1", "/v1/agents/a/b/c", "/V1/agents", "/v1//agents", "/.env", "/v1/agents%2f..", "/%00", "/%ff", "/" + "a" * 9000]
)
def test_an_unknown_path_is_not_there(client: TestClient, path: str) -> None:
    answer = client.simulate_get(path)

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json["code"] in {"not_found", "agent_not_found"}


@each_operation
def test_an_unknown_parameter_is_refused(client: TestClient, operation: Operation) -> None:
    answer = ask(client, operation, query_string="colour=red")

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == "colour"


@each_operation
def test_a_query_that_cannot_be_read_is_refused(client: TestClient, operation: Operation) -> None:
    for query in ("limit=%ff", "&".join(f"a{number}=1" for number in range(60))):
        assert ask(client, operation, query_string=query).status_code == 400


@pytest.mark.parametrize(
    "query",
    ["limit=1&limit=2", "limit=1e9", "limit=" + "9" * 5000, "limit=-1", "limit=0x10", "limit=%D9%A1", "limit=", "limit=null", "cursor=%00"],
)
def test_a_parameter_that_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    answer = client.simulate_get("/v1/tasks", query_string=query)

    assert answer.status_code == 422
    assert answer.json["errors"][0]["parameter"] == query.partition("=")[0]


@pytest.mark.parametrize("number", ["nan", "inf", "-inf", "1e400", "infinity"])
def test_no_number_that_is_none_is_waited_for(crowded: tuple[TestClient, list[Row]], number: str) -> None:
    client, (row, *_) = crowded

    answer = client.simulate_get(f"/v1/tasks/{row['task']}/wait", query_string=f"timeout_secs={number}")

    assert answer.status_code == 422


@each_with_a_body
@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_body_that_is_not_what_is_taken_is_refused(client: TestClient, operation: Operation, body: bytes) -> None:
    answer = ask(client, operation, body, content_type=JSON)

    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"] == "application/problem+json"


@each_with_a_body
@pytest.mark.parametrize(
    "content_type",
    ["text/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json-patch", "json", ";"],
)
def test_a_body_of_another_type_is_refused(client: TestClient, operation: Operation, content_type: str) -> None:
    answer = ask(client, operation, b"{}", content_type=content_type)

    assert answer.status_code == 415


def test_of_two_members_with_the_same_name_the_last_one_counts(client: TestClient) -> None:
    answer = client.simulate_post("/v1/backlog", body=b'{"description": "one", "description": "two"}', headers={"Content-Type": JSON})

    assert (answer.status_code, answer.json["description"]) == (201, "two")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json ; charset=UTF-8"])
def test_json_may_be_called_json_in_many_ways(client: TestClient, content_type: str) -> None:
    answer = client.simulate_post("/v1/backlog", body='{"description": "für später"}'.encode(), headers={"Content-Type": content_type})

    assert (answer.status_code, answer.json["description"]) == (201, "für später")


@each_with_a_path
def test_odd_names_lead_nowhere_and_break_nothing(client: TestClient, operation: Operation) -> None:
    documented = openapi_document()["paths"][operation.path][operation.method.lower()]["responses"]

    for name in ODD_NAMES:
        path = "/".join(quote(name, safe="") if part.startswith("{") else part for part in operation.path.split("/"))
        answer = client.simulate_request(operation.method, path)
        assert str(answer.status_code) in documented or answer.status_code in {404, 405}, (name, answer.text)
        assert answer.status_code not in {500, 503}


@each_operation
def test_odd_headers_break_nothing(client: TestClient, operation: Operation) -> None:
    odd = {
        "Accept": ", ;q=x, */*;q=2",
        "If-Match": '"99999999999999999999", W/"1"',
        "If-None-Match": ',"",W/',
        "Idempotency-Key": "é",
        "Last-Event-ID": "-1",
        "X-Request-ID": "a b\tc",
        "Range": "bytes=0-1",
        "Content-Encoding": "gzip",
    }

    answer = client.simulate_request(operation.method, filled(operation.path), headers=odd)

    assert answer.status_code not in {500, 503}
    assert answer.headers["X-Request-ID"] != odd["X-Request-ID"]


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.method == "GET"], ids=lambda operation: operation.id)
def test_head_is_answered_as_get_without_a_body(client: TestClient, operation: Operation) -> None:
    seen = client.simulate_get(filled(operation.path))

    answer = client.simulate_head(filled(operation.path))

    assert answer.content == b""
    assert answer.status_code == seen.status_code
    assert answer.headers.get("Content-Type") == seen.headers.get("Content-Type")


def ask(client: TestClient, operation: Operation, body: bytes | None = None, *, query_string: str = "", content_type: str = "") -> Result:
    """Make a request of an operation."""
    sent = {} if body is None else {"body": body, "headers": {"Content-Type": content_type, "Content-Length": str(len(body))}}
    return client.simulate_request(operation.method, filled(operation.path), query_string=query_string, **sent)


def filled(path: str) -> str:
    """The path of something that is not there."""
    return re.sub(r"{\w+}", "nobody", path)


@pytest.mark.parametrize("operation", [each for each in OPERATIONS if each.signature.body is not Raw], ids=lambda operation: operation.id)
def test_the_example_of_a_request_is_understood(operation: Operation) -> None:
    """The examples that people copy are no mistakes."""
    town = rehearse("shop", townhall={"request_timeout_ms": 1050})
    there = settle(town)[0]
    shown = openapi_document()["paths"][operation.path][operation.method.lower()]
    path = re.sub(r"{(\w+)}", lambda found: there.get(found[1], "x"), operation.path)
    example = shown.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example")
    body = {} if example is None else {"json": example}

    answer = TestClient(create_app(town, started_at=time.monotonic())).simulate_request(
        operation.method, path, headers={"Host": "localhost"}, **body
    )

    assert answer.status_code < 400 or (operation.id in TURNED_DOWN and answer.status_code == 409), answer.text
