"""What libraries log while we send: kept from everybody else, for their lines hold addresses."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar

__all__ = ["overheard"]

_LOGS = ("apprise", "httpx", "requests", "urllib3.connectionpool")

_listening: ContextVar[list[str] | None] = ContextVar("listening", default=None)


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The lines that libraries log in the block, also in threads to which they hand its context."""
    for name in _LOGS:
        logging.getLogger(name).addFilter(_keep)  # which the second time changes nothing
    heard: list[str] = []
    token = _listening.set(heard)
    try:
        yield heard
    finally:
        _listening.reset(token)


def _keep(record: logging.LogRecord) -> bool:
    """Let a line pass unless somebody listens."""
    heard = _listening.get()
    if heard is not None:
        with suppress(Exception):  # a line that cannot be put together is none
            heard.append(record.getMessage())
    return heard is None
