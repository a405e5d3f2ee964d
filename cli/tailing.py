"""The end of a file, and what is appended to it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

__all__ = ["appended", "last_lines"]

PAUSE_SECONDS = 0.25
BLOCK = 64 * 1024


def last_lines(path: Path, count: int) -> tuple[list[str], int]:
    """The last lines of a file, and where they end."""
    with path.open("rb") as file:
        end = start = file.seek(0, 2)
        data = b""
        while start > 0 and data.count(b"\n") <= count:
            size = min(BLOCK, start)
            start -= size
            file.seek(start)
            data = file.read(size) + data
    lines = data.decode("utf-8", "replace").splitlines()
    return (lines[-count:] if count else []), end


def appended(path: Path, position: int) -> Iterator[str]:
    """Yield whole lines as they are written; a file that was begun anew is read from its start."""
    begun = b""
    while True:
        size = path.stat().st_size if path.exists() else 0
        if size < position:
            position, begun = 0, b""
        if size == position:
            time.sleep(PAUSE_SECONDS)
            continue
        with path.open("rb") as file:
            file.seek(position)
            data = file.read(BLOCK)
        position += len(data)
        *whole, begun = (begun + data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in whole)
