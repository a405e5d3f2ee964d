"""Ending: whether this process has been asked to end, for answers that would go on for ever."""

from __future__ import annotations

__all__ = ["begin_ending", "is_ending"]

_begun: list[bool] = []


def begin_ending() -> None:
    """Note that the process is to end; a signal handler may call this."""
    _begun.append(True)


def is_ending() -> bool:
    """Whether it is to end: what streams or waits should come to a close."""
    return bool(_begun)
