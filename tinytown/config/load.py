"""The settings of a town, put together: the user's file, above it the town's, above all the environment."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from tinytown.config.address import Origin, RedisAddress
from tinytown.config.auth import unknown_scopes
from tinytown.config.environment import overrides, value_of, working_directory
from tinytown.config.files import checked, read_toml, refuse
from tinytown.config.missions import PUBLIC_GITHUB
from tinytown.config.name import derived_name
from tinytown.config.redact import has_secret
from tinytown.config.settings import TownSettings
from tinytown.config.user import as_tables, user_table, without_old_words
from tinytown.config.which_redis import address_of, choose_redis
from tinytown.domain.town import TownName, slug, town_name
from tinytown.errors import InvalidName, SettingsError, TownNotFound

__all__ = ["TOWN_FILE", "Settings", "check_town", "find_town", "shared_tables", "town_table"]

TOWN_FILE = "tinytown.toml"
UNNAMED = "tinytown"
"""A town without a file whose name nobody says: with it, REDIS_URL alone is enough for every process."""


class Settings(TownSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one town, as they hold for this process."""

    redis_from: Origin = Origin.TOWN
    """What decided which Redis it is; no setting itself."""

    @classmethod
    def load(cls, root: Path | None, env: Mapping[str, str], home: Path) -> Self:
        """The settings of the town in `root`.

        Args:
            root: the town's directory; None for a town that is all in the environment.
            env: the environment.
            home: the user's own directory, see `user_directory`.

        Raises:
            TownNotFound: there is no town file, and the environment names no Redis.
            SettingsError: something in a file or in the environment makes no sense.
        """
        user = user_table(home)
        file = _town_file(root, env)
        town = {} if file is None else file
        data: dict[str, Any] = {key: user[key] for key in user.keys() & {"default_cli", "conductor_cli"}} | town
        data["agent_clis"] = {**user.get("agent_clis", {}), **town.get("agent_clis", {})}
        data |= shared_tables(user, town)
        changes = dict(overrides(env))
        for keys, value in changes.items():
            _put(data, keys, value)
        token = value_of(env, "HIREFIRE_TOKEN")
        if token is not None:
            data["townhall"]["hirefire_token"] = token
        data["redis"], origin = choose_redis(data, user.get("redis", {}), env, home)
        if origin is Origin.CENTRAL:  # whose table the town's overrides did not reach
            for keys, value in changes.items():
                if keys[0] == "redis":
                    _put(data, keys, value)
        data["name"] = _name(root, UNNAMED if file is None else data.get("name", ""), env, shared=origin is not Origin.TOWN)
        loaded = msgspec.convert({**data, "use_central_redis": origin is Origin.CENTRAL, "redis_from": origin}, cls)
        for setting, why in unknown_scopes(loaded.townhall.auth):  # of the environment: the file was checked
            raise SettingsError(f"TINYTOWN_TOWNHALL__AUTH__{setting.upper()}", why)
        return loaded

    def redis_address(self, root: Path | None, home: Path) -> RedisAddress:
        """Where this town's Redis is.

        Raises:
            SettingsError: the address makes no sense.
        """
        base = home if self.redis_from is Origin.CENTRAL else Path.cwd() if root is None else root.absolute()
        return address_of(self.redis, self.redis_from, base=base)


def find_town(start: Path | None, env: Mapping[str, str]) -> Path | None:
    """The directory of the town that a directory lies in, as git finds a repository.

    Args:
        start: that directory; None for the one that this process works in, see `working_directory`.
        env: the environment; TINYTOWN_TOWN goes before everything.

    Raises:
        TownNotFound: TINYTOWN_TOWN names something that is no directory.
        SettingsError: TINYTOWN_TOWN_DIR does.
    """
    named = value_of(env, "TINYTOWN_TOWN")
    if named is not None:
        if not Path(named).is_dir():
            raise TownNotFound(named)
        return Path(named).resolve()
    if start is None:
        start = working_directory(env)
        if not start.is_dir():
            raise SettingsError("TINYTOWN_TOWN_DIR", f"there is no directory {start}")
    here = start.resolve()
    # Anything of that name counts, even what cannot be read: loading it says so.
    return next((place for place in (here, *here.parents) if os.path.lexists(place / TOWN_FILE)), None)


def town_table(root: Path) -> dict[str, Any]:
    """The tables of a town file, checked.

    Raises:
        FileNotFoundError: there is none.
        SettingsError: something in it makes no sense, or it holds a secret.
    """
    data = read_toml(root / TOWN_FILE)
    check_town(root / TOWN_FILE, data)
    return data


def check_town(path: Path, data: dict[str, Any]) -> None:
    """Refuse what does not belong into a town file; old spellings are brought up to date in `data`."""
    as_tables(data)
    if isinstance(data.get("redis"), dict):
        without_old_words(data["redis"])
    settings = checked(path, data, TownSettings)
    if settings.redis.password is not None:
        raise refuse(path, ("redis", "password"), "a town file holds no secrets; use TINYTOWN_REDIS_PASSWORD or ~/.tt/config.toml")
    if settings.redis.url is not None and has_secret(settings.redis.url):
        raise refuse(path, ("redis", "url"), "a town file holds no secrets; use REDIS_URL, or only the password in TINYTOWN_REDIS_PASSWORD")
    for keys, instead in _secrets_in(settings):
        raise refuse(path, keys, f"a town file holds no secrets; use {instead} or ~/.tt/config.toml")
    for setting, why in unknown_scopes(settings.townhall.auth):
        raise refuse(path, ("townhall", "auth", setting), why)
    if settings.name:
        try:
            town_name(settings.name)
        except InvalidName as error:
            raise refuse(path, ("name",), f"{error}; for instance {slug(settings.name)}") from None


def shared_tables(user: Mapping[str, Any], town: Mapping[str, Any]) -> dict[str, Any]:
    """The tables that both files may have, the town's settings above the user's.

    The user's token for GitHub goes where the user's own file says, and to
    nobody else: a town file may come from anywhere and name any host.
    """
    tables = {name: {**user.get(name, {}), **town.get(name, {})} for name in ("townhall", "github", "notify")}
    if town.get("github", {}).get("api_url", PUBLIC_GITHUB) != user.get("github", {}).get("api_url", PUBLIC_GITHUB):
        tables["github"].pop("token", None)
    return tables


def _secrets_in(settings: TownSettings) -> Iterator[tuple[tuple[str, ...], str]]:
    """The secrets that a town file holds, and the variables to put them into."""
    github, notify = settings.github, settings.notify
    found = {
        ("townhall", "hirefire_token", "HIREFIRE_TOKEN"): settings.townhall.hirefire_token is not None,
        ("github", "token", "GITHUB_TOKEN"): github.token is not None,
        ("github", "webhook_secret", "TINYTOWN_GITHUB__WEBHOOK_SECRET"): github.webhook_secret is not None,
        ("github", "api_url", "TINYTOWN_GITHUB__API_URL"): has_secret(github.api_url),
        ("notify", "urls", "TINYTOWN_NOTIFY__URLS"): bool(notify.urls),
        ("notify", "webhook_secret", "TINYTOWN_NOTIFY__WEBHOOK_SECRET"): notify.webhook_secret is not None,
        ("notify", "webhook_url", "TINYTOWN_NOTIFY__WEBHOOK_URL"): notify.webhook_url is not None and has_secret(notify.webhook_url),
    }
    yield from (((table, name), variable) for (table, name, variable), is_there in found.items() if is_there)


def _town_file(root: Path | None, env: Mapping[str, str]) -> dict[str, Any] | None:
    """The town file; None if there is none, and the environment says enough without it."""
    if root is not None:
        try:
            return town_table(root)
        except FileNotFoundError:
            pass
    if value_of(env, "REDIS_URL") is None:
        raise TownNotFound(str(Path.cwd() if root is None else root))
    return None


def _name(root: Path | None, named: str, env: Mapping[str, str], *, shared: bool) -> TownName:
    wanted = value_of(env, "TINYTOWN_TOWN_NAME")
    if wanted is not None:
        try:
            return town_name(wanted)
        except InvalidName as error:
            raise SettingsError("TINYTOWN_TOWN_NAME", str(error)) from None
    if named:
        return town_name(named)
    return derived_name(Path.cwd() if root is None else root, shared=shared)


def _put(data: dict[str, Any], keys: tuple[str, ...], value: Any) -> None:
    """Set one key, without touching tables that belong to somebody else."""
    *above, last = keys
    for key in above:
        data[key] = dict(data.get(key, {}))
        data = data[key]
    data[last] = value
