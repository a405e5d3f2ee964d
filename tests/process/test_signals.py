"""A process hears each signal, at once, whatever its threads are at."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tinytown.process import Signals

LISTENER = """
import sys, threading, time
from tinytown.process import Signals

for _ in range(8):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
with Signals(until_eof="eof" in sys.argv) as signals:
    print("ready", flush=True)
    while signals.count < int(sys.argv[1]):
        signals.wait(60)
    print(signals.last, flush=True)
"""


def test_a_signal_ends_a_wait() -> None:
    with Signals() as signals:
        began = time.monotonic()
        os.kill(os.getpid(), signal.SIGTERM)
        signals.wait(30)

        assert (signals.count, signals.last) == (1, "SIGTERM")
        assert time.monotonic() - began < 10


def test_another_thread_may_end_a_wait() -> None:
    with Signals() as signals:
        began = time.monotonic()
        signals.wake()
        signals.wait(30)

        assert signals.count == 0
        assert time.monotonic() - began < 10


def test_the_handlers_of_before_come_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    with Signals():
        during = signal.getsignal(signal.SIGTERM)

    assert signal.getsignal(signal.SIGTERM) is before
    assert during is not before


@pytest.mark.parametrize("ignored", [True, False])
def test_a_terminal_that_goes_counts_unless_nohup_was_asked_for(ignored: bool) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN if ignored else signal.SIG_DFL)

    with Signals() as signals:
        os.kill(os.getpid(), signal.SIGHUP)
        signals.wait(0 if ignored else 30)
        heard = signals.count
    signal.signal(signal.SIGHUP, before)

    assert heard == (0 if ignored else 1)


@pytest.mark.parametrize("time", range(5))
def test_two_signals_at_once_are_both_heard_by_a_process_with_threads(time: int) -> None:
    """The kernel may give them to other threads than the one that waits."""
    with _listener("2") as listener:
        _read_line(listener)

        listener.send_signal(signal.SIGTERM)
        listener.send_signal(signal.SIGINT)

        assert listener.wait(10) == 0


def test_the_end_of_input_counts_as_a_signal_where_that_is_wanted() -> None:
    with _listener("1", "eof") as listener:
        _read_line(listener)
        assert listener.stdin is not None

        listener.stdin.close()

        assert _read_line(listener) == "end of input"
        assert listener.wait(10) == 0


def _listener(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", LISTENER, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def _read_line(listener: subprocess.Popen[bytes]) -> str:
    assert listener.stdout is not None
    return listener.stdout.readline().decode().strip()
