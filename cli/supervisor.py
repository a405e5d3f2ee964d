"""The supervisor under `tt up`: keeps a town's processes running until it is told to end.

honcho prints what they say. Its own manager ends all when one ends, and kills
after five seconds what would still have had mail to put back; a town should
outlive a worker that crashed, and drain.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from signal import SIGINT, SIGTERM
from signal import Signals as Number
from subprocess import PIPE, STDOUT, Popen
from typing import Protocol

from tinytown.clock import SystemClock
from tinytown.process import Signals
from tinytown.runtime import Hold
from tinytown.runtime.detached import own_environment, tt_command

__all__ = ["SYSTEM", "Sink", "Supervisor"]

SYSTEM = "up"
"""The name under which the supervisor itself speaks."""

FIRST_PAUSE = 1.0  # seconds before a process that ended is started again; doubles
LONGEST_PAUSE = 30.0
SETTLED = 60.0  # seconds after which a process counts as healthy again
LOOK_EVERY = 1.0


class Sink(Protocol):
    """Where the processes' output goes."""

    def write(self, name: str, line: bytes) -> None:
        """Take one line of the process of that name."""
        ...


class Supervisor:
    """Runs `tt` with several argument lists at once, and each again when it ends.

    Args:
        commands: the processes by name: the words after `tt`.
        root: where they run.
        env: their environment.
        hold: where their process ids are noted.
        sink: where their output goes.
    """

    def __init__(self, commands: Mapping[str, list[str]], root: Path, env: Mapping[str, str], hold: Hold, sink: Sink) -> None:
        self._hold = hold
        self._sink = sink
        own = {**own_environment(env), "PYTHONUNBUFFERED": "1"}
        self._processes = [_Process(name, words, root, own, sink) for name, words in commands.items()]

    def run(self, signals: Signals) -> int:
        """Run them until a signal comes, then drain them; answers the exit code."""
        while signals.count == 0:
            started = [process.name for process in self._processes if process.ensure_started(signals.wake, self.say)]
            if started:
                self._hold.note({process.name: process.pid for process in self._processes if process.is_running})
            signals.wait(LOOK_EVERY)
        self.say(f"{signals.last}: draining; once more ends running turns at once")
        self._end(signals)
        return 0 if all(process.ended_well for process in self._processes) else 1

    def say(self, text: str) -> None:
        """Speak among the processes."""
        self._sink.write(SYSTEM, f"{SystemClock().now().astimezone():%Y-%m-%d %H:%M:%S} {text}".encode())

    def _end(self, signals: Signals) -> None:
        """Pass each signal on, and wait until all have ended; a third kills."""
        passed = 0
        while any(process.is_running for process in self._processes):
            if signals.count > passed:
                passed = min(passed + 1, signals.count)
                for process in self._processes:
                    process.ask(passed)
            signals.wait(LOOK_EVERY if signals.count == passed else 0)


class _Process:
    """One of them."""

    def __init__(self, name: str, words: list[str], root: Path, env: Mapping[str, str], sink: Sink) -> None:
        self.name = name
        self.status: int | None = 0
        self._words = words
        self._root = root
        self._env = env
        self._sink = sink
        self._popen: Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_again_at = 0.0
        self._pause = FIRST_PAUSE

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._popen is not None
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        """Whether it runs, having collected its status if it does not."""
        if self._popen is None:
            return False
        self.status = self._popen.poll()
        return self.status is None

    @property
    def ended_well(self) -> bool:
        """Whether it ended as told, perhaps before it had begun to hear SIGTERM, and so to do anything."""
        return self.status in {0, -SIGTERM}

    def ensure_started(self, wake: Callable[[], None], say: Callable[[str], None]) -> bool:
        """Start it if it does not run and is due; whether it was started."""
        if self.is_running:
            return False
        now = time.monotonic()
        if self._popen is not None:
            self._put_off(self._popen, now, say)
        if now < self._start_again_at:
            return False
        self._start(wake)
        return True

    def ask(self, times: int) -> None:
        """Ask it to end, for the first time or again; the third time it is not asked."""
        if self._popen is None or not self.is_running:
            return
        if times > 2:
            self._popen.kill()
        else:
            self._popen.send_signal(SIGTERM if times == 1 else SIGINT)  # two of the same number that wait are one

    def _put_off(self, ended: Popen[bytes], now: float, say: Callable[[str], None]) -> None:
        self._pause = FIRST_PAUSE if now - self._started_at > SETTLED else self._pause
        self._start_again_at = now + self._pause
        say(f"{self.name} {_how(ended.returncode)}; it starts again in {self._pause:g} s")
        self._pause = min(LONGEST_PAUSE, 2 * self._pause)
        if ended.stdin is not None:
            ended.stdin.close()
        self._popen = None

    def _start(self, wake: Callable[[], None]) -> None:
        # A session of its own: Ctrl-C in this terminal is for us, who pass it on once.
        # Its standard input is ours to hold: should we be killed, it reads the end of it and drains.
        self._popen = Popen(
            tt_command(*self._words), cwd=self._root, env=self._env, stdin=PIPE, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
        self._started_at = time.monotonic()
        threading.Thread(target=self._pass_on, args=(self._popen, wake), name=f"output-{self.name}", daemon=True).start()

    def _pass_on(self, popen: Popen[bytes], wake: Callable[[], None]) -> None:
        assert popen.stdout is not None
        with popen.stdout as output:
            for line in output:
                self._sink.write(self.name, line.rstrip(b"\r\n"))
        popen.wait()
        wake()


def _how(status: int | None) -> str:
    if status is None or status >= 0:
        return f"ended with status {status}"
    return f"was ended by {Number(-status).name}"
