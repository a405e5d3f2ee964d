"""A `tt` that goes on until it is interrupted."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.waiting import wait_until
from tinytown.town import Town

__all__ = ["Follower"]

TT = [sys.executable, "-m", "tinytown.cli.main"]


class Follower:
    """A `tt` that goes on until it is interrupted, and the lines that it has printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.path = folder / "followed"
        with self.path.open("wb") as out:
            self.process = subprocess.Popen([*TT, *arguments], cwd=folder, stdout=out, stderr=subprocess.PIPE)

    @property
    def lines(self) -> list[str]:
        """What it printed so far."""
        return self.path.read_text().splitlines()

    def calls_of(self, town: Town, command: str) -> int:
        """How often Redis was asked for that."""
        stats = town.desk.store.connection.call("INFO", "commandstats").decode()
        found = [line for line in stats.splitlines() if line.startswith(f"cmdstat_{command}:")]
        return int(found[0].split("calls=")[1].split(",")[0]) if found else 0

    def wait_until_it_waits(self, town: Town) -> None:
        """Wait until it has nothing more to print."""
        wait_until(lambda: b"blocked_clients:1" in town.desk.store.connection.call("INFO", "clients"))

    def interrupt(self) -> int:
        """End it as Ctrl-C would; answers its exit code."""
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=10)
        assert b"Traceback" not in errors
        return self.process.returncode
