"""The notice of a town's townhall: where it listens, or why it does not."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from tinytown.runtime import lock_file

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
        self._file: int | None = None
        if root is not None:
            with suppress(OSError):  # a container may not let us write there
                self._file = lock_file.claim(_path(root))

    def say(self, *, url: str | None = None, problem: str | None = None) -> None:
        """Put up a notice in place of the one before."""
        self._write(msgspec.json.encode(Notice(pid=os.getpid(), url=url, problem=problem)))

    def leave(self) -> None:
        """Take the notice down."""
        self._write(b"")
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, text: bytes) -> None:
        if self._file is not None:
            with suppress(OSError):  # a full disk: who looks sees nothing
                lock_file.write(self._file, text)


def notice_of(root: Path) -> Notice | None:
    """What the townhall of a town says; None when none runs in that folder."""
    return lock_file.what_holder_says(_path(root), Notice)


def await_notice(root: Path) -> Notice | None:
    """What the townhall says that is being started now; None if it says nothing for long."""
    deadline = time.monotonic() + COMES_WITHIN_SECONDS
    while (notice := notice_of(root)) is None and time.monotonic() < deadline:
        time.sleep(PAUSE_SECONDS)
    return notice


def _path(root: Path) -> Path:
    return root / ".tt" / "townhall.json"
