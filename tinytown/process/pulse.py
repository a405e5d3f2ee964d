"""The pulse of a process: a file that is touched as long as its jobs come round, for probes that cannot look inside."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tinytown.config import value_of
from tinytown.errors import SettingsError, TownError

__all__ = ["VARIABLE", "NoPulse", "Pulse"]

VARIABLE = "TINYTOWN_PULSE_FILE"


class NoPulse(TownError):
    """The process has not been heard of for too long."""

    code = "no_pulse"

    def __init__(self, path: str, why: str) -> None:
        super().__init__(path, why)
        self.path = path
        self.why = why

    def __str__(self) -> str:
        return f"no pulse in {self.path}: {self.why}"


class Pulse:
    """The file that the environment names; without one, nothing is written."""

    def __init__(self, env: Mapping[str, str]) -> None:
        named = value_of(env, VARIABLE)
        self._path = None if named is None else Path(named)

    def beat(self) -> None:
        """Say that this process is alive.

        Raises:
            SettingsError: the file cannot be written.
        """
        if self._path is None:
            return
        try:
            self._path.touch()
        except OSError as error:
            raise SettingsError(VARIABLE, f"{self._path} cannot be written: {error.strerror}") from None

    def check(self, within: timedelta) -> timedelta:
        """How long ago the last beat was.

        Raises:
            SettingsError: the environment names no file.
            NoPulse: that is longer than `within`, or there was none.
        """
        if self._path is None:
            raise SettingsError(VARIABLE, "is not set: name the file that the process touches")
        try:
            ago = timedelta(seconds=max(0.0, time.time() - self._path.stat().st_mtime))
        except OSError as error:
            raise NoPulse(str(self._path), str(error.strerror)) from None
        if ago > within:
            raise NoPulse(str(self._path), f"the last beat was {ago.total_seconds():.0f} s ago")
        return ago
