"""The hold on a town: one `tt up` at a time, and how others learn of it.

A locked file says whether it runs: the kernel gives the lock back however the
process ends, so what the file says is believed only while it is locked.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import msgspec

from tinytown.errors import AlreadyRunning

__all__ = ["Hold", "Holder", "already_running", "holder_of", "locked"]


TRIES = 20
PAUSE_SECONDS = 0.01


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The `tt up` of a town, and the process ids of what it runs."""

    pid: int
    processes: dict[str, int] = {}


class Hold:
    """This process's hold on a town, kept until it ends.

    Raises:
        AlreadyRunning: another process has it.
    """

    def __init__(self, root: Path) -> None:
        path = _path(root)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not locked(self._file):
            os.close(self._file)
            raise already_running(holder_of(root))
        self.note({})

    def note(self, processes: dict[str, int]) -> None:
        """Let others know what runs."""
        text = msgspec.json.encode(Holder(pid=os.getpid(), processes=processes))
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, text, 0)

    def release(self) -> None:
        """Let others have it."""
        os.ftruncate(self._file, 0)
        os.close(self._file)


def holder_of(root: Path) -> Holder | None:
    """Who holds the town; None when nobody does, or has not said so yet."""
    try:
        file = os.open(_path(root), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return msgspec.json.decode(os.pread(file, 65536, 0), type=Holder)
        except msgspec.MsgspecError:
            return None
    finally:
        os.close(file)
    return None


def already_running(holder: Holder | None) -> AlreadyRunning:
    """The error that says so."""
    what = "the town" if holder is None else f"the town (process {holder.pid})"
    return AlreadyRunning(what, "`tt down` ends it")


def locked(file: int) -> bool:
    """Lock the file; who only looks has it for a moment, so one refusal says nothing."""
    for _ in range(TRIES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
        else:
            return True
    return False


def _path(root: Path) -> Path:
    return root / ".tt" / "up.lock"
