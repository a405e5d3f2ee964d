"""Events over HTTP: read on after any id, wait for the next, follow them as a stream that never cuts one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from falcon.testing import TestClient, create_environ

from tests.api.asking import ask, expect_problem
from tests.waiting import wait_until
from tinytown.api.app import create_app
from tinytown.api.event_stream import EventStream
from tinytown.api.seats import Seats
from tinytown.domain.ids import MissionId
from tinytown.errors import RedisUnavailable
from tinytown.services.chronicle import Chapter
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def seats() -> Seats:
    """Two places."""
    return Seats(2, "streams")


def follow(town: Rehearsal, seats: Seats, last: str = "0-0") -> EventStream:
    """A stream of the town's events."""

    def read(after: str, wait: timedelta) -> Chapter:
        return town.chronicle.after(town.chronicle.stream(), after, 100, wait=min(wait, timedelta(milliseconds=20)))

    return EventStream(read, last, seats.take(), town.desk.clock, lambda: False)


def told(piece: bytes) -> list[dict[str, object]]:
    """The events of a piece, each of which must be whole."""
    assert piece.endswith(b"\n\n")
    frames = [dict(line.split(": ", 1) for line in frame.splitlines()) for frame in piece.decode().removesuffix("\n\n").split("\n\n")]
    return [json.loads(frame["data"]) for frame in frames if "data" in frame]


def test_the_newest_events_are_told_oldest_first(town: Rehearsal, client: TestClient) -> None:
    for name in ("ada", "grace", "linus"):
        town.spawn(name, cli="shell")

    everything = ask(client, "GET /v1/events").json
    newest = ask(client, "GET /v1/events?last=2").json

    assert [event["message"].split()[0] for event in everything["events"]] == ["ada", "grace", "linus"]
    assert newest["events"] == everything["events"][1:]
    assert everything["last_id"] == everything["events"][-1]["id"] == newest["last_id"]
    assert everything["count"] == 3


def test_reading_on_tells_nothing_twice_and_leaves_nothing_out(town: Rehearsal, client: TestClient) -> None:
    for number in range(7):
        town.spawn(f"a{number}", cli="shell")
    seen: list[str] = []
    last = "0"

    for _ in range(5):
        answer = ask(client, f"GET /v1/events?since={last}&limit=2").json
        seen += [event["message"].split()[0] for event in answer["events"]]
        last = answer["last_id"]

    assert seen == [f"a{number}" for number in range(7)]


def test_states_are_written_as_everywhere(town: Rehearsal, client: TestClient) -> None:
    """They were capitalised here and lower-case there."""
    town.spawn("ada", cli="shell")
    town.agents.interrupt("ada")

    event = ask(client, "GET /v1/events?last=1").json["events"][0]

    assert (event["event_type"], event["old_state"], event["new_state"]) == ("agent_interrupted", "starting", "paused")


def test_an_agent_and_a_mission_have_events_of_their_own(town: Rehearsal, client: TestClient) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    raw = connection.call("XRANGE", keys.events, "-", "+")[0][1]
    connection.call("XADD", keys.mission_events(MissionId("m-1")), "*", *raw)

    of_ada = ask(client, "GET /v1/events?agent=Ada").json
    of_mission = ask(client, "GET /v1/events?mission=m-1").json
    of_none = ask(client, "GET /v1/events?mission=m-2").json

    assert [event["agent_id"] for event in of_ada["events"]] == [town.agents.find("ada").id]
    assert of_mission["count"] == 1
    assert (of_none["events"], of_none["last_id"]) == ([], "0-0")


@pytest.mark.parametrize(
    "query",
    ["since=x", "since=1-", "since=-1", "since=%2B", "since=1-1-1", "since=%D9%A1", "since=99999999999999999999", "since=1&last=1",
     "last=-1", "last=501", "agent=ada&mission=m", "wait_secs=-1", "wait_secs=301", "wait_secs=nan", "limit=0", "type=x"],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused(query: str, town: Rehearsal, client: TestClient) -> None:
    town.spawn("ada", cli="shell")

    expect_problem(ask(client, f"GET /v1/events?{query}"), 422, "validation")


def test_events_of_nobody_are_not_found(client: TestClient) -> None:
    for path in ("/v1/events", "/v1/events/stream"):
        expect_problem(ask(client, f"GET {path}?agent=nobody"), 404, "agent_not_found")


def test_a_wait_ends_with_the_first_event(town: Rehearsal, client: TestClient) -> None:
    last = ask(client, "GET /v1/events?last=0").json["last_id"]
    later = threading.Timer(0.2, lambda: town.spawn("ada", cli="shell"))
    later.start()
    begun = time.monotonic()

    answer = ask(client, f"GET /v1/events?since={last}&wait_secs=20").json
    later.join()

    assert [event["event_type"] for event in answer["events"]] == ["agent_spawned"]
    assert time.monotonic() - begun < 10


def test_a_wait_in_vain_ends_in_time(client: TestClient) -> None:
    answer = ask(client, "GET /v1/events?wait_secs=0.05")

    assert (answer.status_code, answer.json["events"]) == (200, [])


def test_waits_and_streams_end_when_townhall_is_to_end(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.call.WHILE_SECONDS", 0.02)
    for name in ("call", "resources.events"):
        monkeypatch.setattr(f"tinytown.api.{name}.is_ending", lambda: True)
    task = town.backlog.add("x")
    begun = time.monotonic()

    waited = ask(client, f"GET /v1/tasks/{task.id}/wait?timeout_secs=60")
    read = ask(client, "GET /v1/events?wait_secs=60")
    followed = ask(client, "GET /v1/events/stream")

    assert (waited.status_code, read.status_code, followed.status_code) == (202, 200, 200)
    assert followed.content == b"retry: 2000\nid: 0-0\n\n"
    assert time.monotonic() - begun < 10


def test_a_stream_begins_where_it_is_told_to(town: Rehearsal, seats: Seats) -> None:
    town.spawn("ada", cli="shell")
    first = town.history(1)[0][0]
    town.spawn("grace", cli="shell")

    stream = follow(town, seats, last=first)
    opening, piece = next(stream), next(stream)

    assert opening == f"retry: 2000\nid: {first}\n\n".encode()
    assert [event["message"] for event in told(piece)] == ["grace was spawned (shell)"]
    assert piece.startswith(f"id: {town.history(1)[0][0]}\nevent: agent_spawned\ndata: {{".encode())


def test_a_text_with_line_breaks_cannot_forge_an_event(town: Rehearsal, seats: Seats) -> None:
    town.spawn("ada", cli="shell")
    town.tasks.deliver(town.assign("ada", "one\r\n\r\nid: 9-9\ndata: {}\u2028").id)

    stream = follow(town, seats)
    events = [event for _ in range(2) for event in told(next(stream))]

    assert [event["event_type"] for event in events] == ["agent_spawned", "task_assigned"]
    assert "id: 9-9" not in str(events[1]["message"])


def test_silence_is_broken_by_comments(town: Rehearsal, seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.event_stream.HEARTBEAT", timedelta(milliseconds=50))
    stream = follow(town, seats)

    pieces = [next(stream) for _ in range(3)]

    assert pieces[1:] == [b": still here\n\n"] * 2


def test_a_stream_ends_by_itself_and_gives_its_place_back(town: Rehearsal, seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.event_stream.LIFETIME", timedelta(milliseconds=50))
    stream = follow(town, seats)
    taken = seats.taken

    rest = list(stream)

    assert (taken, seats.taken) == (1, 0)
    assert len(rest) == 1
    assert list(stream) == []


def test_a_redis_that_goes_away_ends_the_stream_between_two_events(town: Rehearsal, seats: Seats, monkeypatch: pytest.MonkeyPatch) -> None:
    town.spawn("ada", cli="shell")
    stream = follow(town, seats)
    pieces = [next(stream), next(stream)]

    def gone(*_: object) -> None:
        raise RedisUnavailable("redis", "connection refused")

    monkeypatch.setattr(town.desk.store.connection, "call", gone)
    rest = list(stream)

    assert len(told(pieces[1])) == 1
    assert rest == []
    assert seats.taken == 0


def test_a_stream_that_is_closed_or_forgotten_has_no_place(town: Rehearsal, seats: Seats) -> None:
    closed, forgotten = follow(town, seats), follow(town, seats)
    next(closed)

    closed.close()
    closed.close()
    del forgotten

    assert seats.taken == 0
    assert list(closed) == []


def test_streams_have_few_places_and_say_when_all_are_taken() -> None:
    """Each holds a thread: eight of them on eight threads, and nobody else was answered."""
    town = rehearse(townhall={"event_streams": 2})
    client = TestClient(create_app(town, started_at=time.monotonic()))
    with _opened(client), _opened(client):
        refused = ask(client, "GET /v1/events/stream")
        others = ask(client, "GET /v1/events")

    again = ask(client, "HEAD /v1/events/stream")

    expect_problem(refused, 503, "busy")
    assert refused.headers["retry-after"] == "5"
    assert (others.status_code, again.status_code) == (200, 200)
    with _opened(client), _opened(client) as status:
        assert status == "200 OK"


def test_a_stream_resumes_after_the_last_event_that_was_seen(town: Rehearsal, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.api.event_stream.LIFETIME", timedelta(milliseconds=300))
    for name in ("ada", "grace", "linus"):
        town.spawn(name, cli="shell")
    ids = [entry for entry, _ in town.history()]

    by_header = ask(client, f"GET /v1/events/stream?since={ids[1]}", last_event_id=ids[0], accept="text/event-stream")
    by_query = ask(client, f"GET /v1/events/stream?since={ids[1]}")
    from_now = ask(client, "GET /v1/events/stream")

    names = [[str(event["message"]).split()[0] for event in told(answer.content)] for answer in (by_header, by_query, from_now)]
    assert names == [["grace", "linus"], ["linus"], []]
    assert f"id: {ids[2]}\n".encode() in from_now.content
    assert by_header.headers["content-type"] == "text/event-stream"
    assert by_header.headers["x-accel-buffering"] == "no"


@pytest.mark.parametrize("last", ["x", "1-1-1", "$", ">"])
def test_a_last_event_id_that_is_none_is_refused(last: str, client: TestClient) -> None:
    problem = expect_problem(ask(client, "GET /v1/events/stream", last_event_id=last), 422, "validation")

    assert problem["errors"][0]["header"] == "Last-Event-ID"


def test_an_event_that_comes_while_a_stream_is_open_is_told_at_once(town: Rehearsal, client: TestClient) -> None:
    town.spawn("ada", cli="shell")
    pieces: list[bytes] = []
    stream = follow(town, Seats(1, "streams"), last=town.history(1)[0][0])
    listener = threading.Thread(target=lambda: pieces.extend(next(stream) for _ in range(2)))
    listener.start()
    wait_until(lambda: pieces)

    town.spawn("grace", cli="shell")
    listener.join(10)

    assert [event["message"] for event in told(pieces[1])] == ["grace was spawned (shell)"]


@contextmanager
def _opened(client: TestClient) -> Iterator[str]:
    """A stream that is open for as long as the block runs; answers its status."""
    said: list[str] = []

    def start(status: str, *_: object) -> Callable[[bytes], object]:
        said.append(status)
        return lambda _piece: None

    stream = client.app(create_environ("/v1/events/stream", host="localhost"), start)
    assert isinstance(stream, EventStream)
    try:
        assert next(stream).startswith(b"retry: ")
        yield said[0]
    finally:
        stream.close()
