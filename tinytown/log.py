"""Logging of long-lived processes: one line each on stderr, with the agent it is about."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["bound", "set_up_audit_log", "set_up_logging"]

FORMAT = "%(asctime)s.%(msecs)03d %(levelname)-7s %(about)s%(message)s"

_about: ContextVar[tuple[str, ...]] = ContextVar("about", default=())


@contextmanager
def bound(*names: str) -> Iterator[None]:
    """Name the agent or task that the lines logged in the block are about."""
    token = _about.set((*_about.get(), *names))
    try:
        yield
    finally:
        _about.reset(token)


def set_up_logging(*, verbose: bool = False) -> None:
    """Log to stderr; `verbose` adds what is only of interest when something is wrong."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT, "%Y-%m-%d %H:%M:%S"))
    handler.addFilter(_name_subject)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.getLogger("dramatiq").setLevel(logging.WARNING)  # it tells of every thread
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells of every request, with addresses that may be signed
    logging.getLogger("httpcore").setLevel(logging.WARNING)  # as httpx, byte by byte
    logging.raiseExceptions = False  # a full disk under the log is no reason to print tracebacks


def set_up_audit_log() -> None:
    """Log who did what through townhall to stderr, each record a bare line of JSON.

    It has a handler of its own, so that no level or filter of the other lines
    can silence it.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    lines = logging.getLogger("tinytown.audit")
    lines.handlers[:] = [handler]
    lines.setLevel(logging.INFO)
    lines.propagate = False


def _name_subject(record: logging.LogRecord) -> bool:
    names = _about.get()
    record.about = f"[{' '.join(names)}] " if names else ""
    return True
