"""A town whose worker and clock run as processes of their own, to be signalled, killed and frozen."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tinytown import Town
from tinytown.bootstrap import connect
from tinytown.domain.task import Task

__all__ = ["QUICK", "STREAMS", "Household", "Program", "lists_and_streams"]

QUICK = """\
name = "quick"

[agent]
lease_secs = 2
backoff_secs = 0
grace_secs = 1

[worker]
heartbeat_secs = 1
shutdown_grace_secs = 2

[clock]
sweep_secs = 1
leader_lease_secs = 2
"""
"""A town in which nobody has to wait for long."""

STREAMS = "use_streams = true\n"
"""In front of other settings: the bells of turns are on a stream."""

lists_and_streams = pytest.mark.parametrize("use_streams", [False, True], ids=["lists", "streams"])
"""Run the test for a town of either kind."""

TT = [sys.executable, "-P", "-m", "tinytown.cli.main"]


class Program:
    """A process of ours with its output in a file."""

    def __init__(self, words: list[str], folder: Path, env: Mapping[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as file:
            self._popen = subprocess.Popen(words, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        self.pid = self._popen.pid

    @property
    def output(self) -> str:
        """What it has said so far."""
        return self.log.read_text(errors="replace")

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self._popen.poll() is None

    def says(self, text: str, timeout: float = 15.0) -> None:
        """Wait until it has said that."""
        wait_until(lambda: text in self.output or not self.is_running, timeout, message=f"{text!r}")
        assert text in self.output, self.output

    def signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self._popen.kill()
        self._popen.wait(10)

    def status(self, timeout: float = 20.0) -> int:
        """Wait for its end and answer its exit status."""
        return self._popen.wait(timeout)

    def terminated(self, timeout: float = 20.0) -> int:
        """Ask it to end, wait for that, and answer its exit status."""
        self.signal(signal.SIGTERM)
        return self.status(timeout)


class Household:
    """A town in a folder, and the programs that were started in it."""

    def __init__(self, folder: Path, home: Path, redis_url: str | None, settings: str | None = QUICK) -> None:
        self.folder = folder
        self.env = {"HOME": str(home), "PATH": os.defpath + ":/usr/sbin:/sbin"}
        if redis_url is not None:
            self.env["REDIS_URL"] = redis_url
        if settings is not None:  # else the environment says everything
            (folder / "tinytown.toml").write_text(settings)
        self._town: Town | None = None
        self._programs: list[Program] = []

    @property
    def town(self) -> Town:
        """The town, opened when first asked for."""
        if self._town is None:
            is_named = (self.folder / "tinytown.toml").exists()
            self._town = connect(self.folder if is_named else None, self.env)
        return self._town

    def tt(self, *words: str, env: Mapping[str, str] | None = None) -> Program:
        """Start a command of ours."""
        return self.run(*TT, *words, env=env)

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> Program:
        """Start any program in the town's folder."""
        log = self.folder / f"program-{len(self._programs)}.log"
        program = Program(list(words), self.folder, {**self.env, **(env or {})}, log)
        self._programs.append(program)
        return program

    def worker(self, *options: str) -> Program:
        """Start a worker, and wait until it is on the list."""
        worker = self.tt("worker", "--idle-timeout", "0", *options)
        wait_until(lambda: worker.pid in {each.pid for each in self.town.workers.all()} or not worker.is_running, 15)
        assert worker.is_running, worker.output
        return worker

    def clock(self) -> Program:
        """Start a clock."""
        clock = self.tt("clock")
        clock.says("clock ")
        return clock

    def spawn(self, *names: str) -> None:
        """Add agents that run shell commands."""
        for name in names:
            self.town.spawn(name, cli="shell")

    def task(self, task: Task) -> Task:
        """The task as it is now."""
        return self.town.tasks.get(task.id)

    def gated(self, agent: str, gate: str = "gate") -> Task:
        """Give an agent a task that runs until the gate is opened, and wait until it runs."""
        started = self.folder / f"{gate}.started"
        task = self.town.assign(
            agent, f"echo $$ >> {started}; until [ -e {shlex.quote(str(self.folder / gate))} ]; do sleep 0.02; done; echo through"
        )
        wait_until(lambda: started.exists() and started.read_text().endswith("\n"), 15)
        return task

    def runs_of(self, gate: str = "gate") -> list[int]:
        """The process ids of those who came to the gate."""
        return [int(line) for line in (self.folder / f"{gate}.started").read_text().split()]

    def open(self, gate: str = "gate") -> None:
        """Let them through."""
        (self.folder / gate).touch()

    def close(self) -> None:
        """End everything."""
        for program in self._programs:
            if program.is_running:
                with suppress(ProcessLookupError):
                    program.signal(signal.SIGCONT)
                program.kill()
        if self._town is not None:
            self._town.close()
