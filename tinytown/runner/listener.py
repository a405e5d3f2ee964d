"""Passes output on to whoever listens, and survives a listener that fails."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Listener"]

_BACK_OFF = 1.0


class Listener:
    """A callback whose failures cost no turn.

    After a failure it is left alone for a second, so that a listener which
    waits for its time-out each time does not hold up the program.
    """

    def __init__(self, on_output: Callable[[bytes], object] | None) -> None:
        self.trouble: str | None = None
        self._on_output = on_output
        self._quiet_until = 0.0

    def hear(self, chunk: bytes) -> None:
        """Pass the chunk on."""
        if self._on_output is None or time.monotonic() < self._quiet_until:
            return
        try:
            self._on_output(chunk)
        except Exception as error:  # noqa: BLE001 - whatever it is, the program goes on
            self._quiet_until = time.monotonic() + _BACK_OFF
            if self.trouble is None:
                self.trouble = f"output could not be passed on: {error}"
