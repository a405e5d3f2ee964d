"""A sign of life on stderr while something takes longer than a moment."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Self

__all__ = ["Progress", "progress"]

PATIENCE = 0.4  # seconds before anything is shown
TICK = 0.12
FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
CLEAR = "\r\x1b[K"


class Progress:
    """A line with a spinner and the seconds so far; silent when stderr is no terminal."""

    def __init__(self, text: str) -> None:
        self.text = text

    def say(self, text: str) -> None:
        """Show another text from now on."""
        self.text = text

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            import threading

            self._over = threading.Event()
            self._spinner = threading.Thread(target=self._spin, name="progress", daemon=True)
            self._spinner.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if hasattr(self, "_spinner"):
            self._over.set()
            self._spinner.join()

    def _spin(self) -> None:
        started = time.monotonic()
        shown = 0
        while not self._over.wait(TICK if shown else PATIENCE):
            seconds = int(time.monotonic() - started)
            sys.stderr.write(f"{CLEAR}{FRAMES[shown % len(FRAMES)]} {self.text} {seconds}s")
            sys.stderr.flush()
            shown += 1
        if shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()


def progress(text: str) -> Progress:
    """Tell the person at the terminal what takes so long."""
    return Progress(text)
