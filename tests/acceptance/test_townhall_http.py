"""HTTP as it goes over the wire: bodies in chunks, bodies that are announced first, and requests that say two things at once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.halls import Hall
from tests.acceptance.household import QUICK, Household
from tests.server import Server

LIMIT = 4096
BODY = b'{"description": "sweep the yard"}'


@pytest.fixture
def hall(place: Path, home: Path, server: Server) -> Iterator[Hall]:
    """A townhall that takes short bodies only."""
    household = Household(place, home, server.url, f"{QUICK}\n[townhall]\nmax_body_bytes = {LIMIT}\n")
    yield Hall(household)
    household.close()


def test_a_body_may_come_in_chunks_without_its_length(hall: Hall) -> None:
    answer = said(hall, b"Transfer-Encoding: chunked", chunked(BODY[:10], BODY[10:]))

    assert answer.startswith(b"HTTP/1.1 201 ")
    assert b"sweep the yard" in answer


def test_chunks_that_grow_too_many_are_refused(hall: Hall) -> None:
    answer = said(hall, b"Transfer-Encoding: chunked", chunked(*[b" " * 1000] * 5, BODY))

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"code":"payload_too_large"' in answer


@pytest.mark.parametrize("chunks", [b"zz\r\n{}\r\n0\r\n\r\n", b"-1\r\n{}\r\n0\r\n\r\n", b"5\r\n{}\r\n0\r\n\r\n", b"2\r\n{}"])
def test_chunks_that_are_none_are_refused(hall: Hall, chunks: bytes) -> None:
    answer = said(hall, b"Transfer-Encoding: chunked", chunks)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer


def test_a_request_that_gives_two_lengths_is_refused(hall: Hall) -> None:
    """What one server takes for the end of a request another takes for its middle."""
    both = said(hall, b"Transfer-Encoding: chunked\r\nContent-Length: 5", chunked(BODY))
    twice = said(hall, b"Content-Length: 33\r\nContent-Length: 5", BODY)

    assert both.startswith(b"HTTP/1.1 400 ")
    assert twice.startswith(b"HTTP/1.1 400 ")


def test_who_announces_a_body_is_told_to_go_on(hall: Hall) -> None:
    with socket.create_connection(hall.place, 10) as caller:
        caller.sendall(head(f"Content-Length: {len(BODY)}\r\nExpect: 100-continue".encode()))
        first = caller.recv(1000)
        caller.sendall(BODY)
        rest = heard(caller)

    assert first.startswith(b"HTTP/1.1 100 ")
    assert b"HTTP/1.1 201 " in first + rest


def test_who_announces_too_long_a_body_need_not_send_it(hall: Hall) -> None:
    with socket.create_connection(hall.place, 10) as caller:
        caller.sendall(head(f"Content-Length: {LIMIT + 1}\r\nExpect: 100-continue".encode()))
        answer = heard(caller)

    assert b" 413 " in answer
    assert b'"code":"payload_too_large"' in answer


def test_garbage_is_answered_with_a_problem(hall: Hall) -> None:
    with socket.create_connection(hall.place, 10) as caller:
        caller.sendall(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        caller.shutdown(socket.SHUT_WR)
        answer = heard(caller)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b"\r\nX-Request-ID: " in answer


def head(*lines: bytes) -> bytes:
    """The beginning of a request that adds to the backlog."""
    fixed = (b"POST /v1/backlog HTTP/1.1", b"Host: localhost", b"Content-Type: application/json", b"Connection: close")
    return b"\r\n".join((*fixed, *lines)) + b"\r\n\r\n"


def chunked(*parts: bytes) -> bytes:
    """The parts as chunks."""
    return b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"


def said(hall: Hall, headers: bytes, body: bytes) -> bytes:
    """The answer to a request with these headers and this body."""
    with socket.create_connection(hall.place, 10) as caller:
        caller.sendall(head(headers) + body)
        caller.shutdown(socket.SHUT_WR)
        return heard(caller)


def heard(caller: socket.socket) -> bytes:
    """All that is said until the other side has had enough."""
    found = b""
    try:
        while piece := caller.recv(65536):
            found += piece
    except ConnectionResetError:  # it closed on what it had not read
        pass
    return found
