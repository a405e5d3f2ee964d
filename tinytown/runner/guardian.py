"""Keeps the guard that ends this process's children should this process be killed."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

__all__ = ["Guardian", "guardian"]

_SCRIPT = Path(__file__).with_name("guard.py")


class Guardian:
    """This process's end of its guard, which is started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: set[int] = set()
        self._pipe: int | None = None
        self._owner = 0
        self._token = ""
        self._runs = 0

    def mark(self) -> str:
        """A mark for one more turn: no other process in the world has it.

        Raises:
            OSError: the guard cannot be started.
        """
        with self._lock:
            self._ensure_started()
            self._runs += 1
            return f"{self._token}.{self._runs}"

    def watch(self, group: int) -> None:
        """From now on the group ends when this process does."""
        with self._lock:
            self._groups.add(group)
            self._tell(f"+{group}\n")

    def release(self, group: int) -> None:
        """The group is over; its number may be given to others."""
        with self._lock:
            self._groups.discard(group)
            self._tell(f"-{group}\n")

    def _tell(self, line: str) -> None:
        self._ensure_started()
        assert self._pipe is not None
        try:
            os.write(self._pipe, line.encode())
        except BrokenPipeError:
            # Somebody killed the guard: a new one is told everything.
            self._close()
            self._start()
            for group in self._groups:
                os.write(self._pipe, f"+{group}\n".encode())

    def _ensure_started(self) -> None:
        if self._owner != os.getpid():
            # Forked: that guard watches over the parent.
            self._close()
            self._groups.clear()
            self._token = os.urandom(8).hex()
            self._runs = 0
        if self._pipe is None:
            self._start()

    def _start(self) -> None:
        inbox, self._pipe = os.pipe()
        try:
            starter = os.posix_spawn(
                sys.executable,
                [sys.executable, "-I", "-S", str(_SCRIPT), self._token],
                {},
                file_actions=[
                    (os.POSIX_SPAWN_DUP2, inbox, 0),
                    (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
                ],
            )
            if os.waitpid(starter, 0)[1] != 0:
                raise OSError("the guard of this worker's children does not start")
        except OSError:
            self._close()
            raise
        finally:
            os.close(inbox)
        self._owner = os.getpid()

    def _close(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
            self._pipe = None


guardian = Guardian()
"""The guardian of this process."""
