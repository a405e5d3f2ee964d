"""Processes by their ids: whether one is there, and its end."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

from tests.waiting import wait_until

__all__ = ["is_running", "kill"]


def is_running(pid: int) -> bool:
    """Whether there is such a process which has not ended yet."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def kill(pid: int) -> None:
    """End a process as a crash would, and see it gone."""
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not is_running(pid))
