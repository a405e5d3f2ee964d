"""The loggers of this process, which commands that run within it set up as those of a process of their own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["as_before"]


@contextmanager
def as_before() -> Iterator[None]:
    """Put every logger back to the level, the handlers and the way it had before the block; one that is new says no more than others."""
    known = {logger: (logger.level, logger.handlers[:], logger.propagate) for logger in _loggers()}
    complains = logging.raiseExceptions
    yield
    for logger in _loggers():
        level, handlers, propagates = known.get(logger, (logging.NOTSET, [], True))
        if logger.level != level:
            logger.setLevel(level)
        logger.handlers[:] = handlers
        logger.propagate = propagates
    logging.raiseExceptions = complains


def _loggers() -> list[logging.Logger]:
    made = logging.Logger.manager.loggerDict.values()
    return [logging.getLogger(), *(logger for logger in made if isinstance(logger, logging.Logger))]
