"""Outages of what townhall can do without for a while: told once, and once more when they are over."""

from __future__ import annotations

import logging
from threading import Lock

__all__ = ["Outage"]

_log = logging.getLogger(__name__)


class Outage:
    """Whether something is away, and what that means meanwhile; threads may share it."""

    def __init__(self, meaning: str) -> None:
        self._meaning = meaning
        self._lock = Lock()
        self._is_on = False

    def goes_on(self, error: Exception) -> None:
        """Say so in the log, the first time."""
        with self._lock:
            first, self._is_on = not self._is_on, True
        if first:
            _log.warning("%s: %s", self._meaning, error)

    def is_over(self) -> None:
        """Say so in the log, if there was one."""
        if self._is_on:
            with self._lock:
                was_on, self._is_on = self._is_on, False
            if was_on:
                _log.info("no longer: %s", self._meaning)
