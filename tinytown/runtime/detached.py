"""Starting a town's processes in the background, and waiting until they are there."""

from __future__ import annotations

import os
import socket
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tinytown.config import environment
from tinytown.errors import AlreadyRunning, TimedOut, TownError, Unavailable
from tinytown.runtime.hold import already_running, holder_of

if TYPE_CHECKING:
    from subprocess import Popen

    from tinytown.domain.worker import Worker
    from tinytown.town import Town

__all__ = ["ensure_up", "may_live", "own_environment", "start_detached", "tt_command"]

READY_SECONDS = 30.0
PAUSE_SECONDS = 0.02

OF_A_TURN = ("TINYTOWN_RUN", "TINYTOWN_AGENT_ID", "TINYTOWN_AGENT_NAME", "TINYTOWN_TASK_ID", "TINYTOWN_TURN_EPOCH")
"""What a turn puts into its program's environment; whatever carries the first is ended with the turn."""

OF_ONE_WORKER = ("TINYTOWN_AGENT_CLI", "TINYTOWN_AGENT_ROLE", "TINYTOWN_AGENT_MAX_ROUNDS")
"""With the name, which agent a worker makes sure of."""


def ensure_up(town: Town) -> bool:
    """Start the processes of a town in the background if the town is local and nothing runs; whether they were started."""
    if town.root is None or town.address is None or town.address.external:
        return False
    if holder_of(town.root) is not None or any("agents" in worker.queues and may_live(worker) for worker in town.workers.all()):
        return False
    try:
        start_detached(town, environment())
    except AlreadyRunning:
        return False  # somebody else was a little faster
    return True


def start_detached(town: Town, env: Mapping[str, str], *, concurrency: int | None = None, with_townhall: bool = True) -> int:
    """Start `tt up` in the background, and return its process id when its worker is there.

    Raises:
        AlreadyRunning: it runs already.
        Unavailable: it ended at once; with the last lines that it said.
        TimedOut: its worker does not come.
    """
    from subprocess import DEVNULL, Popen

    root = Path.cwd() if town.root is None else town.root
    if holder_of(root) is not None:
        raise already_running(holder_of(root))
    log = root / ".tt" / "logs" / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    options = [] if concurrency is None else ["--concurrency", str(concurrency)]
    options += [] if with_townhall else ["--no-townhall"]
    with log.open("ab") as file:
        began = file.tell()
        process = Popen(
            tt_command("up", "--background", "--town", str(root), *options),
            cwd=root,
            env=own_environment(env),
            stdin=DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )
    _await_worker(town, root, process, log, began)
    threading.Thread(target=process.wait, name="up", daemon=True).start()  # so that it is no zombie should it end before us
    return process.pid


def tt_command(*words: str) -> list[str]:
    """`tt` with these words, run by this Python, whatever modules lie in the working directory."""
    return [sys.executable, "-P", "-m", "tinytown.cli.main", *words]


def own_environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment without what marks it as a turn's, and without the townhall of another town.

    A worker that an agent starts outlives the turn; and the processes of a town of this machine are that town's.
    Nor does it say which agent a worker is to have: that is for `tt worker`, where somebody starts it by itself.
    """
    return {name: value for name, value in env.items() if name not in {*OF_A_TURN, *OF_ONE_WORKER, "TINYTOWN_TOWNHALL_URL"}}


def _await_worker(town: Town, root: Path, process: Popen[bytes], log: Path, began: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not _is_there(town, root, process.pid):
        status = process.poll()
        if status == AlreadyRunning.exit_code:
            raise already_running(holder_of(root))
        if status is not None:
            raise Unavailable(f"the town's processes ended at once{_last_words(log, began)}")
        if time.monotonic() > deadline:
            raise TimedOut(f"the start of the town's worker (see {log.parent}/worker.log)", READY_SECONDS)
        time.sleep(PAUSE_SECONDS)


def _is_there(town: Town, root: Path, pid: int) -> bool:
    holder = holder_of(root)
    if holder is None or holder.pid != pid or "worker" not in holder.processes:
        return False
    try:
        return any(worker.pid == holder.processes["worker"] and worker.host == socket.gethostname() for worker in town.workers.all())
    except TownError:
        return False


def may_live(worker: Worker) -> bool:
    """Whether it may still run: one of this machine that was killed stays on the list for a while."""
    if worker.host != socket.gethostname():
        return True
    try:
        os.kill(worker.pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _last_words(log: Path, began: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(began)
            lines = file.read(65536).decode(errors="replace").splitlines()
    except OSError:
        return ""
    said = [line for line in lines if line.strip()][-5:]
    return "; they said:\n  " + "\n  ".join(said) if said else ""
