"""Where the output of a town's processes goes: the terminal, or files."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from tinytown.cli.output import wants_colour
from tinytown.clock import SystemClock

__all__ = ["Files", "Terminal"]

LARGEST = 10 * 1024 * 1024  # bytes of one log; the one before is kept beside it


class Terminal:
    """Prints each line behind the name of its process, in a colour of its own."""

    def __init__(self, names: list[str], env: Mapping[str, str]) -> None:
        self._colours: dict[str, Any] = dict(zip(names, get_colours(), strict=False))
        self._lock = threading.Lock()
        # The lines of the processes begin with the time themselves.
        self._printer = Printer(sys.stdout, time_format="", width=max(map(len, names)), colour=wants_colour(env))

    def write(self, name: str, line: bytes) -> None:
        """Print a line; when nobody reads any more, do nothing."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            self._printer.write(Message("line", line or b" ", SystemClock().now(), name, self._colours.get(name)))


class Files:
    """Appends each line to the log of its process, which never grows without end."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def write(self, name: str, line: bytes) -> None:
        """Append a line; when the disk is full it is lost, and the process goes on."""
        path = self._folder / f"{name}.log"
        with self._lock, contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.exists() and path.stat().st_size + len(line) > LARGEST:
                path.replace(path.with_suffix(".log.1"))
            with path.open("ab") as file:
                file.write(line + b"\n")
