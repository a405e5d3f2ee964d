"""Files that speak for a process as long as it lives.

The kernel gives a lock back however the process ends, so what such a file says
is believed only while it is locked.
"""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path
from typing import TypeVar

import msgspec

__all__ = ["claim", "what_holder_says", "write"]

TRIES = 20
PAUSE_SECONDS = 0.01
MOST_BYTES = 65536

Said = TypeVar("Said", bound=msgspec.Struct)


def claim(path: Path) -> int | None:
    """Lock the file for this process and return its descriptor; None while another has it.

    Raises:
        OSError: it cannot be made or opened.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(TRIES):  # who only looks has it for a moment, so one refusal says nothing
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_SECONDS)
        else:
            return file
    os.close(file)
    return None


def write(file: int, text: bytes) -> None:
    """Let the file say this alone.

    Raises:
        OSError: the disk is full.
    """
    os.ftruncate(file, 0)
    os.pwrite(file, text, 0)


def what_holder_says(path: Path, kind: type[Said]) -> Said | None:
    """What the process that has the file says; None when none has it, or it has not spoken yet."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        try:
            return msgspec.json.decode(os.pread(file, MOST_BYTES, 0), type=kind)
        except msgspec.MsgspecError:
            return None
    finally:
        os.close(file)
    return None
