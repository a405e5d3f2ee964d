"""A command for the tests of what surrounds all commands."""

from __future__ import annotations

import errno

import click

from tinytown.cli.call import call_of
from tinytown.cli.options import command, json_option
from tinytown.errors import AgentExists, AgentNotFound, InvalidName, RedisUnavailable, TimedOut, TownError

__all__ = ["ERRORS", "sample"]

ERRORS: dict[str, BaseException] = {
    "not-found": AgentNotFound("bob"),
    "conflict": AgentExists("bob"),
    "refused": InvalidName("an agent name", "a b", "no blanks"),
    "timed-out": TimedOut("the task", 5),
    "unavailable": RedisUnavailable("unix:///nowhere", "connection refused"),
    "disk-full": OSError(errno.ENOSPC, "No space left on device", "/town/.tt/logs/ada.log"),
    "surprise": ValueError("first line\nsecond line"),
    "closed-pipe": BrokenPipeError(),
    "ctrl-c": KeyboardInterrupt(),
    "root": TownError("a plain one"),
}


@command("sample")
@click.option("--fail", type=click.Choice(list(ERRORS)), help="Which error to raise.")
@json_option
@click.pass_context
def sample(ctx: click.Context, fail: str | None, *, as_json: bool) -> None:
    """Fail as told, or print what the call is about."""
    if fail is not None:
        raise ERRORS[fail]
    call = call_of(ctx)
    click.secho(f"town={call.town} verbose={call.verbose} json={as_json}", fg="green")
