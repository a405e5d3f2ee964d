"""The notice of a town's townhall: where it listens, or why it does not.

The file is locked by whoever wrote it, and believed only as long as it is.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

import msgspec

from tinytown.runtime.hold import locked

__all__ = ["Board", "Notice", "await_notice", "notice_of"]

COMES_WITHIN_SECONDS = 3.0
PAUSE_SECONDS = 0.02


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A townhall process, and where it can be reached."""

    pid: int
    url: str | None = None
    problem: str | None = None
    """Why it does not listen, yet."""


class Board:
    """Where this process puts up its notice; the first townhall in a folder has it, others leave it alone.

    Args:
        root: the town's directory; None for a town that has none, and no board.
    """

    def __init__(self, root: Path | None) -> None:
        self._file = -1 if root is None else _claimed(root)

    def say(self, *, url: str | None = None, problem: str | None = None) -> None:
        """Put up a notice in place of the one before."""
        if self._file >= 0:
            self._write(msgspec.json.encode(Notice(pid=os.getpid(), url=url, problem=problem)))

    def leave(self) -> None:
        """Take the notice down."""
        if self._file >= 0:
            self._write(b"")
            os.close(self._file)
            self._file = -1

    def _write(self, text: bytes) -> None:
        try:
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, text, 0)
        except OSError:
            pass  # a full disk: who looks sees nothing


def notice_of(root: Path) -> Notice | None:
    """What the townhall of a town says; None when none runs in that folder."""
    try:
        file = os.open(_path(root), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return msgspec.json.decode(os.pread(file, 65536, 0), type=Notice)
        except msgspec.MsgspecError:
            return None
    finally:
        os.close(file)
    return None


def await_notice(root: Path) -> Notice | None:
    """What the townhall says that is being started now; None if it says nothing for long."""
    deadline = time.monotonic() + COMES_WITHIN_SECONDS
    while (notice := notice_of(root)) is None and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return notice


def _claimed(root: Path) -> int:
    path = _path(root)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError:
        return -1  # a container may not let us write there
    if locked(file):
        return file
    os.close(file)
    return -1


def _path(root: Path) -> Path:
    return root / ".tt" / "townhall.json"
