"""How results look: tables and ages for people, JSON for programs, colour only where it is wanted."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import click

__all__ = [
    "age",
    "clean",
    "counted",
    "duration",
    "echo_json",
    "echo_table",
    "shortened",
    "state_styled",
    "table_lines",
    "terminal_width",
    "visible",
    "wants_colour",
]

ABSENT = "-"
GAP = "  "
ELLIPSIS = "…"

_COLOURS = {
    "working": "green", "running": "green", "completed": "green", "paused": "yellow", "draining": "yellow", "starting": "cyan",
    "assigned": "cyan", "error": "red", "failed": "red", "stopped": "bright_black", "cold": "bright_black", "cancelled": "bright_black",
    "done": "green", "active": "green", "ready": "cyan", "planning": "cyan", "pending": "bright_black", "blocked": "yellow",
    "snoozed": "yellow",
}  # fmt: skip


def wants_colour(environment: Mapping[str, str]) -> bool:
    """Whether stdout is a terminal whose user has not set NO_COLOR."""
    return sys.stdout.isatty() and environment.get("NO_COLOR", "") == ""


def echo_json(value: Any) -> None:
    """Print a value as indented JSON; structs, dates and enums are fine."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2))


def echo_table(rows: Iterable[Sequence[str | None]], headers: Sequence[str]) -> None:
    """Print aligned columns.

    A terminal gets the last column cut to its width; a pipe gets everything.
    Cells may be styled with `click.style`; None is shown as a dash.
    """
    limit = terminal_width()
    for line in table_lines(rows, headers):
        click.echo(_cut(line, limit))


def table_lines(rows: Iterable[Sequence[str | None]], headers: Sequence[str]) -> list[str]:
    """Aligned columns as lines, the headers first."""
    cells = [[ABSENT if cell is None or cell == "" else cell for cell in row] for row in rows]
    lines = [list(headers), *cells]
    widths = [max(len(click.unstyle(line[column])) for line in lines) for column in range(len(headers))]
    padded = [[cell + " " * (width - len(click.unstyle(cell))) for cell, width in zip(line, widths, strict=True)] for line in lines]
    return [GAP.join(line).rstrip() for line in padded]


def clean(text: str) -> str:
    """The first line, with control characters made visible.

    What agents write may hold escape sequences, which a terminal would obey.
    """
    first = text.strip().split("\n", 1)[0].rstrip()
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in first)


def visible(text: str) -> str:
    """The whole text; what a terminal would obey is made visible."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text.rstrip())


def shortened(text: str, width: int = 120) -> str:
    """The first line, cut to `width` characters, with control characters made visible."""
    line = clean(text[: 4 * width])  # what follows cannot be shown; the text may have megabytes
    return line if len(line) <= width else f"{line[: width - 1]}{ELLIPSIS}"


def state_styled(state: str, text: str | None = None) -> str:
    """The state of an agent, a task or a mission, or a text that stands for it, in its colour; red is what needs somebody."""
    return click.style(state if text is None else text, fg=_COLOURS.get(state))


def counted(number: int, thing: str, things: str | None = None) -> str:
    """A number with its noun: 1 agent, 2 agents, 3 replies."""
    return f"{number} {thing if number == 1 else f'{thing}s' if things is None else things}"


def duration(span: timedelta) -> str:
    """A length of time in at most two units: 0.4s, 12s, 3m 05s, 2h 05m, 3d 4h."""
    seconds = max(span.total_seconds(), 0.0)
    if seconds < 1:
        return f"{seconds:.1f}s"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days}d {hours}h"
    if hours:
        return f"{hours}h {minutes:02d}m"
    return f"{minutes}m {rest:02d}s" if minutes else f"{rest}s"


def age(moment: datetime | None, now: datetime) -> str | None:
    """How long ago something was; None stays None."""
    return None if moment is None else duration(now - moment)


def terminal_width() -> int | None:
    """How many columns the terminal has; None when stdout is none."""
    if not sys.stdout.isatty():
        return None
    import shutil

    return shutil.get_terminal_size().columns


def _cut(line: str, limit: int | None) -> str:
    plain = click.unstyle(line)
    if limit is None or len(plain) <= limit:
        return line
    if plain == line:
        return line[: limit - 1] + ELLIPSIS
    return plain[: limit - 1] + ELLIPSIS  # cutting inside a colour would leave it switched on
