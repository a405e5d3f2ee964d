"""A town of the bench's own: a folder, a durable Redis, and processes that work for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from tests.server import Server, server_binaries
from tests.waiting import wait_until
from tinytown.bootstrap import connect
from tinytown.town import Town

__all__ = ["ROOT", "Place", "pause"]

ROOT = Path(__file__).resolve().parents[2]

_CLIS = """
[agent_clis.noop]
command = "true"
input = "task"
completes = "exit"

[agent_clis.batch]
command = "true"
input = "prompt"
completes = "exit"
"""


class Place:
    """A town named `bench` on a server of its own, durable as ours are by default.

    Its CLI `noop` has a turn for each task, as `shell` does; `batch` works off
    its whole mail in one turn, as coding programs do.
    """

    def __init__(self, settings: str = "") -> None:
        self.root = Path(tempfile.mkdtemp(prefix="tt-bench-", dir="/tmp"))
        (self.root / "tinytown.toml").write_text(f'name = "bench"\n{settings}{_CLIS}')
        self.server = Server(next(iter(server_binaries().values())), durable=True)
        self.env = {
            "HOME": str(self.root / "home"),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": self.server.url,
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        (self.root / "home").mkdir()
        self.server.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self._processes:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
        self.server.remove()
        shutil.rmtree(self.root, ignore_errors=True)

    @contextlib.contextmanager
    def town(self, *, light: bool = False) -> Iterator[Town]:
        """The open town."""
        town: Town = connect(self.root, self.env, light=light)
        with town:
            yield town

    def python(self, *words: str) -> subprocess.Popen[bytes]:
        """Start a Python program of the bench's; it is killed in the end. Its input and output are pipes."""
        return self._started([sys.executable, *words], subprocess.PIPE)

    def noop_workers(self, count: int, town: Town, *flags: str, concurrency: int = 4) -> list[subprocess.Popen[bytes]]:
        """Start workers whose turns do nothing, and wait until they serve their queues."""
        workers = [self.python("-m", "tests.bench.noop_worker", str(concurrency), "agents,control", *flags) for _ in range(count)]
        wait_until(lambda: len(town.workers.all()) >= count, timeout=30)
        return workers

    def tt(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `tt`; it is killed in the end."""
        with (self.root / "tt.log").open("ab") as log:
            return self._started(["tt", *words], log)

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """Ask a process to end, and wait until it has."""
        process.terminate()
        process.wait(timeout=60)

    def program(self, name: str) -> str:
        """The path of a program of that name."""
        return shutil.which(name, path=self.env["PATH"]) or name

    def _started(self, command: list[str], output: int | IO[bytes]) -> subprocess.Popen[bytes]:
        errors = subprocess.STDOUT if output != subprocess.PIPE else None
        process = subprocess.Popen(
            [self.program(command[0]), *command[1:]], cwd=self.root, env=self.env, stdin=subprocess.PIPE, stdout=output, stderr=errors
        )
        self._processes.append(process)
        return process


def pause(seconds: float) -> None:
    """Let time go by in which nothing is asked of the town."""
    threading.Event().wait(seconds)
