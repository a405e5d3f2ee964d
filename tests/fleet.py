"""A town with real processes: `tt worker` and `tt clock`, to be killed and replaced."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.server import Server
from tinytown.bootstrap import connect
from tinytown.town import Town

__all__ = ["ROOT", "Fleet", "Ship"]

ROOT = Path(__file__).resolve().parents[1]


class Ship:
    """One process of a fleet, in a session of its own."""

    def __init__(self, command: list[str], folder: Path, env: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_afloat(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def kill(self) -> None:
        """End it with SIGKILL, as a crash would."""
        self.signal(signal.SIGKILL)
        self._process.wait(timeout=20)

    def stop(self, timeout: float = 60) -> int:
        """End it in an orderly way; its exit code."""
        self.signal(signal.SIGTERM)
        return self._process.wait(timeout=timeout)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still lives to hear it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)


class Fleet:
    """A town's folder and its processes; none of them is left when the block ends.

    Args:
        root: an empty folder for the town.
        server: its Redis.
        settings: what `tinytown.toml` says beside the name.
        home: the HOME of all processes.
    """

    def __init__(self, root: Path, server: Server, settings: str = "", *, home: Path | None = None) -> None:
        self.root = root
        self.server = server
        self.ships: list[Ship] = []
        self.env = {
            "HOME": str(root / "home" if home is None else home),
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(ROOT),
            "REDIS_URL": server.url,
        }
        (root / "tinytown.toml").write_text(f'name = "fleet"\n{settings}')
        (root / "processes").mkdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for ship in self.ships:
            ship.kill()

    @contextlib.contextmanager
    def town(self) -> Iterator[Town]:
        """The open town."""
        town: Town = connect(self.root, self.env)
        with town:
            yield town

    def worker(self, *options: str) -> Ship:
        """Start a worker that never leaves by itself; it may take a second until it serves."""
        return self._launch("worker", "--idle-timeout", "0", *options)

    def clock(self) -> Ship:
        """Start a clock."""
        return self._launch("clock")

    def log_text(self, most: int = 4000) -> str:
        """The end of what each kind of process printed."""
        return "\n".join(f"== {log.name}\n{log.read_text(errors='replace')[-most:]}" for log in sorted(self.root.glob("processes/*.log")))

    def _launch(self, *words: str) -> Ship:
        return self._sail([str(Path(sys.executable).parent / "tt"), *words], words[0])

    def _sail(self, command: list[str], name: str) -> Ship:
        ship = Ship(command, self.root, self.env, self.root / "processes" / f"{name}.log")
        self.ships.append(ship)
        return ship
