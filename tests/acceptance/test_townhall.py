"""`townhall`: a server that starts anywhere, and listens to those it should."""

from __future__ import annotations

import json
import socket

import pytest

from tests.acceptance.halls import Hall, folder_of_strangers, get
from tests.acceptance.household import Household
from tests.installed import Installed
from tests.waiting import wait_until
from tinytown.runtime.notice import notice_of


def test_it_says_once_where_it_listens_and_what_it_serves(household: Household) -> None:
    hall = Hall(household)

    health = hall.get("/health")
    agents = hall.get("/v1/agents/nobody")

    assert health.status == 200
    assert agents.status == 404
    assert agents.headers["content-type"] == "application/problem+json"
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

    heard = {address: get(f"http://{f'[{address}]' if ':' in address else address}:{hall.place[1]}/health").status for address in addresses}

    assert heard == dict.fromkeys(addresses, 200)


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


def test_nothing_of_the_working_directory_is_imported(household: Household, installed: Installed) -> None:
    folder_of_strangers(household.folder)
    script = installed.tt.with_name("townhall")

    program = household.run(str(script), "--port", "0", "--town", ".")
    program.says("townhall of town")
    notice = notice_of(household.folder)

    assert notice is not None
    assert notice.url is not None
    assert get(notice.url + "/health").status == 200
    assert program.terminated() == 0


def test_gunicorn_can_be_told_more(household: Household) -> None:
    hall = Hall(household, env={"GUNICORN_CMD_ARGS": "--workers 2 --access-logfile - --config python:evil --chdir / -k sync"})

    hall.get("/health?secret=1")  # which it does not know
    wait_until(lambda: len(hall.workers) == 2)

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
    problem = json.loads(body)
    assert problem["code"] == "headers_too_large"
    assert f"\r\nX-Request-ID: {problem['request_id']}\r\n".encode() in head + b"\r\n"


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


def _is_closed(connection: socket.socket) -> bool:
    connection.settimeout(0.05)
    try:
        return connection.recv(4096) == b""
    except TimeoutError:
        return False
    except OSError:
        return True
