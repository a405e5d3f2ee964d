"""Lengths of time as people write them: 45m, 12h, 30d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import NoReturn

import click

__all__ = ["Span"]

_UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_TEXT = re.compile(r"([0-9]{1,8})([smhdw]?)\Z")


_LONGEST = timedelta(weeks=100_000)
"""From now on that long there still are dates."""


class Span(click.ParamType[timedelta]):
    """A whole number and a unit.

    Args:
        seconds: take seconds, too, with or without a unit.
        zero: take 0, too.
    """

    name = "span"

    def __init__(self, *, seconds: bool = False, zero: bool = False) -> None:
        self._seconds = seconds
        self._zero = zero

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The length of time that a text stands for."""
        if isinstance(value, timedelta):
            return value
        found = _TEXT.match(value.strip())
        unit = "" if found is None else found[2]
        if found is None or (not self._seconds and unit in {"", "s"}) or (not self._zero and not int(found[1])):
            self._refuse(value, param, ctx)
        span = int(found[1]) * _UNITS[unit or "s"]
        if span > _LONGEST:
            self._refuse(value, param, ctx)
        return span

    def _refuse(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> NoReturn:
        examples = "90, 45m, 12h or 2d" if self._seconds else "45m, 12h, 30d or 2w"
        self.fail(f"{value[:40]!r} is no length of time; write {examples}", param, ctx)
