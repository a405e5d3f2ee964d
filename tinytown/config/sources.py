"""Where each setting comes from: the environment, the town's file, the user's file, or its default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from pathlib import Path
from typing import Any

import msgspec

from tinytown.config.address import Origin
from tinytown.config.environment import ALIASES, forced_to_socket, overrides, value_of
from tinytown.config.files import read_toml
from tinytown.config.load import TOWN_FILE, Settings, shared_tables
from tinytown.config.redact import MASK, is_secret, masked
from tinytown.config.settings import TownSettings
from tinytown.config.user import USER_FILE, load_user, user_table

__all__ = ["Setting", "Source", "settings_in_force", "settings_of_user"]

_NAMED = {
    ("name",): "TINYTOWN_TOWN_NAME",
    ("redis", "password"): "TINYTOWN_REDIS_PASSWORD",
    ("redis", "url"): "REDIS_URL",
    ("townhall", "hirefire_token"): "HIREFIRE_TOKEN",
}
_OF_THE_USER = frozenset({"default_cli", "conductor_cli", "agent_clis", "redis", "townhall", "github", "notify"})


class Source(StrEnum):
    """What decided about a setting."""

    ENVIRONMENT = "environment"
    """A variable; `where` names it."""
    TOWN = "town"
    """The town's file."""
    USER = "user"
    """The user's file."""
    DEFAULT = "default"
    """Nobody said anything."""


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting in force."""

    key: str
    value: Any
    source: Source
    where: str | None = None
    """The file or variable."""
    secret: bool = False

    @property
    def shown(self) -> Any:
        """The value as everybody may see it."""
        if not self.secret or self.value is None:
            return self.value
        name = self.key.rpartition(".")[2]
        return masked(name, self.value) if is_secret(name, self.value) else MASK


def settings_in_force(root: Path | None, env: Mapping[str, str], home: Path) -> list[Setting]:
    """All settings of a town, or without one those of the user, each with what decided about it.

    Raises:
        SettingsError: something in a file or in the environment makes no sense.
    """
    if root is None and value_of(env, "REDIS_URL") is None:
        settings: TownSettings = _townless(env, home)
        origin = Origin.TOWN
    else:
        loaded = Settings.load(root, env, home)
        settings, origin = loaded, loaded.redis_from
    town = {} if root is None else _read(root / TOWN_FILE)
    user = _read(home / USER_FILE)
    files = {Source.TOWN: "" if root is None else str(root / TOWN_FILE), Source.USER: str(home / USER_FILE)}
    changed = {keys for keys, _ in overrides(env)}
    found = []
    for keys, value in _flat(settings):
        variable = _variable(keys, env, origin, changed)
        source = _file(keys, town, user, origin) if variable is None else Source.ENVIRONMENT
        if value is None and variable is None:
            source = Source.DEFAULT  # whatever a file says: the user's token does not go everywhere
        where = variable if variable is not None else files.get(source)
        found.append(Setting(key=".".join(keys), value=value, source=source, where=where, secret=_is_secret(keys, value)))
    return found


def settings_of_user(home: Path) -> list[Setting]:
    """What the user's file may hold, and what it says.

    Raises:
        SettingsError: something in it makes no sense.
    """
    said, path = _read(home / USER_FILE), str(home / USER_FILE)
    return [
        Setting(
            key=".".join(keys),
            value=value,
            source=Source.USER if _holds(said, keys) else Source.DEFAULT,
            where=path if _holds(said, keys) else None,
            secret=_is_secret(keys, value),
        )
        for keys, value in _flat(load_user(home))
    ]


def _townless(env: Mapping[str, str], home: Path) -> TownSettings:
    """What a town made now would start with."""
    user = user_table(home)
    data: dict[str, Any] = {key: user[key] for key in user.keys() & {"default_cli", "conductor_cli", "agent_clis"}}
    data |= shared_tables(user, {})
    data["redis"] = {key: value for key, value in user.get("redis", {}).items() if key != "use_central"}
    for keys, value in overrides(env):
        table = data
        for key in keys[:-1]:
            table = table.setdefault(key, {})
        table[keys[-1]] = value
    url, token = value_of(env, "REDIS_URL"), value_of(env, "HIREFIRE_TOKEN")
    if url is not None:
        data["redis"]["url"] = url
    if token is not None:
        data.setdefault("townhall", {})["hirefire_token"] = token
    data["use_central_redis"] = bool(data.get("use_central_redis", user.get("redis", {}).get("use_central", False)))
    return msgspec.convert(data, TownSettings)


def _flat(settings: msgspec.Struct, *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every value with its keys, those of tables of one's own among them."""
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if (*above, name) == ("redis_from",):
            continue
        if isinstance(value, msgspec.Struct):
            yield from _flat(value, *above, name)
        elif isinstance(value, dict):
            for entry, inner in value.items():
                if isinstance(inner, msgspec.Struct):
                    yield from ((keys, said) for keys, said in _flat(inner, *above, name, entry) if said is not None)
                else:
                    yield (*above, name, entry), inner
        else:
            yield (*above, name), value


def _variable(keys: tuple[str, ...], env: Mapping[str, str], origin: Origin, changed: AbstractSet[tuple[str, ...]]) -> str | None:
    """The variable of the environment that decides about a setting."""
    named = _NAMED.get(keys)
    if named is not None and value_of(env, named) is not None:
        return named
    if keys in changed:
        own = "TINYTOWN_" + "__".join(keys).upper()
        return own if own in env else next((alias for alias, path in ALIASES.items() if path == keys and alias in env), own)
    if forced_to_socket(env) and origin is Origin.TOWN and keys in {("redis", "use_socket"), ("use_central_redis",)}:
        return "TT_USE_SOCKET"
    return None


def _file(keys: tuple[str, ...], town: Mapping[str, Any], user: Mapping[str, Any], origin: Origin) -> Source:
    """The file that decides about a setting, if one does."""
    central = keys[0] == "redis" and origin is Origin.CENTRAL
    if not central and _holds(town, keys):
        return Source.TOWN
    if keys == ("use_central_redis",):
        keys = ("redis", "use_central")
    return Source.USER if keys[0] in _OF_THE_USER and _holds(user, keys) else Source.DEFAULT


def _holds(table: Any, keys: tuple[str, ...]) -> bool:
    for key in keys:
        if isinstance(table, str):
            return key == "command"  # agent_clis.x = "command"
        if not isinstance(table, Mapping) or key not in table:
            return False
        table = table[key]
    return True


def _is_secret(keys: tuple[str, ...], value: Any) -> bool:
    """Whether the value must not be shown: passwords, and what programs get in their environment."""
    return is_secret(keys[-1], value) or (keys[0] == "agent_clis" and len(keys) > 3 and keys[2] == "env")


def _read(path: Path) -> Mapping[str, Any]:
    try:
        return read_toml(path)
    except FileNotFoundError:
        return {}
