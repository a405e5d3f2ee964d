"""The turnstile between slow work and the threads of a process."""

from __future__ import annotations

import threading

import pytest

from tests.waiting import wait_until
from tinytown.actors.turnstile import Turnstile


def test_slow_work_takes_no_more_threads_than_it_may() -> None:
    """Whoever comes while all are taken goes at once, and its work is done by those who are at it."""
    gate, begun, done = threading.Event(), [], []

    def work(which: str) -> None:
        begun.append(which)
        gate.wait(10)
        done.append(which)

    turnstile = Turnstile(2, work)
    at_it = [threading.Thread(target=turnstile.come, args=(name,)) for name in ("a", "b")]
    for thread in at_it:
        thread.start()
    wait_until(lambda: sorted(begun) == ["a", "b"])

    turnstile.come("c")
    assert sorted(begun) == ["a", "b"]
    gate.set()
    for thread in at_it:
        thread.join(10)

    assert sorted(done) == ["a", "b", "c"]


def test_an_error_keeps_nobody_waiting(caplog: pytest.LogCaptureFixture) -> None:
    gate, calls = threading.Event(), []

    def work(which: str) -> None:
        calls.append(which)
        gate.wait(10)
        if which == "bad":
            raise ValueError(which)

    turnstile = Turnstile(1, work)
    at_it = threading.Thread(target=turnstile.come, args=("bad",))
    at_it.start()
    wait_until(lambda: calls == ["bad"])
    turnstile.come("good")
    gate.set()
    at_it.join(10)

    assert calls == ["bad", "good"]
    assert "what bad was rung for failed" in caplog.text
