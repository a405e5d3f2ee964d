"""Streams of events over a real server: they hold few threads, give them back, and never cut an event."""

from __future__ import annotations

import http.client
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.household import QUICK, Household
from tests.server import Server
from tests.waiting import wait_until

SETTINGS = QUICK + "\n[townhall]\nevent_streams = 1\nthreads = 4\n"

APPLICATION = """
import time
from pathlib import Path

from tinytown.api.app import create_app
from tinytown.bootstrap import connect
from tinytown.config import environment

application = create_app(connect(Path.cwd(), environment()), started_at=time.monotonic())
"""

CONFIGURATION = """
import signal


def post_worker_init(worker):
    from tinytown.api.ending import begin_ending

    before = signal.getsignal(signal.SIGTERM)

    def end(*arguments):
        begin_ending()
        before(*arguments)

    signal.signal(signal.SIGTERM, end)
"""

GUNICORN = [
    sys.executable, "-P", "-m", "gunicorn", "--worker-class", "gthread", "--threads", "4", "--bind", "127.0.0.1:0", "--no-control-socket",
    "stage:application",
]  # fmt: skip


class Listener:
    """A client of a stream."""

    def __init__(self, port: int, **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self._connection.request("GET", "/v1/events/stream", headers={name.replace("_", "-"): value for name, value in headers.items()})
        self.response = self._connection.getresponse()
        self.heard = b""

    def hear(self, text: bytes) -> None:
        """Listen until that was said."""
        while text not in self.heard:
            piece = self.response.read1()
            assert piece, f"the stream ended after {self.heard!r}"
            self.heard += piece

    def hear_out(self) -> list[str]:
        """Listen to the end, which must be a proper one; answers what the events said."""
        self.heard += self.response.read()  # raises IncompleteRead when it is cut
        assert self.heard.endswith(b"\n\n")
        return [json.loads(line[6:])["message"] for line in self.heard.decode().splitlines() if line.startswith("data: ")]

    def go(self) -> None:
        """Go away without a word."""
        self.response.close()
        self._connection.close()


class Stage:
    """A server in a town, and those who listen to it."""

    def __init__(self, household: Household) -> None:
        (household.folder / "tinytown.toml").write_text(SETTINGS)
        (household.folder / "stage.py").write_text(APPLICATION)
        (household.folder / "gunicorn.conf.py").write_text(CONFIGURATION)
        self.household = household
        self.program = household.run(*GUNICORN)
        self.program.says("Listening at")
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", self.program.output)
        assert found is not None
        self.port = int(found[1])
        self.listeners: list[Listener] = []

    def listen(self, **headers: str) -> Listener:
        """Open a stream, or be refused."""
        self.listeners.append(Listener(self.port, **headers))
        return self.listeners[-1]

    def listen_at_last(self, **headers: str) -> Listener:
        """Open a stream as soon as there is a place."""

        def opened() -> Listener | None:
            listener = self.listen(**headers)
            return listener if listener.response.status == 200 else None

        found = wait_until(opened, 20, every=0.2)
        assert found is not None
        return found

    def close(self) -> None:
        """End all of it."""
        for listener in self.listeners:
            listener.go()
        if self.program.is_running:
            self.program.terminated()


@pytest.fixture
def stage(household: Household) -> Iterator[Stage]:
    """A server on the private Redis."""
    stage = Stage(household)
    yield stage
    stage.close()


@pytest.fixture
def shaky_stage(shaky: Household) -> Iterator[Stage]:
    """A server on a Redis that the test may stop and start."""
    stage = Stage(shaky)
    yield stage
    stage.close()


def test_a_client_that_goes_away_gives_its_place_to_the_next(stage: Stage) -> None:
    stage.household.spawn("ada")
    first = stage.listen(last_event_id="0")
    first.hear(b"ada was spawned")

    refused = stage.listen()
    stage.household.spawn("grace")
    first.hear(b"grace was spawned")
    seen = stage.household.town.history(2)[0][0]
    first.go()
    second = stage.listen_at_last(last_event_id=seen)

    assert (refused.response.status, refused.response.headers["Retry-After"]) == (503, "5")
    second.hear(b"grace was spawned")
    assert b"ada was spawned" not in second.heard


def test_a_server_that_is_told_to_end_ends_its_streams(stage: Stage) -> None:
    listener = stage.listen()
    listener.hear(b"retry: ")
    stage.household.spawn("ada")
    listener.hear(b"ada was spawned")

    status = stage.program.terminated(15)

    assert status == 0
    assert listener.hear_out() == ["ada was spawned (shell)"]


def test_a_redis_that_goes_away_ends_the_stream_between_two_events(shaky_stage: Stage, own_server: Server) -> None:
    shaky_stage.household.spawn("ada")
    listener = shaky_stage.listen(last_event_id="0")
    listener.hear(b"ada was spawned")

    own_server.kill()
    heard = listener.hear_out()
    while_away = shaky_stage.listen()
    problem = json.loads(while_away.response.read())
    own_server.start()
    shaky_stage.household.spawn("grace")
    shaky_stage.listen_at_last(last_event_id="0").hear(b"grace was spawned")

    assert heard == ["ada was spawned (shell)"]
    assert (while_away.response.status, problem["code"]) == (503, "redis_unavailable")


def test_other_requests_are_answered_while_streams_are_open(stage: Stage, place: Path) -> None:
    stage.listen().hear(b"retry: ")

    for _ in range(5):
        connection = http.client.HTTPConnection("127.0.0.1", stage.port, timeout=5)
        connection.request("GET", "/v1/town")
        assert json.loads(connection.getresponse().read())["root"] == str(place)
        connection.close()
