"""One call of `tt`: what its global options said, and the town it is about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tinytown.town import Town

__all__ = ["Call", "call_of", "opened"]


class Call:
    """The global options of one call; the last one given wins."""

    __slots__ = ("town", "verbose")

    def __init__(self) -> None:
        self.town: Path | None = None
        self.verbose = False


def call_of(ctx: click.Context) -> Call:
    """The call that a command runs in."""
    return ctx.ensure_object(Call)


@contextmanager
def opened(ctx: click.Context, *, light: bool = False) -> Iterator[Town]:
    """Open the town this call is about.

    Args:
        ctx: the context of the command.
        light: use the small client of our own, which imports quickly but
            cannot block, subscribe or speak TLS; right for reading commands.
    """
    from tinytown.bootstrap import open_town
    from tinytown.config import environment

    with open_town(call_of(ctx).town, environment(), light=light) as town:
        yield town
