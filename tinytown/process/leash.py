"""The leash: a process that ends with whoever started it."""

from __future__ import annotations

import os
import select

__all__ = ["Leash"]


class Leash:
    """Whether whoever started this process is still there: the end of standard input says that it is not.

    No thread reads it, for the master forks.
    """

    def __init__(self, *, until_eof: bool) -> None:
        self._held = until_eof

    def is_cut(self) -> bool:
        """Whether standard input has ended; waits for nothing."""
        while self._held and select.select([0], [], [], 0)[0]:
            try:
                if not os.read(0, 4096):
                    return True
            except OSError:
                return True
        return False
