"""`townhall`: a server that starts anywhere, ends well, and outlives its Redis and its workers."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.acceptance.halls import Answer, Hall, folder_of_strangers, get
from tests.acceptance.household import Household
from tests.installed import Installed
from tests.redis_server.processes import is_running, kill
from tests.server import Server
from tests.waiting import wait_until
from tinytown.runtime.notice import notice_of


def test_it_says_once_where_it_listens_and_what_it_serves(household: Household) -> None:
    hall = Hall(household)

    health = hall.get("/health")
    agents = hall.get("/v1/agents/nobody")

    assert health.status == 200
    assert agents.status == 404
    assert agents.headers["Content-Type"] == "application/problem+json"
    (line,) = hall.program.output.splitlines()
    assert f"townhall of town quick listens on {hall.url}, auth none" in line
    assert not hall.url.endswith(":0")
    notice = notice_of(household.folder)
    assert notice is not None
    assert (notice.url, notice.pid) == (hall.url, hall.program.pid)


@pytest.mark.parametrize("bind", ["127.0.0.1", "localhost", "::1", "[::1]", "[::1]:0", "localhost:0", "127.0.0.2:0"])
def test_it_listens_on_names_and_addresses(household: Household, bind: str) -> None:
    hall = Hall(household, "--bind", bind)

    assert hall.get("/health").status == 200
    assert hall.url.startswith(f"http://{bind.removesuffix(':0') if bind != '::1' else '[::1]'}:")


def test_a_name_is_listened_on_by_every_address_it_has(household: Household) -> None:
    hall = Hall(household, "--bind", "localhost")
    addresses = {str(place[0]) for *_, place in socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)}

    answered = {address for address in addresses if socket.create_connection((address, hall.place[1]), 5).close() is None}

    assert answered == addresses


def test_an_address_that_is_taken_is_named(household: Household) -> None:
    first = Hall(household)
    host, port = first.place

    second = Hall(household, "--port", str(port))

    assert second.program.status() == 1
    assert second.program.output.startswith(f"tt: {host}:{port} is taken by another program; end that, or choose another port")
    assert first.get("/health").status == 200


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--bind", "http://localhost"], "is no address"),
        (["--bind", "[::1"], "is no address"),
        (["--bind", "localhost:http"], "is no port"),
        (["--bind", "localhost:70000"], "is no port"),
        (["--bind", "localhost:80", "--port", "81"], "--port says 81"),
        (["--port", "70000"], "70000"),
        (["--port", "no"], "'no'"),
        (["mcp"], "mcp"),
    ],
)
def test_what_makes_no_sense_is_a_mistake_of_the_call(household: Household, options: list[str], complaint: str) -> None:
    program = household.tt("townhall", *options)

    assert program.status() == 2
    assert complaint in program.output


def test_a_request_under_way_is_answered_before_it_ends(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky)
    asked = _while_redis_is_frozen(hall, own_server)

    hall.program.signal(signal.SIGTERM)
    wait_until(lambda: _refuses(hall), 5)
    own_server.cont_signal()

    assert b" 200 OK" in asked()
    assert hall.program.status(10) == 0
    assert notice_of(shaky.folder) is None


def test_ctrl_c_in_its_terminal_lets_requests_finish_too(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky)
    asked = _while_redis_is_frozen(hall, own_server)

    for pid in (hall.program.pid, *_workers(hall)):  # a terminal sends it to all of them
        os.kill(pid, signal.SIGINT)
    wait_until(lambda: _refuses(hall), 5)
    own_server.cont_signal()

    assert b" 200 OK" in asked()
    assert hall.program.status(10) == 0


def test_silent_callers_do_not_hold_up_its_end(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    with socket.create_connection(hall.place, 5), socket.create_connection(hall.place, 5) as halfway:
        halfway.sendall(b"GET /hea")

        assert hall.program.terminated(8) == 0


def test_a_hang_up_gets_new_workers_and_loses_nothing(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    before = _workers(hall)

    hall.program.signal(signal.SIGHUP)
    answers = [hall.get("/health").status for _ in range(20)]
    wait_until(lambda: before.isdisjoint(_workers(hall)) and _workers(hall), 10)

    assert set(answers) == {200}
    assert hall.get("/health").status == 200
    assert hall.program.terminated() == 0


def test_a_worker_that_dies_is_replaced(household: Household) -> None:
    hall = Hall(household, env={"TINYTOWN_TOWNHALL__WORKERS": "2"})
    hall.get("/health")
    wait_until(lambda: len(_workers(hall)) == 2)
    before = _workers(hall)

    for pid in before:
        kill(pid)
    wait_until(lambda: len(_workers(hall)) == 2 and before.isdisjoint(_workers(hall)), 10)

    assert hall.get("/health").status == 200
    assert not any(is_running(pid) for pid in before), "no zombie stays"


def test_nothing_goes_on_when_the_master_is_killed(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    workers = _workers(hall)

    hall.program.kill()

    wait_until(lambda: not any(is_running(pid) for pid in workers), 5)
    assert notice_of(household.folder) is None


def test_it_starts_without_redis_and_serves_when_that_comes(shaky: Household, own_server: Server) -> None:
    own_server.stop()
    hall = Hall(shaky)

    health, ready = hall.get("/health"), hall.get("/ready")
    hall.program.says("waiting for Redis")
    own_server.start()
    back = wait_until(lambda: _ready(hall), 10)

    assert health.status == 200
    assert ready.status == 503
    assert back.status == 200
    own_server.restart()
    assert wait_until(lambda: _ready(hall), 10).status == 200


def test_a_frozen_redis_costs_no_more_than_the_time_of_a_request(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky, env={"TINYTOWN_TOWNHALL__REQUEST_TIMEOUT_MS": "700"})
    assert hall.get("/ready").status == 200

    own_server.stop_signal()
    answer = hall.get("/ready", timeout=3)
    own_server.cont_signal()

    assert answer.status == 503
    assert hall.get("/ready").status == 200


def test_a_redis_of_its_own_is_started(homestead: Household) -> None:
    hall = Hall(homestead)

    assert hall.get("/ready").status == 200


def test_nothing_of_the_working_directory_is_imported(household: Household, installed: Installed) -> None:
    folder_of_strangers(household.folder)
    script = installed.tt.with_name("townhall")

    program = household.run(str(script), "--port", "0", "--town", ".")
    program.says("listens on")
    notice = notice_of(household.folder)

    assert notice is not None
    assert notice.url is not None
    assert get(notice.url + "/health").status == 200
    assert program.terminated() == 0


def test_gunicorn_can_be_told_more(household: Household) -> None:
    hall = Hall(household, env={"GUNICORN_CMD_ARGS": "--workers 2 --access-logfile - --config python:evil --chdir / -k sync"})

    hall.get("/health?secret=1")  # which it does not know
    wait_until(lambda: len(_workers(hall)) == 2)

    hall.program.says('"GET /health" 422')
    assert "secret" not in hall.program.output
    for left_out in ("config", "chdir", "worker_class"):
        assert f"GUNICORN_CMD_ARGS: {left_out} is left out" in hall.program.output


def test_gunicorn_can_be_told_where_to_listen_but_not_against_the_rules(household: Household) -> None:
    path = household.folder / "hall.sock"
    hall = Hall(household, env={"GUNICORN_CMD_ARGS": f"--bind 127.0.0.3:0 --bind unix:{path}"})
    refused = Hall(household, env={"GUNICORN_CMD_ARGS": "--bind 0.0.0.0:0"})
    garbled = Hall(household, env={"GUNICORN_CMD_ARGS": "--no-such-thing"})

    hall.program.says("listens on http://127.0.0.3:")
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(path))
        caller.sendall(b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert b" 200 OK" in caller.recv(4096)
    assert refused.program.status() == 1
    assert "can be reached from other machines" in refused.program.output
    assert garbled.program.status() == 2
    assert "GUNICORN_CMD_ARGS" in garbled.program.output


def test_what_is_no_http_is_answered_with_a_problem(household: Household) -> None:
    hall = Hall(household)
    with socket.create_connection(hall.place, 5) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"x" * 9000 + b"\r\n\r\n")
        answer = b"".join(iter(lambda: caller.recv(65536), b""))

    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 431 ")
    assert b"application/problem+json" in head
    assert json.loads(body)["code"] == "headers_too_large"


def test_callers_who_keep_still_stall_nobody(household: Household) -> None:
    """Silent ones cost nothing; those who stop in the middle of a head cost a thread for a while, of which there are more."""
    hall = Hall(household, env={"TINYTOWN_TOWNHALL__THREADS": "4"})
    hall.get("/health")
    silent = [socket.create_connection(hall.place, 5) for _ in range(40)]
    halfway = [socket.create_connection(hall.place, 5) for _ in range(3)]
    for each in halfway:
        each.sendall(b"GET /health HTTP/1.1\r\nHo")

    answer = hall.get("/health", timeout=2)
    ended = wait_until(lambda: all(_is_closed(each) for each in halfway), 9)

    assert answer.status == 200
    assert ended
    for each in (*silent, *halfway):
        each.close()


def test_any_wsgi_server_can_serve_it(household: Household) -> None:
    program = household.run(
        "python", "-m", "gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "tinytown.api.wsgi:application", env=_on_path()
    )
    program.says("Listening at: http")
    url = program.output.partition("Listening at: ")[2].split()[0]

    assert get(url + "/health").status == 200
    assert get(url + "/ready").status == 200
    assert program.terminated() == 0


def test_the_plain_application_opens_its_town_at_the_first_request(household: Household) -> None:
    code = """
import threading
from wsgiref.util import setup_testing_defaults
from tinytown.api.wsgi import application

def ask(path):
    environ = {"PATH_INFO": path, "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost"}
    setup_testing_defaults(environ)
    said = []
    b"".join(application(environ, lambda status, headers, exc_info=None: said.append(status)))
    statuses.extend(said)

statuses = []
threads = [threading.Thread(target=ask, args=("/ready",)) for _ in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(*statuses, sep=",")
"""
    program = household.run("python", "-P", "-c", code, env=_on_path())
    elsewhere = subprocess.run(
        ["python", "-P", "-c", code], cwd="/", env={**household.env, **_on_path()}, capture_output=True, text=True, check=False
    )

    assert program.status() == 0, program.output
    assert program.output == ",".join(["200 OK"] * 8) + "\n"
    assert elsewhere.stdout == ",".join(["503 Service Unavailable"] * 8) + "\n", "there is no town"


def _on_path() -> dict[str, str]:
    from sys import executable

    return {"PATH": f"{Path(executable).parent}:{os.defpath}"}


def _workers(hall: Hall) -> set[int]:
    text = Path(f"/proc/{hall.program.pid}/task/{hall.program.pid}/children").read_text()
    return {int(pid) for pid in text.split()}


def _while_redis_is_frozen(hall: Hall, server: Server) -> Callable[[], bytes]:
    """Begin a request that cannot be answered until Redis thaws; answers how to get the first line of its answer."""
    assert hall.get("/ready").status == 200
    server.stop_signal()
    caller = socket.create_connection(hall.place, 5)
    caller.sendall(b"GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
    ends = f":{hall.place[1]:04X} 0100007F:{caller.getsockname()[1]:04X} "
    wait_until(lambda: any(ends in line and ":00000000 " in line for line in Path("/proc/net/tcp").read_text().splitlines()), 5)

    def answer() -> bytes:
        with caller, caller.makefile("rb") as lines:
            return lines.readline()

    return answer


def _ready(hall: Hall) -> Answer | None:
    answer = hall.get("/ready")
    return answer if answer.status == 200 else None


def _refuses(hall: Hall) -> bool:
    try:
        socket.create_connection(hall.place, 1).close()
    except ConnectionRefusedError:
        return True
    return False


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.05)
    try:
        return connection.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
