"""Waiting for what happens elsewhere: the only place in the tests that sleeps."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["wait_until"]

T = TypeVar("T")


def wait_until(predicate: Callable[[], T], timeout: float = 10.0, every: float = 0.01, *, message: str | None = None) -> T:
    """Ask again and again until the answer is truthy, and return it.

    Args:
        timeout: seconds after which the test fails.
        every: seconds between two questions.
        message: what was waited for, if the calling line does not say it.
    """
    __tracebackhide__ = True  # the interesting line is the caller's
    deadline = time.monotonic() + timeout
    while True:
        answer = predicate()
        if answer:
            return answer
        if time.monotonic() >= deadline:
            what = message if message is not None else getattr(predicate, "__qualname__", repr(predicate))
            raise AssertionError(f"waited {timeout:g} s for {what}; the last answer was {answer!r}")
        time.sleep(every)
