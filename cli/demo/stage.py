"""The stage of the demonstration: a town in a temporary folder with its processes, and the tidying up."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen, TimeoutExpired
from types import TracebackType
from typing import Self

import msgspec

from tinytown.bootstrap import connect
from tinytown.cli.demo import stand_in
from tinytown.cli.demo.play import CAST
from tinytown.config import load_user, user_directory
from tinytown.domain.ids import AgentId
from tinytown.errors import TimedOut, TownError, Unavailable
from tinytown.founding import found_town
from tinytown.redis_server import find_program, stop_server
from tinytown.runtime.detached import tt_command
from tinytown.town import Town

__all__ = ["Stage", "Victim"]

READY_SECONDS = 20.0
GOODBYE_SECONDS = 5.0
WORKERS = ("worker 1", "worker 2")

SETTINGS = """\
[agent]                       # so short only because the demonstration must not take long
lease_secs = 3
backoff_secs = 1
grace_secs = 1
idle_timeout_secs = 0

[worker]
concurrency = 4
heartbeat_secs = 1
shutdown_grace_secs = 1

[clock]
sweep_secs = 1
leader_lease_secs = 3

[agent_clis.scripted]         # reads the composed prompt and reports, as a coding CLI would
command = {command}
input = "prompt"
deliver = "stdin"
completes = "report"
"""


class Victim(msgspec.Struct, frozen=True, kw_only=True):
    """A worker that was killed, and whose turns it had."""

    name: str
    pid: int
    agents: tuple[str, ...]


class Stage:
    """A town with a cast, a clock and two workers, for as long as the block runs.

    Args:
        env: the environment; what it says of other towns is left out.
        keep: leave the folder behind, with nothing running in it.
    """

    def __init__(self, env: Mapping[str, str], *, keep: bool) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="tt-demo-", dir=_short_place())).resolve()
        self.keep = keep
        self.town: Town
        self._processes: dict[str, Popen[bytes]] = {}
        self._killed: str | None = None
        self._user = user_directory(env)
        self._env = _own_environment(env, self.root)

    def __enter__(self) -> Self:
        try:
            self._prepare()
        except BaseException:
            self._strike()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._strike()

    def start(self) -> None:
        """Start a clock and two workers, and wait until the workers are there.

        Raises:
            TimedOut: they do not come.
        """
        self._start_one("clock", "clock")
        for name in WORKERS:
            self._start_one(name, "worker")
        deadline = time.monotonic() + READY_SECONDS
        wanted = {self._processes[name].pid for name in WORKERS}
        while not wanted <= {worker.pid for worker in self.town.workers.all()}:
            if self.casualties():
                raise Unavailable("; ".join(self.casualties()))
            if time.monotonic() > deadline:
                raise TimedOut(f"the start of the workers (see {self.root}/.tt/logs)", READY_SECONDS)
            time.sleep(0.05)

    def casualties(self) -> list[str]:
        """The processes that ended though nobody killed them, and their last words."""
        ended = [name for name, process in self._processes.items() if process.poll() is not None and name != self._killed]
        return [f"{name} ended with status {self._processes[name].returncode}: {self._last_words(name)}" for name in ended]

    def kill_worker_of(self, agent: AgentId) -> Victim | None:
        """End with SIGKILL the worker that has the agent's turn."""
        cast = self.town.agents.all()
        turns = dict(zip((one.id for one in cast), self.town.desk.store.turns.info([one.id for one in cast]), strict=True))
        holder = turns[agent].worker
        pids = {worker.id: worker.pid for worker in self.town.workers.all()}
        for name, process in self._processes.items():
            if process.pid == pids.get(holder):
                self._killed = name
                process.kill()
                process.wait()
                return Victim(name=name, pid=process.pid, agents=tuple(one.name for one in cast if turns[one.id].worker == holder))
        return None

    def _prepare(self) -> None:
        """Make the town and its agents."""
        own, script = self.root / ".tt" / "user", self.root / ".tt" / "scripted.py"
        own.mkdir(parents=True, mode=0o700)
        server = find_program(load_user(self._user).redis.server, self._user, self._env).path
        (own / "config.toml").write_text(f"[redis]\nserver = {_quoted(str(server))}\n", encoding="utf-8")
        self._made = found_town(self.root, self._env, name="demo")
        with (self.root / "tinytown.toml").open("a", encoding="utf-8") as file:
            file.write("\n" + SETTINGS.format(command=_quoted([sys.executable, "-P", str(script)])))
        shutil.copyfile(stand_in.__file__, script)
        self.town = connect(self.root, self._env)
        for name, (cli, role) in CAST.items():
            self.town.agents.spawn(name, cli=cli, role=role)

    def _start_one(self, name: str, word: str) -> None:
        """Start one of our processes; its standard input ends with us, and then so does it."""
        with self._log(name).open("ab") as log, _undisturbed():
            self._processes[name] = Popen(
                tt_command(word, "--until-eof"),
                cwd=self.root,
                env=self._env,
                stdin=PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us, who then end them in order
            )

    def _log(self, name: str) -> Path:
        return self.root / ".tt" / "logs" / f"{name.replace(' ', '-')}.log"

    def _last_words(self, name: str) -> str:
        lines = [line for line in self._log(name).read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1] if lines else "it said nothing"

    def _strike(self) -> None:
        """End all processes and remove the folder; a second Ctrl-C must not interrupt that."""
        with suppress(KeyboardInterrupt), _undisturbed():
            _end(list(self._processes.values()))
            if hasattr(self, "town"):
                self.town.close()
            if hasattr(self, "_made"):
                with suppress(TownError):
                    stop_server(self._made.settings, self.root, self._user)
            if not self.keep:
                shutil.rmtree(self.root, ignore_errors=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block has ended."""
    came: list[int] = []
    before = {number: signal.signal(number, lambda given, _: came.append(given)) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def _quoted(value: str | list[str]) -> str:
    """The value as TOML, which takes JSON's strings and lists."""
    return msgspec.json.encode(value).decode()


def _end(processes: list[Popen[bytes]]) -> None:
    """End processes: politely, then at once, then for certain."""
    for number in (signal.SIGTERM, signal.SIGTERM, signal.SIGKILL):
        for process in processes:
            if process.poll() is None:
                with suppress(ProcessLookupError):
                    process.send_signal(number)
        deadline = time.monotonic() + GOODBYE_SECONDS / 2
        for process in processes:
            with suppress(TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
    for process in processes:
        if process.stdin is not None:
            process.stdin.close()


def _own_environment(env: Mapping[str, str], root: Path) -> dict[str, str]:
    """The environment of a town that knows of no other, and finds `tt` and this Python."""
    foreign = ("TINYTOWN_", "TT_", "GIT_", "REDIS_URL")
    kept = {name: value for name, value in env.items() if not name.startswith(foreign)}
    programs = Path(sys.executable).parent
    return {
        **kept,
        "PATH": os.pathsep.join((str(programs), env.get("PATH", os.defpath))),
        "PYTHON": sys.executable,
        "TINYTOWN_HOME": str(root / ".tt" / "user"),
    }


def _short_place() -> str | None:
    """A folder with a short name, for the path of a socket may have about a hundred bytes."""
    return "/tmp" if os.access("/tmp", os.W_OK) else None  # noqa: S108 - mkdtemp makes a folder of its own there
