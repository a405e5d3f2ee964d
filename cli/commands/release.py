"""`tt release`: the release phase of a Procfile, and what to run before a deployment anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import call_of
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json

if TYPE_CHECKING:
    from tinytown.redis_server import Fitness

__all__ = ["release"]


@command("release")
@json_option
@click.pass_context
def release(ctx: click.Context, *, as_json: bool) -> None:
    """Check that a town can run here, before its processes start.

    Reads the settings as they would, asks Redis whether it can be used, and
    looks for all that would keep townhall from listening. It starts nothing and
    changes nothing: there is nothing to migrate. A release that fails keeps the
    old one; 2 means that a setting is wrong, 5 that Redis cannot be used.

    \b
    Examples:
      tt release
      REDIS_URL=rediss://… tt release --json
    """
    from importlib.metadata import version

    from tinytown.api.preflight import preflight
    from tinytown.bootstrap import open_town
    from tinytown.config import environment

    env, path = environment(), call_of(ctx).town
    server = _fit_server(path, env)
    with open_town(path, env, light=True, start=False) as town:
        health, flight = town.health.check(), preflight(town, env)
        name, where = town.name, str(town.address)
    warnings = list(flight.warnings)
    if not server.loses_nothing_when_full:
        warnings.append(f"Redis may throw records away when its memory is full ({server.eviction}); set maxmemory-policy noeviction")
    for warning in warnings if not as_json else []:
        click.echo(f"warning: {warning}", err=True)
    if flight.problems:
        worst, *others = flight.problems
        for other in others if not as_json else []:
            click.echo(f"tt: {other}", err=True)
        raise worst
    if as_json:
        redis = {"redis": where, "product": server.product, "redis_version": server.version, "redis_latency_ms": health.redis_latency_ms}
        found = {"town": name, "version": version("tinytown"), **redis, "eviction": server.eviction}
        echo_json({**found, "townhall_auth": flight.auth.value, "clock": health.clock, "warnings": warnings})
        return
    when_full = "cannot be asked; it must be noeviction" if server.eviction is None else server.eviction
    click.echo(f"Town {name} can run, with tinytown {version('tinytown')}.")
    click.echo(f"  Redis:    {server.product} {server.version} at {where}, answers in {health.redis_latency_ms:.1f} ms")
    click.echo(f"            permits all that is needed; when its memory is full: {when_full}")
    click.echo(f"  Townhall: auth {flight.auth.value}")
    click.echo(f"  Clock:    {'none leads yet' if health.clock is None else f'{health.clock} leads'}")


def _fit_server(path: Path | None, env: Mapping[str, str]) -> Fitness:
    """Which server it is, once it can carry the town.

    Raises:
        RedisForbids: the user lacks permissions; all of them are named.
    """
    from tinytown.bootstrap import load
    from tinytown.config import user_directory
    from tinytown.errors import RedisForbids
    from tinytown.redis_server import fitness_of

    root, settings = load(path, env)
    address = settings.redis_address(root, user_directory(env))
    server = fitness_of(address, settings.name)
    if server.missing:
        raise RedisForbids(str(address), ", ".join(server.missing))
    return server
