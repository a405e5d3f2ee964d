"""Who sends a body too slowly is cut off; who is quick enough is left alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tinytown.api.cutoff import Cutoff

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_reading_ends_when_the_time_is_up(pair: Pair) -> None:
    began = time.monotonic()

    with Cutoff().watching(pair[0], 0.1):
        read = pair[0].recv(10)

    assert read == b""
    assert 0.1 <= time.monotonic() - began < 5


def test_a_byte_now_and_then_does_not_help(pair: Pair) -> None:
    ours, theirs = pair
    read = []

    with Cutoff().watching(ours, 0.2):
        while True:
            theirs.send(b".")
            read.append(ours.recv(10))
            ours.settimeout(5)
            if not read[-1] or len(read) > 1_000_000:
                break

    assert read[-1] == b""


def test_who_was_quick_enough_may_go_on_later(pair: Pair) -> None:
    ours, theirs = pair
    cutoff = Cutoff()
    theirs.send(b"soon")
    with cutoff.watching(ours, 0.1):
        first = ours.recv(10)
    with cutoff.watching(socket.socketpair()[0], 0.2) as nothing:
        later = theirs.send(b"later")

    assert (first, ours.recv(10), later, nothing) == (b"soon", b"later", 5, None)


def test_what_is_no_connection_is_left_alone() -> None:
    with Cutoff().watching(None, 0.0) as nothing:
        assert nothing is None
