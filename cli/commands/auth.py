"""`tt auth`: keys for townhall."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import opened
from tinytown.cli.options import group, json_option
from tinytown.cli.output import age, duration, echo_json, echo_table
from tinytown.cli.spans import Span
from tinytown.domain.scope import Scope, parse_scopes

if TYPE_CHECKING:
    from tinytown.domain.api_key import ApiKey

__all__ = ["auth"]

COLOURS = {"live": "green", "expired": "yellow", "revoked": "bright_black"}


@group("auth")
def auth() -> None:
    """Make, list and revoke keys for townhall.

    A named key has its own scopes and end, and is kept in Redis as a hash.

    \b
    Examples:
      tt auth gen-key --name ci --scope town.read --scope town.write --expires 30d
      tt auth list
      tt auth revoke ci
    """


@auth.command("gen-key")
@click.option("--name", metavar="NAME", help="Keep the key's hash in the town, under this name.")
@click.option("--scope", "scopes", metavar="SCOPE", multiple=True, help=f"What it may do, again for each: {', '.join(Scope)}.")
@click.option("--expires", metavar="SPAN", type=Span(), help="How long it works: 45m, 12h, 30d, 2w; else until it is revoked.")
@json_option
@click.pass_context
def gen_key(ctx: click.Context, *, name: str | None, scopes: tuple[str, ...], expires: timedelta | None, as_json: bool) -> None:
    """Make a key, and show it this once.

    Without --name nothing is kept: the key and its Argon2id hash are printed,
    each on a line, and the hash belongs into tinytown.toml.

    \b
    Examples:
      tt auth gen-key
      tt auth gen-key --name ci --scope town.read --expires 30d
      KEY=$(tt auth gen-key --name ci --scope town.read)
    """
    allowed = parse_scopes(scopes)
    if name is not None:
        _make_named(ctx, name, allowed, expires, as_json=as_json)
    elif expires is not None:
        raise click.UsageError("--expires needs a --name: the key of tinytown.toml has no end")
    else:
        _print_raw(allowed, as_json=as_json)


@auth.command("list")
@json_option
@click.pass_context
def list_keys(ctx: click.Context, *, as_json: bool) -> None:
    """List the named keys, oldest first.

    \b
    Examples:
      tt auth list
      tt auth list --json
    """
    with opened(ctx, light=True) as town:
        keys, now = town.api_keys.list(), town.desk.now()
        if as_json:
            echo_json([_as_data(key, now) for key in keys])
        elif not keys:
            click.echo("No named keys.")
        else:
            echo_table([_row(key, now) for key in keys], ["ID", "NAME", "STATE", "USED", "ENDS", "SCOPES"])


@auth.command("revoke")
@click.argument("key")
@json_option
@click.pass_context
def revoke(ctx: click.Context, key: str, *, as_json: bool) -> None:
    """Take a key back for good.

    KEY is a name, an id, or the beginning of an id. Townhalls that saw the key
    a moment ago may believe it for [townhall.auth] remember_secs.

    \b
    Examples:
      tt auth revoke ci
      tt auth revoke 3f2a91c0
    """
    with opened(ctx, light=True) as town:
        revoked = town.api_keys.revoke(key)
        if as_json:
            echo_json(_as_data(revoked, town.desk.now()))
            return
        seconds = town.settings.townhall.auth.remember_secs
        click.echo(f"{revoked.name} ({revoked.id}) is revoked; it opens nothing any more, within {seconds} s everywhere.")


def _make_named(ctx: click.Context, name: str, scopes: frozenset[Scope], expires: timedelta | None, *, as_json: bool) -> None:
    with opened(ctx, light=True) as town:
        made = town.api_keys.create(name, scopes, expires)
        if as_json:
            echo_json({"key": made.text, **_as_data(made.record, town.desk.now())})
            return
        click.echo(made.text)
        ends = "until it is revoked" if expires is None else f"for {duration(expires)}"
        click.echo(f"{name} may {', '.join(made.record.scopes)} {ends}. The key above is shown this once; send it as\n", err=True)
        click.echo("  Authorization: Bearer KEY      or      X-API-Key: KEY\n", err=True)
        if town.settings.townhall.auth.mode != "api_key":
            click.echo('note: townhall asks for keys only with [townhall.auth] mode = "api_key"', err=True)


def _print_raw(scopes: frozenset[Scope], *, as_json: bool) -> None:
    """A key that nobody knows of, and its hash."""
    import secrets

    from tinytown.services.key_hash import hashed

    key = secrets.token_hex(32)
    known = hashed(key)
    if as_json:
        echo_json({"key": key, "hash": known})
        return
    click.echo(key)
    click.echo(known)
    named = [scope.value for scope in Scope if scope in scopes] or [Scope.TOWN_READ.value, Scope.TOWN_WRITE.value]
    listed = ", ".join(f'"{scope}"' for scope in named)
    click.echo("Above: the key, for whoever calls (it is kept nowhere), and its hash, for tinytown.toml:\n", err=True)
    click.echo('  [townhall.auth]\n  mode = "api_key"', err=True)
    click.echo(f'  api_key_hash = "{known}"\n  api_key_scopes = [{listed}]\n', err=True)


def _row(key: ApiKey, now: datetime) -> list[str | None]:
    state = key.state(now).value
    used = None if key.last_used_at is None else f"{age(key.last_used_at, now)} ago"
    ends = None if key.expires_at is None or key.expires_at <= now else f"in {duration(key.expires_at - now)}"
    return [key.id, key.name, click.style(state, fg=COLOURS[state]), used, ends, " ".join(key.scopes)]


def _as_data(key: ApiKey, now: datetime) -> dict[str, object]:
    """The record as programs may see it: without the hash."""
    names = ("id", "name", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    return {**{name: getattr(key, name) for name in names}, "state": key.state(now).value}
