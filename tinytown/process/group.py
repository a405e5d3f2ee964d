"""A process that leads a group of its own, and the end of all of it."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress

__all__ = ["end_group"]

SECONDS_TO_END = 5


def end_group(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it has started in its group: asked first, and killed after five seconds."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(SECONDS_TO_END)
            return
