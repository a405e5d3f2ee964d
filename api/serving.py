"""Serving a town over WSGI: it is opened in the process that serves it, at its first request."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tinytown.api.app import create_app
from tinytown.api.bare import BareProblem, bare_problem
from tinytown.api.binding import is_loopback
from tinytown.config import AuthMode
from tinytown.errors import TownError
from tinytown.patience import patience
from tinytown.town import Town

__all__ = ["Serving"]

Opener = Callable[[], Town]

_OPEN = "This townhall asks nobody who they are, so it answers callers on its own machine only; see [townhall.auth]."

_log = logging.getLogger(__name__)


class Serving:
    """A WSGI application for any server, with or without threads and processes.

    Which addresses that server listens on cannot be seen from here; but who
    calls can, so that a town without auth stays closed to other machines.

    Args:
        opener: opens the town; called once in each process, and again as long as it fails.
        started_at: when townhall started, in seconds of the monotonic clock; None for when the town is opened.
        metrics: the folder in which several processes keep their counts together; None for one process.
    """

    def __init__(self, opener: Opener, *, started_at: float | None = None, metrics: Path | None = None) -> None:
        self._opener = opener
        self._metrics = metrics
        self._started_at = started_at
        self._lock = threading.Lock()
        self._pid = 0
        self._app: Callable[..., Iterable[bytes]] | None = None
        self._seconds = 0.0
        self._is_open = False

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request; no call of Redis outlasts the time that it may take."""
        try:
            app = self._opened()
        except TownError as error:
            _log.error("the town cannot be opened: %s", error, extra={"action": "town.closed"})
            problem = bare_problem(503, "Townhall cannot open its town; its log says why.", path=environ.get("PATH_INFO", ""))
            return self._refuse(problem, start_response)
        if self._is_open and not _is_from_here(environ.get("REMOTE_ADDR", "")):
            return self._refuse(bare_problem(403, _OPEN, path=environ.get("PATH_INFO", "")), start_response)
        with patience(self._seconds):
            return app(environ, start_response)

    def open(self) -> None:
        """Open the town before anybody asks.

        Raises:
            TownError: that fails.
        """
        self._opened()

    @staticmethod
    def _refuse(problem: BareProblem, start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(problem.status_line, problem.headers)
        return [problem.body]

    def _opened(self) -> Callable[..., Iterable[bytes]]:
        if self._app is not None and self._pid == os.getpid():
            return self._app
        with self._lock:
            if self._app is None or self._pid != os.getpid():  # a connection must not be shared with a process that was forked
                town = self._opener()
                started_at = town.desk.clock.monotonic() if self._started_at is None else self._started_at
                self._seconds = town.settings.townhall.request_timeout.total_seconds()
                self._is_open = town.settings.townhall.auth.mode is AuthMode.NONE
                self._app, self._pid = create_app(town, started_at=started_at, metrics=self._metrics), os.getpid()
            return self._app


def _is_from_here(address: str) -> bool:
    """Whether a caller is on this machine; one on a unix socket has no address."""
    if not address:
        return True
    try:
        return is_loopback(address)
    except ValueError:
        return False
