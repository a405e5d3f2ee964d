"""Ending a town's processes: they are asked, and waited for."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tinytown.config import Settings
from tinytown.errors import TimedOut
from tinytown.runtime.hold import Holder, holder_of

__all__ = ["end"]

RESERVE = timedelta(seconds=15)
PAUSE_SECONDS = 0.05


def end(root: Path, settings: Settings, *, now: bool = False, while_waiting: Callable[[int], object] = lambda _: None) -> Holder | None:
    """Drain the town's processes and return when they have ended; None when there were none.

    Args:
        root: the town's directory.
        settings: of the town; they say how long draining may take.
        now: end running turns at once; their mail goes back all the same.
        while_waiting: called after each look, with how many there were.

    Raises:
        TimedOut: they do not end.
    """
    holder = holder_of(root)
    if holder is None:
        return None
    _send(holder.pid, signal.SIGTERM)
    if now:
        _send(holder.pid, signal.SIGINT)  # another number: two of the same that wait are one
    longest = max(settings.worker.shutdown_grace + settings.agent.grace, settings.townhall.request_timeout)
    patience = RESERVE if now else longest + RESERVE
    looks = 0
    deadline = time.monotonic() + patience.total_seconds()
    while (left := holder_of(root)) is not None and left.pid == holder.pid:
        if time.monotonic() > deadline:
            raise TimedOut(f"the end of the town's processes (process {holder.pid})", patience.total_seconds())
        time.sleep(PAUSE_SECONDS)
        looks += 1
        while_waiting(looks)
    return holder


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
