"""Whatever is sent to townhall, it is answered, and what it cannot do is refused as a problem document."""

from __future__ import annotations

import io
import json
import time
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from tinytown.api import routes
from tinytown.api.app import create_app
from tinytown.testing import Rehearsal

STANDARD = {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"}
METHODS = STANDARD | {"PROPFIND", "get", ""}
PATHS = {path: {each.method for each in operations} for path, operations in routes.paths().items()}
HEADERS = """X_REQUEST_ID IF_MATCH IDEMPOTENCY_KEY AUTHORIZATION X_API_KEY ACCEPT IF_NONE_MATCH LAST_EVENT_ID ORIGIN COOKIE
    X_FORWARDED_FOR CONTENT_ENCODING EXPECT RANGE X_HTTP_METHOD_OVERRIDE""".split()
VALUES = ["", "x" * 100_000, "\x00", "\xff\xfe", "a\tb", '"' * 1000, "*/*;q=x", "'; DROP TABLE", "${jndi:x}", "%0d%0aX-Evil: 1"]
UNKNOWN = ["/", "", "//", "/v1", "/v2/agents", "/V1/AGENTS", "/v1/agents/ada/../../town", "/v1/agents/ada/x",
    "/%2e%2e/etc/passwd", "/docs/../../etc/passwd", "/v1/\x00", "/" + "a" * 100_000, "/" + "a/" * 5_000, "/\xff\xfe", "*", "/v1/{agent}",
    "http://evil.example/"]  # fmt: skip
NO_JSON = [b"{", b"nul", b'{"name" "eve"}', b'{"name": "eve",}', b"{'name': 'eve'}", b'{"name": "eve"} {}', b"NaN", b"\x00", b"\xff",
    b'{"max_rounds": Infinity}', b'{"name": "\xc3\x28"}', b'{"name": "\xed\xa0\x80"}', b'{"name": "\\ud800"}', b"\xef\xbb\xbf{}",
    '{"name": "eve"}'.encode("utf-16"), b"[" * 200_000, b'{"a":' * 200_000,
    b'{"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"]  # fmt: skip
QUERIES = ["limit=1&limit=2", "limit=1&limit=1", "cursor=&cursor=", "limit=1;limit=2", "limit", "limit[]=1", "=1", "%=1", "limit=%00",
    "limit=%ff", "limit=%ed%a0%80", "role=%c3%28", "a=" + "x" * 100_000, "&".join(f"a{n}=1" for n in range(1000))]  # fmt: skip
SEGMENTS = ["%2F", "a%2Fb", "\x00", "ada\x00", "\xed\xa0\x80", "\xff", "..", "*", "?", "[a-z]*", "a" * 10_000, " ", "\n", "{}", ":",
    "ada:mail", "\xe2\x80\xae", "-1", "\xf0\x9f\x90\x8d", "%", "%zz", "\\", "'", '"', "<script>"]  # fmt: skip
JSON = "application/json"
SPAWN = "/v1/agents"


class Answer:
    """What came of a request that no client would send."""

    def __init__(self, status: str, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status_code = int(status.partition(" ")[0])
        self.headers = {name.lower(): value for name, value in headers}
        self.text = body.decode()

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.text)


class Rude:
    """Calls townhall with anything at all, and has each answer looked at."""

    def __init__(self, town: Rehearsal) -> None:
        self._app = create_app(town, started_at=time.monotonic())

    def __call__(self, method: str, path: str, body: bytes = b"", *, query: str = "", length: str | None = None, **environ: str) -> Answer:
        """Send a request.

        Args:
            path: as it is after its percent signs were taken out, a character for each byte.
            length: the Content-Length, if it is not that of the body; empty: none.
            environ: whatever else the server says of the request.
        """
        said: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "wsgi.input": io.BytesIO(body)}
        said["CONTENT_LENGTH"] = str(len(body)) if length is None else length
        setup_testing_defaults(said)
        begun: list[Any] = []

        def begin(status: str, headers: list[tuple[str, str]], _: Any = None, /) -> Any:
            begun.extend((status, headers))

        pieces = self._app({**said, "HTTP_HOST": "localhost", **environ}, begin)
        return Answer(begun[0], begun[1], b"".join(pieces))


@pytest.fixture
def rude(town: Rehearsal) -> Rude:
    """Somebody who keeps to no rule; an agent is there to be found."""
    town.spawn("ada", cli="shell")
    return Rude(town)


def check_refused(answer: Answer, status: int | None = None, code: str | None = None) -> None:
    """Fail unless it is the caller who is told to be wrong, in a problem document."""
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.status_code == status or status is None
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json
    assert problem["status"] == answer.status_code
    assert problem["code"] == code if code is not None else problem["code"]
    assert problem["request_id"] == answer.headers["x-request-id"]


def spawn(rude: Rude, body: bytes, kind: str = JSON, **environ: str) -> Answer:
    return rude("POST", SPAWN, body, CONTENT_TYPE=kind, **environ)


@pytest.mark.parametrize("path", UNKNOWN, ids=range(len(UNKNOWN)))
def test_an_unknown_path_is_a_problem(rude: Rude, path: str) -> None:
    answer = rude("GET", path)

    check_refused(answer, 404, "not_found")


@pytest.mark.parametrize("path", PATHS)
def test_a_wrong_method_is_a_problem_that_says_which_are_right(rude: Rude, path: str) -> None:
    for method in METHODS - PATHS[path]:
        answer = rude(method, path.replace("{", "").replace("}", ""))

        check_refused(answer)
        assert answer.status_code == 405 or method not in STANDARD
        assert answer.status_code == 400 or PATHS[path] <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize("path", PATHS)
def test_every_path_says_what_may_be_asked_of_it(rude: Rude, path: str) -> None:
    answer = rude("OPTIONS", path)

    assert answer.status_code in {200, 204}
    assert PATHS[path] <= set(answer.headers["allow"].split(", "))


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "application/json5", ";", "a" * 9000, "\xff"]
)
def test_a_body_of_another_type_is_refused(rude: Rude, kind: str) -> None:
    answer = spawn(rude, b'{"name": "eve"}', kind)

    check_refused(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("body", NO_JSON, ids=range(len(NO_JSON)))
def test_what_is_no_json_is_refused(rude: Rude, body: bytes) -> None:
    answer = spawn(rude, body)

    check_refused(answer)
    assert answer.status_code in {400, 422}


@pytest.mark.parametrize("number", ["1e400", "-1e400", "9" * 400, "-" + "9" * 400, "1e-400", "18446744073709551616", "-0.5", "0x10"])
def test_numbers_that_are_none_are_refused(rude: Rude, number: str) -> None:
    check_refused(spawn(rude, b'{"name": "eve", "max_rounds": %s}' % number.encode()))
    check_refused(rude("GET", "/v1/agents", query=f"limit={number}"))


def test_the_last_of_several_members_counts(rude: Rude) -> None:
    """As JSON has it nearly everywhere; what is refused is what does not fit, wherever it stands."""
    answer = spawn(rude, b'{"name": "eve", "cli": "shell", "name": "mallory"}')

    assert (answer.status_code, answer.json["name"]) == (201, "mallory")
    assert [agent["name"] for agent in rude("GET", SPAWN).json["agents"]] == ["ada", "mallory"]


@pytest.mark.parametrize("query", QUERIES, ids=range(len(QUERIES)))
def test_a_query_that_does_not_fit_is_refused(rude: Rude, query: str) -> None:
    check_refused(rude("GET", "/v1/agents", query=query))


@pytest.mark.parametrize("length", ["-1", "x", "1e3", "1" * 30, "0x10", "1, 1", "+5", "5 5", "\xb2"])
def test_a_length_that_is_none_is_refused(rude: Rude, length: str) -> None:
    check_refused(rude("POST", SPAWN, b'{"name": "eve"}', length=length, CONTENT_TYPE=JSON))


def test_a_body_in_chunks_needs_no_length(rude: Rude) -> None:
    chunked = {"CONTENT_TYPE": JSON, "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": "1"}

    answer = rude("POST", SPAWN, b'{"name": "eve", "cli": "shell"}', length="", **chunked)

    assert (answer.status_code, answer.json["name"]) == (201, "eve")


def test_a_body_in_chunks_may_not_be_endless(rude: Rude, town: Rehearsal) -> None:
    body = b" " * (town.settings.townhall.max_body_bytes + 2)

    answer = rude("POST", SPAWN, body, length="", CONTENT_TYPE=JSON, HTTP_TRANSFER_ENCODING="chunked")

    check_refused(answer, 413, "payload_too_large")


@pytest.mark.parametrize("header", HEADERS)
def test_no_header_breaks_anything(rude: Rude, header: str) -> None:
    for value in VALUES:
        for method, path, body in (("GET", "/v1/agents/ada", b""), ("POST", "/v1/backlog", b'{"description": "x"}')):
            answer = rude(method, path, body, **{f"HTTP_{header}": value, "CONTENT_TYPE": JSON})

            assert answer.status_code < 500, (value[:20], answer.text)
            assert answer.status_code < 400 or answer.json["request_id"] == answer.headers["x-request-id"]


@pytest.mark.parametrize("path", [path for path in PATHS if "{" in path and "hirefire" not in path and "missions" not in path])
def test_no_segment_of_a_path_finds_what_it_should_not(rude: Rude, path: str) -> None:
    """Names are taken as they were sent: nothing is looked up by a pattern, and none of them ends in a fault of ours."""
    before, _, rest = path.partition("{")
    method = min(PATHS[path])
    for segment in SEGMENTS:
        target = before + segment + rest.partition("}")[2].replace("{message}", segment)

        check_refused(rude(method, target, b"{}" if method == "POST" else b"", CONTENT_TYPE=JSON))
