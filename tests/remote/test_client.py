"""Asking a townhall: what is asked again, and what answers mean."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tinytown import errors
from tinytown.domain.ids import is_uuid
from tinytown.errors import (
    AgentNotFound,
    Forbidden,
    NotFound,
    RecordUnreadable,
    Refused,
    TownError,
    TownhallUnavailable,
    Unavailable,
    WrongState,
)  # fmt: skip
from tinytown.remote.access import Access
from tinytown.remote.client import Client, segment

Answer = httpx.Response | Exception


class Line:
    """A client, what it asked, how long it waited in between, and what it is answered, in this order."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.asked: list[httpx.Request] = []
        self.pauses: list[float] = []
        self.client = Client(
            Access(url="https://town.example.com/hall", key="hunter2"), httpx.MockTransport(self._answer), pause=self.pauses.append
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def problem(status: int, code: str, detail: str = "so it is", **more: Any) -> httpx.Response:
    return httpx.Response(status, json={"status": status, "code": code, "detail": detail, **more})


FINE = httpx.Response(200, json={"x": 1})
RESET = httpx.ReadError("connection reset by peer")
REFUSED = httpx.ConnectError("[Errno 111] Connection refused")


def test_it_asks_below_the_path_of_the_address_and_shows_the_key() -> None:
    line = Line(FINE)

    found = line.client.get("/v1/agents", dict, {"state": ("idle", "cold"), "deep": True, "cursor": None})

    assert found == {"x": 1}
    assert str(line.asked[0].url) == "https://town.example.com/hall/v1/agents?state=idle&state=cold&deep=true"
    assert line.asked[0].headers["authorization"] == "Bearer hunter2"


@pytest.mark.parametrize("first", [RESET, REFUSED, httpx.Response(502, text="<html>"), httpx.ReadTimeout("")], ids=repr)
def test_what_is_done_once_only_is_asked_again_with_its_key(first: Answer) -> None:
    line = Line(first, FINE)

    line.client.post("/v1/tasks/assign", dict, {"agent": "ada"})

    keys = [request.headers["idempotency-key"] for request in line.asked]
    assert keys[0] == keys[1]
    assert is_uuid(keys[0])


@pytest.mark.parametrize(("first", "again"), [(RESET, False), (REFUSED, True), (httpx.Response(502, text="<html>"), False)], ids=repr)
def test_what_might_be_done_twice_is_asked_again_only_if_it_was_not_heard(first: Answer, again: bool) -> None:
    line = Line(first, FINE)

    try:
        line.client.patch("/v1/missions/m/work/w", dict, {})
    except TownhallUnavailable:
        assert not again

    assert len(line.asked) == 1 + again


def test_the_answer_that_is_still_being_given_is_waited_for() -> None:
    in_use = problem(409, "idempotency_key_in_use")
    line = Line(RESET, in_use, in_use, FINE)

    assert line.client.post("/v1/tasks/assign", dict, {}) == {"x": 1}
    assert line.pauses[1:] == [1.0, 1.0]


def test_too_many_requests_are_made_again_when_townhall_says() -> None:
    busy = httpx.Response(429, json={"code": "too_many_requests", "detail": "later"}, headers={"retry-after": "2"})
    late = httpx.Response(429, json={"code": "too_many_requests", "detail": "much later"}, headers={"retry-after": "60"})
    line = Line(busy, FINE, late)

    line.client.patch("/v1/x", dict, {})
    with pytest.raises(errors.TooManyRequests, match="much later"):
        line.client.get("/v1/x", dict)

    assert line.pauses == [2.0]


def test_it_gives_up_in_the_end() -> None:
    line = Line(RESET, RESET, RESET)

    with pytest.raises(TownhallUnavailable, match=r"https://town.example.com/hall: connection reset by peer"):
        line.client.get("/v1/town", dict)


@pytest.mark.parametrize(
    ("answer", "kind", "sentence"),
    [
        (problem(404, "agent_not_found", "no agent named 'eve'"), AgentNotFound, "no agent named 'eve'; `tt list` shows"),
        (problem(409, "wrong_state", "task 1 is done"), WrongState, "task 1 is done"),
        (problem(403, "forbidden", "this needs a scope"), Forbidden, "this needs a scope"),
        (problem(422, "validation", "The body does not fit.", errors=[{"detail": "too long", "pointer": "/tags/0"}]), Refused,
         "The body does not fit: tags/0: too long"),
        (problem(503, "busy", "all places are taken"), Unavailable, "all places are taken"),
        (problem(418, "teapot", "short and stout"), TownError, "short and stout"),
        (problem(401, "unauthenticated"), errors.Unauthenticated, "TINYTOWN_TOWNHALL_API_KEY"),
        (problem(404, "not_found"), TownhallUnavailable, "its version may be another one"),
        (httpx.Response(404, text="<html>"), TownhallUnavailable, "(404 Not Found) is no townhall"),
        (httpx.Response(301, headers={"location": "https://elsewhere/"}), TownhallUnavailable, "sends us on to https://elsewhere/"),
        (httpx.Response(200, text="<html>"), TownhallUnavailable, "what answers there is no townhall"),
        (httpx.Response(200, json=[1]), RecordUnreadable, "another version"),
    ],
)  # fmt: skip
def test_an_answer_means_the_error_that_it_was_there(answer: httpx.Response, kind: type[TownError], sentence: str) -> None:
    line = Line(answer)

    with pytest.raises(kind) as found:
        line.client.get("/v1/x", dict)

    assert sentence in str(found.value)
    assert (found.value.exit_code, len(line.asked)) == (kind.exit_code, 1)
    assert "hunter2" not in str(found.value)


def test_every_error_of_ours_comes_back_as_its_kind() -> None:
    for name in errors.__all__:
        kind = getattr(errors, name)
        if kind is NotFound:  # its code is that of a path that is not there
            continue
        with pytest.raises(kind) as found:
            Line(problem(400, kind.code)).client.get("/v1/x", dict)
        assert (found.value.code, found.value.exit_code) == (kind.code, kind.exit_code)


@pytest.mark.parametrize("reference", ["", " ", ".", "..", "a/b", "x" * 400, "a\nb", "\udcff"], ids=repr)
def test_what_cannot_be_part_of_a_path_is_not_found(reference: str) -> None:
    with pytest.raises(AgentNotFound):
        segment(reference, AgentNotFound)


def test_anything_else_is_part_of_a_path() -> None:
    assert segment(" Rose [qa]?#% ", NotFound) == "Rose%20%5Bqa%5D%3F%23%25"


def test_the_time_is_that_of_townhall_if_the_clocks_differ() -> None:
    line = Line(httpx.Response(200, json={}, headers={"date": "Fri, 01 Jan 2100 00:00:00 GMT"}), httpx.Response(200, json={}))
    before = line.client.now()

    line.client.get("/v1/town", dict)

    assert (before.year, line.client.now().year) != (2100, before.year)
    assert line.client.now().year == 2100
