"""A part of the terminal that is drawn anew in place: plain escape sequences, no lines that wrap."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Sequence

import click

__all__ = ["Screen", "cells", "fitted"]

UP, CLEAR_BELOW = "\x1b[{}A", "\x1b[J"
RESET = "\x1b[0m"
ELLIPSIS = "…"

_STYLE = re.compile(r"(\x1b\[[0-9;]*m)")


class Screen:
    """The lines drawn last, so that the next ones can take their place; the cursor stands below them.

    Args:
        colour: keep the colours of lines.
    """

    def __init__(self, *, colour: bool) -> None:
        self._colour = colour
        self._drawn: list[str] = []

    def draw(self, make: Callable[[int], Sequence[str]]) -> None:
        """Draw lines instead of those before; `make` is told how many there is room for."""
        size = _size()
        lines = [fitted(line if self._colour else click.unstyle(line), size.columns) for line in make(size.lines - 1)][: size.lines - 1]
        # A terminal that has become narrower since has wrapped what was drawn.
        up = min(sum(max(1, -(-cells(line) // size.columns)) for line in self._drawn), size.lines - 1)
        begin = f"{UP.format(up)}\r" if up else "\r"
        sys.stdout.write("".join((begin, CLEAR_BELOW, *(f"{line}\n" for line in lines))))
        sys.stdout.flush()
        self._drawn = lines


def _size() -> os.terminal_size:
    """How large the terminal is by now; COLUMNS and LINES, which do not change with it, count only where it does not say."""
    try:
        size = os.get_terminal_size(sys.stdout.fileno())
    except (OSError, ValueError):
        size = os.terminal_size((0, 0))
    return size if size.columns > 0 and size.lines > 1 else shutil.get_terminal_size()


def cells(text: str) -> int:
    """How many columns a text takes; colours take none, and some characters two."""
    return sum(map(_width, click.unstyle(text)))


def fitted(line: str, columns: int) -> str:
    """A line cut to so many columns; its colours stay, and end with it."""
    if cells(line) <= columns:
        return line
    kept: list[str] = []
    left = columns - 1
    for part in _STYLE.split(line):
        if _STYLE.fullmatch(part):
            kept.append(part)
            continue
        for character in part:
            left -= _width(character)
            if left < 0:
                styled = any(_STYLE.fullmatch(piece) for piece in kept)
                return f"{''.join(kept)}{ELLIPSIS}{RESET if styled else ''}"
            kept.append(character)
    return "".join(kept)


def _width(character: str) -> int:
    if character.isascii():
        return 1
    from unicodedata import combining, east_asian_width

    return 0 if combining(character) else 2 if east_asian_width(character) in "WF" else 1
