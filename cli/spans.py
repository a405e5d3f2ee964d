"""Lengths of time as people write them: 45m, 12h, 30d, 2w."""

from __future__ import annotations

import re
from datetime import timedelta

import click

__all__ = ["Span"]

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_TEXT = re.compile(r"([0-9]{1,5})([mhdw])\Z")


class Span(click.ParamType[timedelta]):
    """A whole number and a unit."""

    name = "span"

    def convert(self, value: str | timedelta, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The length of time that a text stands for."""
        if isinstance(value, timedelta):
            return value
        found = _TEXT.match(value.strip())
        if found is None or not int(found[1]):
            self.fail(f"{value[:40]!r} is no length of time; write 45m, 12h, 30d or 2w", param, ctx)
        return int(found[1]) * _UNITS[found[2]]
