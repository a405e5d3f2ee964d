"""One call of `tt`: what its global options said, and the town it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import click

if TYPE_CHECKING:
    from tinytown.remote import RemoteTown
    from tinytown.town import Town

    AnyTown: TypeAlias = Town | RemoteTown
    """A town by its Redis, or through its townhall: what everyday commands use of it, both have."""

__all__ = ["Call", "call_of", "is_remote", "needs_redis", "opened", "reached"]

_TOWNHALL = "TINYTOWN_TOWNHALL_URL"


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
def reached(ctx: click.Context, *, light: bool = False) -> Iterator[AnyTown]:
    """Open the town this call is about, through its townhall if TINYTOWN_TOWNHALL_URL says so; for everyday commands.

    Args:
        ctx: the context of the command.
        light: as with `opened`.
    """
    from tinytown.config import environment

    env = environment()
    if not is_remote(call_of(ctx), env):
        with opened(ctx, light=light) as town:
            yield town
        return
    from tinytown.cli.notes import note
    from tinytown.remote import connect

    with connect(env) as remote:
        if remote.access.is_exposed:
            note(f"the key is sent to {remote.access.url} unencrypted: whoever listens on the way can read it; use https://")
        yield remote


@contextmanager
def opened(ctx: click.Context, *, light: bool = False) -> Iterator[Town]:
    """Open the town this call is about by its Redis; for commands that townhall cannot do.

    Args:
        ctx: the context of the command.
        light: use the small client of our own, which imports quickly but
            cannot block, subscribe or speak TLS; right for reading commands.

    Raises:
        NeedsRedis: only its townhall is known.
    """
    from tinytown.bootstrap import open_town
    from tinytown.config import environment

    needs_redis(ctx)
    with open_town(call_of(ctx).town, environment(), light=light) as town:
        yield town


def needs_redis(ctx: click.Context) -> None:
    """Refuse to go on if the environment names a townhall, and neither a Redis nor a folder.

    Raises:
        NeedsRedis: that is so.
    """
    from tinytown.config import environment, value_of

    env = environment()
    if is_remote(call_of(ctx), env) and all(value_of(env, name) is None for name in ("REDIS_URL", "TINYTOWN_TOWN")):
        from tinytown.errors import NeedsRedis

        raise NeedsRedis(ctx.command_path)


def is_remote(call: Call, env: Mapping[str, str]) -> bool:
    """Does the environment say that the town is reached through a townhall?

    `--town` stands above the environment. In a turn the town is that of the
    turn, even if its program reads a profile that names a townhall.
    """
    if call.town is not None or env.get("TINYTOWN_AGENT_ID", "").strip():
        return False
    return bool(env.get(_TOWNHALL, "").strip())
