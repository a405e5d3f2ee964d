"""One child process with its group: started, signalled, and buried without a trace."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import time
from pathlib import Path

from tinytown.domain.turn import TurnReason
from tinytown.runner.environment import environment
from tinytown.runner.guard import marked
from tinytown.runner.guardian import guardian
from tinytown.runner.spec import RunSpec

__all__ = ["CannotStart", "Child"]

_ROUNDS = 5  # of killing what is left
_PAUSE = 0.01  # seconds between two of them
_HOPELESS = {errno.ENOENT, errno.EACCES, errno.ENOEXEC, errno.ENOTDIR, errno.ELOOP, errno.EISDIR, errno.EPERM}


class CannotStart(Exception):
    """The program did not start, and why."""

    def __init__(self, reason: TurnReason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail


class Child:
    """A program in a session and group of its own, which end when it does.

    `stdout` and `stdin` are our ends of its pipes, not blocking; `exit_fd`
    becomes readable when it ends (None where the system has no such thing).
    """

    def __init__(self, spec: RunSpec) -> None:
        self.stdin: int | None = None
        self.stdout = -1
        self.exit_fd: int | None = None
        self._fds: set[int] = set()
        try:
            self._mark = guardian.mark()
            self._popen = self._start(spec)
            guardian.watch(self._popen.pid)
        except OSError as error:
            self._close_all()
            raise _cannot_start(spec, error) from None
        if hasattr(os, "pidfd_open"):
            with contextlib.suppress(OSError):
                self.exit_fd = self._opened(os.pidfd_open(self._popen.pid))

    @property
    def has_ended(self) -> bool:
        """Has the program itself ended? It stays a zombie, so that its number stays its own."""
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            return self._popen.poll() is not None
        return os.waitid(os.P_PID, self._popen.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def signal(self, number: int) -> set[int]:
        """Signal the whole group, and what left it but carries the turn's mark, which is returned."""
        strays = marked(self._mark.encode() + b"\0")
        _send(-self._popen.pid, number)
        for pid in strays:
            _send(pid, number)
        return strays

    def end_rest(self) -> int:
        """Kill what is left of the group; returns how many were left beside the program."""
        left = self.signal(signal.SIGKILL)
        found = left
        for _ in range(_ROUNDS):
            if not found:
                break
            time.sleep(_PAUSE)
            found = self.signal(signal.SIGKILL)  # a process that was just forking is found the next time
        return len(left - {self._popen.pid})

    def bury(self, patience: float) -> int | None:
        """Collect the program's status; None if not even SIGKILL ended it in that many seconds."""
        self._close_all()
        try:
            status = self._popen.wait(patience)
        except subprocess.TimeoutExpired:
            return None
        guardian.release(self._popen.pid)
        return status

    def close(self, fd: int) -> None:
        """Close one of our ends."""
        if fd in self._fds:
            self._fds.discard(fd)
            os.close(fd)

    def _start(self, spec: RunSpec) -> subprocess.Popen[bytes]:
        their_stdin, self.stdin = self._pipe() if spec.stdin else (self._opened(os.open(os.devnull, os.O_RDONLY)), None)
        self.stdout, their_stdout = self._pipe()
        for fd in (self.stdin, self.stdout):
            if fd is not None:
                os.set_blocking(fd, False)
        popen = subprocess.Popen(
            spec.argv,
            stdin=their_stdin,
            stdout=their_stdout,
            stderr=their_stdout,
            cwd=spec.cwd,
            env=environment(spec.env, spec.identity, self._mark),
            start_new_session=True,
        )
        self.close(their_stdin)
        self.close(their_stdout)
        return popen

    def _pipe(self) -> tuple[int, int]:
        read, write = os.pipe()
        return self._opened(read), self._opened(write)

    def _opened(self, fd: int) -> int:
        self._fds.add(fd)
        return fd

    def _close_all(self) -> None:
        for fd in tuple(self._fds):
            self.close(fd)


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def _cannot_start(spec: RunSpec, error: OSError) -> CannotStart:
    """What the system's refusal means for the turn."""
    program, cwd = spec.argv[0], Path(spec.cwd)
    if not cwd.is_dir():
        return CannotStart(TurnReason.NOT_FOUND, f"the working directory {cwd} does not exist")
    if error.errno == errno.ENOENT:
        return CannotStart(TurnReason.NOT_FOUND, f"there is no program {program!r} on the PATH of this worker")
    if error.errno in _HOPELESS:
        return CannotStart(TurnReason.NOT_FOUND, f"the program {program!r} cannot be executed: {error.strerror}")
    return CannotStart(TurnReason.EXIT_STATUS, f"the program {program!r} could not be started: {error.strerror}")
