"""The hold on a town: one `tt up` at a time, and how others learn of it."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tinytown.errors import AlreadyRunning
from tinytown.runtime import lock_file

__all__ = ["Hold", "Holder", "already_running", "holder_of"]


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
        file = lock_file.claim(_path(root))
        if file is None:
            raise already_running(holder_of(root))
        self._file = file
        self.note({})

    def note(self, processes: dict[str, int]) -> None:
        """Let others know what runs."""
        lock_file.write(self._file, msgspec.json.encode(Holder(pid=os.getpid(), processes=processes)))

    def release(self) -> None:
        """Let others have it."""
        lock_file.write(self._file, b"")
        os.close(self._file)


def holder_of(root: Path) -> Holder | None:
    """Who holds the town; None when nobody does, or has not said so yet."""
    return lock_file.what_holder_says(_path(root), Holder)


def already_running(holder: Holder | None) -> AlreadyRunning:
    """The error that says so."""
    what = "the town" if holder is None else f"the town (process {holder.pid})"
    return AlreadyRunning(what, "`tt down` ends it")


def _path(root: Path) -> Path:
    return root / ".tt" / "up.lock"
