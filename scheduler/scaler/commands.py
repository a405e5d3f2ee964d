"""The commands that start and remove workers: the user's own, run without a shell, and never for longer than a while."""

from __future__ import annotations

import logging
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta

import msgspec

from tinytown.domain.worker import Worker
from tinytown.errors import InvalidValue
from tinytown.process import Signals
from tinytown.process.group import end_group

__all__ = ["OF_ALL", "OF_WORKERS", "ScalerCommand"]

OF_ALL = ("town", "wanted", "present")
OF_WORKERS = ("worker", "host", "pid")
"""What stands in braces in a command and is filled in; of a worker only where one is meant."""

LOOK_EVERY = 0.5  # seconds between two looks whether a command has ended
STDERR = 2
GRACE = 10.0  # seconds that a command has once the scaler was told to end

_log = logging.getLogger(__name__)


class ScalerCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A command, split into words, for one action: `up` or `down`."""

    action: str
    words: tuple[str, ...]
    timeout: timedelta

    @classmethod
    def parsed(cls, action: str, line: str, timeout: timedelta, env: Mapping[str, str]) -> ScalerCommand:
        """The command that a line of text says.

        Raises:
            InvalidValue: it says none, or there is no such program.
        """
        option = f"--command-{action}"
        try:
            words = tuple(shlex.split(line))
        except ValueError as error:
            raise InvalidValue(option, f"cannot be split into words: {error}".lower()) from None
        if not words:
            raise InvalidValue(option, "is empty")
        if shutil.which(words[0], path=env.get("PATH")) is None:
            raise InvalidValue(option, f"there is no program {words[0]!r} on PATH; for a line of shell, say: sh -c '…'")
        unknown = next((name for name in OF_WORKERS if action == "up" and any(f"{{{name}}}" in word for word in words)), None)
        if unknown is not None:
            raise InvalidValue(option, f"{{{unknown}}} is known of a worker that goes, and not of one that is to come")
        return cls(action=action, words=words, timeout=timeout)

    def filled(self, given: Mapping[str, str]) -> list[str]:
        """The words, with what stands in braces filled in; other braces are the command's own."""
        words = list(self.words)
        for name, value in given.items():
            words = [word.replace(f"{{{name}}}", value) for word in words]
        return words

    def run(
        self,
        env: Mapping[str, str],
        signals: Signals,
        *,
        town: str,
        wanted: int,
        present: int,
        worker: Worker | None,
        meanwhile: Callable[[], None],
    ) -> bool:
        """Run it to its end, and answer whether it succeeded; why it did not is logged.

        Args:
            env: the environment; what stands in braces is in it, too.
            signals: what cuts it short.
            town: whose worker it is about.
            wanted: how many workers there should be once it is done.
            present: how many take turns now.
            worker: the one that has gone.
            meanwhile: is called now and then.
        """
        given = {"town": town, "wanted": str(wanted), "present": str(present)}
        if worker is not None:
            given |= {"worker": worker.id, "host": worker.host, "pid": str(worker.pid)}
        words = self.filled(given)
        told = {f"TINYTOWN_SCALER_{_NAMES[name]}": value for name, value in given.items()} | {"TINYTOWN_SCALER_ACTION": self.action}
        try:
            # What it says is for whoever reads our log; a worker that it leaves behind may write there, too.
            process = subprocess.Popen(words, env={**env, **told}, stdin=subprocess.DEVNULL, stdout=STDERR, start_new_session=True)
        except OSError as error:
            _log.warning("the command %s cannot be run: %s", shlex.join(words), error.strerror, extra={"action": "scaler.failed"})
            return False
        why = self._awaited(process, signals, meanwhile)
        if why is not None:
            _log.warning("the command %s failed: %s", shlex.join(words), why, extra={"action": "scaler.failed"})
        return why is None

    def _awaited(self, process: subprocess.Popen[bytes], signals: Signals, meanwhile: Callable[[], None]) -> str | None:
        """Wait for its end; answers why it failed."""
        deadline = time.monotonic() + self.timeout.total_seconds()
        told = False
        while process.poll() is None:
            if signals.count and not told:
                told, deadline = True, min(deadline, time.monotonic() + GRACE)
                _log.info("%s: a command still runs, and may for %g s", signals.last, GRACE, extra={"action": "scaler.ending"})
            if time.monotonic() >= deadline or signals.count > 1:
                end_group(process)
                if told:
                    return "it was ended with the scaler"
                return (
                    f"it was ended after {self.timeout.total_seconds():g} s (--command-timeout). "
                    "A command has to return: one that is a worker itself wants `setsid --fork` or `systemd-run` in front"
                )
            _wait(process, signals, deadline)
            meanwhile()
        return f"exit status {process.returncode}" if process.returncode else None


_NAMES = {
    "town": "TOWN", "wanted": "WANTED", "present": "PRESENT", "worker": "WORKER", "host": "WORKER_HOST", "pid": "WORKER_PID",
}  # fmt: skip


def _wait(process: subprocess.Popen[bytes], signals: Signals, deadline: float) -> None:
    """Wait a moment: for the end of a quick command, for a signal during a slow one."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(0.05)
        return
    signals.wait(min(LOOK_EVERY, max(0.0, deadline - time.monotonic())))
