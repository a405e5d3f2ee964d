"""Hears SIGTERM and Ctrl-C: asked once, a process finishes what it is at; asked twice, it ends at once."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import threading
from types import FrameType, TracebackType
from typing import Any, Self

__all__ = ["Signals"]

HEARD = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """The signals that this process was sent while the block ran; for its main thread.

    A signal may reach any thread, and Python's handlers run in the main one,
    which a lock or queue that it waits for would not wake. So Python's own C
    handler writes to a pipe, and the pipe is what `wait` waits for.

    Args:
        until_eof: take the end of standard input for a signal, too: who
            started this process has ended, and nobody else would stop it.
    """

    def __init__(self, *, until_eof: bool = False) -> None:
        self._until_eof = until_eof
        self._heard: list[str] = []
        self._before: dict[int, Any] = {}
        self._wakeup_before = -1
        self._reading, self._writing = -1, -1

    @property
    def count(self) -> int:
        """How often the process was asked to end."""
        return len(self._heard)

    @property
    def last(self) -> str:
        """What was heard last."""
        return self._heard[-1] if self._heard else "nothing"

    def wait(self, seconds: float) -> None:
        """Wait for a signal, or for `wake`, but no longer than that."""
        ready, _, _ = select.select([self._reading], [], [], max(0.0, seconds))
        if ready:
            with contextlib.suppress(BlockingIOError):
                os.read(self._reading, 4096)

    def wake(self) -> None:
        """End a `wait`; any thread may call this."""
        with contextlib.suppress(OSError):  # the pipe is full, or all is over
            os.write(self._writing, b"\0")

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        self._heard.append(signal.Signals(number).name)

    def _read_to_eof(self) -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        self._heard.append("end of input")
        self.wake()

    def __enter__(self) -> Self:
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)
        self._wakeup_before = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        # Who was started by nohup wants to outlive the terminal.
        hangup = () if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else (signal.SIGHUP,)
        self._before = {number: signal.signal(number, self._hear) for number in (*HEARD, *hangup)}
        if self._until_eof:
            threading.Thread(target=self._read_to_eof, name="until-eof", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup_before)
        writing, self._writing = self._writing, -1
        os.close(writing)
        os.close(self._reading)
