"""`tt config`: the settings in force and where they come from; changing them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinytown.cli.call import call_of
from tinytown.cli.options import command, json_option
from tinytown.cli.output import clean, echo_json, echo_table

if TYPE_CHECKING:
    from tinytown.config.sources import Setting

__all__ = ["config"]


@command("config")
@click.argument("key", required=False)
@click.argument("value", required=False)
@click.option("--unset", is_flag=True, help="Take the setting out of the file.")
@click.option("--user", "for_user", is_flag=True, help="Change ~/.tt/config.toml, which holds for all towns, and not the town's file.")
@click.option("--show-secrets", is_flag=True, help="Print a password as it is; together with KEY only.")
@json_option
@click.pass_context
def config(
    ctx: click.Context, key: str | None, value: str | None, *, unset: bool, for_user: bool, show_secrets: bool, as_json: bool
) -> None:
    """Show and change settings.

    Without KEY all settings in force are listed with what decided about each:
    a variable of the environment, the town's file, the user's file, or nobody.
    Comments in the files survive changes.

    \b
    Examples:
      tt config
      tt config agent.max_attempts
      tt config agent.max_attempts 5
      tt config agent.max_attempts --unset
      tt config --user default_cli codex
      tt config --user redis.password --show-secrets
    """
    if key is None and (unset or show_secrets):
        raise click.UsageError(f"{'--unset' if unset else '--show-secrets'} needs a KEY")
    if value is not None and (unset or show_secrets):
        raise click.UsageError(f"{'--unset' if unset else '--show-secrets'} takes no VALUE")
    if key is not None and (unset or value is not None):
        _change(ctx, key, value, for_user=for_user, as_json=as_json)
        return
    found = _of_user() if for_user else _in_force(ctx)
    if key is None:
        echo_json([_as_data(one, show=False) for one in found]) if as_json else _list(found)
    else:
        _show(key, found, show=show_secrets, as_json=as_json)


def _in_force(ctx: click.Context) -> list[Setting]:
    from tinytown.config import environment, user_directory
    from tinytown.config.sources import settings_in_force

    env = environment()
    return settings_in_force(_root(ctx), env, user_directory(env))


def _of_user() -> list[Setting]:
    """What the user's file says, whatever is in force here."""
    from tinytown.config import environment, user_directory
    from tinytown.config.sources import settings_of_user

    return settings_of_user(user_directory(environment()))


def _root(ctx: click.Context) -> Path | None:
    """The town's directory; None outside of towns."""
    from tinytown.config import environment, find_town
    from tinytown.errors import TownNotFound

    given = call_of(ctx).town
    if given is None:
        return find_town(None, environment())
    root = find_town(given, {}) if given.is_dir() else None
    if root is None:
        raise TownNotFound(str(given))
    return root


def _list(settings: list[Setting]) -> None:
    rows = [(one.key, clean(_text(one.shown)), one.source if one.where is None else f"{one.source}: {one.where}") for one in settings]
    echo_table(rows, ["SETTING", "VALUE", "FROM"])


def _show(key: str, settings: list[Setting], *, show: bool, as_json: bool) -> None:
    """Print one setting as it is, for scripts; of a table, everything in it."""
    exact = [one for one in settings if one.key == key]
    if exact:
        value = exact[0].value if show else exact[0].shown
        echo_json(_as_data(exact[0], show=show)) if as_json else click.echo(_text(value))
        return
    within = [one for one in settings if one.key.startswith(f"{key}.")]
    if show and within:
        raise click.UsageError(f"--show-secrets shows one setting, and {key} is a table")
    if within:
        echo_json([_as_data(one, show=False) for one in within]) if as_json else _list(within)
        return
    _refuse_unknown(key, settings)
    echo_json(None) if as_json else click.echo("")


def _refuse_unknown(key: str, settings: list[Setting]) -> None:
    """An error with the name that was probably meant, unless the setting exists and is only not set."""
    from tinytown.config.blame import near
    from tinytown.config.keys import type_of
    from tinytown.config.settings import TownSettings
    from tinytown.config.user import UserSettings
    from tinytown.errors import SettingsError

    parts = tuple(key.split("."))
    if type_of(TownSettings, parts) is None and type_of(UserSettings, parts) is None:
        raise SettingsError(key, f"there is no such setting{near(key, [one.key for one in settings])}")


def _change(ctx: click.Context, key: str, value: str | None, *, for_user: bool, as_json: bool) -> None:
    """Set or unset a setting in one of the files, and say what holds now."""
    from tinytown.config import TOWN_FILE, USER_FILE, environment, set_key, unset_key, user_directory
    from tinytown.errors import TownNotFound

    root = _root(ctx)
    if for_user:
        path = user_directory(environment()) / USER_FILE
    elif root is None:
        raise TownNotFound(f"{Path.cwd()} (--user changes the settings of all towns)")
    else:
        path = root / TOWN_FILE
    if value is None:
        gone = unset_key(path, key)
        said = f"{key} is no longer set in {path}" if gone else f"{key} was not set in {path}"
    else:
        set_key(path, key, value)
        said = f"{key} is set in {path}"
    _report(ctx, key, path, said, as_json=as_json)


def _report(ctx: click.Context, key: str, path: Path, said: str, *, as_json: bool) -> None:
    now = next((one for one in _in_force(ctx) if one.key == key), None)
    if as_json:
        echo_json(None if now is None else _as_data(now, show=False))
    else:
        click.echo(f"{said}.")
    if now is not None and now.where is not None and now.where != str(path):
        click.echo(f"note: {now.where} decides about {key} here", err=True)
    if key == "name":
        click.echo("note: what a town has in Redis stays under the name that it had", err=True)


def _as_data(setting: Setting, *, show: bool) -> dict[str, Any]:
    return {
        "key": setting.key,
        "value": setting.value if show else setting.shown,
        "source": setting.source,
        "where": setting.where,
        "secret": setting.secret,
    }


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case tuple() | list():
            return ", ".join(str(part) for part in value)
        case _:
            return str(value)
