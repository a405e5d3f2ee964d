"""`tt release`: the release phase of a Procfile, and what to run before a deployment anywhere."""

from __future__ import annotations

import click

from tinytown.cli.call import call_of
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json

__all__ = ["release"]

WANTED = "noeviction"


@command("release")
@json_option
@click.pass_context
def release(ctx: click.Context, *, as_json: bool) -> None:
    """Check that a town can run here, before its processes start.

    Reads the settings as they would, and asks Redis whether it can be used. It
    starts nothing and changes nothing; a release that fails keeps the old one.

    \b
    Examples:
      tt release
      REDIS_URL=rediss://… tt release --json
    """
    from importlib.metadata import version

    from tinytown.bootstrap import open_town
    from tinytown.config import environment

    with open_town(call_of(ctx).town, environment(), light=True, start=False) as town:
        health = town.health.check()
        eviction = town.health.eviction()
        where = str(town.address)
        name, mode = town.name, town.settings.townhall.auth.mode.value
    if eviction not in {None, WANTED}:
        click.echo(f"warning: Redis may throw records away when its memory is full ({eviction}); set maxmemory-policy {WANTED}", err=True)
    if as_json:
        found = {"town": name, "version": version("tinytown"), "redis": where, "redis_latency_ms": health.redis_latency_ms}
        echo_json({**found, "eviction": eviction, "townhall_auth": mode, "clock": health.clock})
        return
    click.echo(f"Town {name} can run, with tinytown {version('tinytown')}.")
    click.echo(f"  Redis: {where}, answers in {health.redis_latency_ms:.1f} ms, when full: {eviction or 'cannot be asked'}")
    click.echo(f"  Clock: {'none leads yet' if health.clock is None else f'{health.clock} leads'}; townhall auth: {mode}")
