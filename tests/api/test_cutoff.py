"""Who sends a body too slowly is cut off; who is quick enough is left alone."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import suppress

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
    ended = False

    with Cutoff().watching(ours, 0.2):
        for _ in range(1_000_000):
            with suppress(BrokenPipeError):
                theirs.send(b".")
            ended = ended or ours.recv(10) == b""
            if ended:
                break

    assert ended


def test_who_was_quick_enough_may_go_on_later(pair: Pair) -> None:
    ours, theirs = pair
    cutoff = Cutoff()
    theirs.send(b"soon")
    with cutoff.watching(ours, 0.05):
        first = ours.recv(10)

    other, silent = socket.socketpair()
    with cutoff.watching(other, 0.3):  # by the end of which the first one's time would have been up
        assert other.recv(10) == b""
    theirs.send(b"later")

    assert (first, ours.recv(10)) == (b"soon", b"later")
    other.close()
    silent.close()


def test_what_is_no_connection_is_left_alone() -> None:
    with Cutoff().watching(None, 0.0) as nothing:
        assert nothing is None
