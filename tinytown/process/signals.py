"""Hears SIGTERM and Ctrl-C: asked once, a process finishes what it is at; asked twice, it ends at once."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections import deque
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Signals"]

HEARD = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


class Signals:
    """The signals that this process was sent while the block ran.

    The handlers only put something into a queue, which may be done in the
    middle of anything; the lock of an Event could already be held there.

    Args:
        until_eof: take the end of standard input for a signal, too: who
            started this process has ended, and nobody else would stop it.
    """

    def __init__(self, *, until_eof: bool = False) -> None:
        self._until_eof = until_eof
        self._heard: deque[int] = deque()
        self._wake: SimpleQueue[None] = SimpleQueue()
        self._before: dict[int, Any] = {}

    @property
    def count(self) -> int:
        """How often the process was asked to end."""
        return len(self._heard)

    @property
    def last(self) -> str:
        """What was heard last."""
        return "end of input" if not self._heard or self._heard[-1] == 0 else signal.Signals(self._heard[-1]).name

    def wait(self, seconds: float) -> None:
        """Wait for a signal, or for `wake`, but no longer than that."""
        with contextlib.suppress(Empty):
            self._wake.get(timeout=max(0.0, seconds))

    def wake(self) -> None:
        """End a `wait`; any thread may call this."""
        self._wake.put(None)

    def _read_to_eof(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self._hear(0, None)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._heard.append(number)
        self._wake.put(None)

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._hear) for number in HEARD}
        if self._until_eof:
            threading.Thread(target=self._read_to_eof, name="until-eof", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
