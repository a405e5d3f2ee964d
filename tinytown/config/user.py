"""The user's own file `~/.tt/config.toml`: defaults for all towns, the central Redis, and the only file that may hold secrets.

`~/.tt` is open to its owner alone (0700), and so is the file (0600).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec

from tinytown.config.files import checked, locked, read_toml, write_whole
from tinytown.config.missions import GitHubSettings
from tinytown.config.notify import NotifySettings
from tinytown.config.redact import MASK
from tinytown.config.settings import CliOverride, RedisSettings
from tinytown.errors import SettingsError

__all__ = [
    "CENTRAL_PORT",
    "USER_FILE",
    "UserRedis",
    "UserSettings",
    "UserTownhall",
    "as_tables",
    "ensure_password",
    "load_user",
    "make_user_directory",
    "user_table",
    "without_old_words",
]

USER_FILE = "config.toml"
CENTRAL_PORT = 16379


class UserRedis(RedisSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The Redis that towns of this user may share."""

    use_central: bool = False
    """Whether towns use it that do not say."""
    port: Annotated[int, msgspec.Meta(ge=1, le=65535)] = CENTRAL_PORT

    def __repr__(self) -> str:
        return RedisSettings.__repr__(self).replace("RedisSettings", "UserRedis", 1)


class UserTownhall(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What of townhall is a secret."""

    hirefire_token: str | None = None

    def __repr__(self) -> str:
        return f"UserTownhall(hirefire_token={None if self.hirefire_token is None else MASK!r})"


class UserSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `~/.tt/config.toml`."""

    default_cli: str | None = None
    conductor_cli: str | None = None
    redis: UserRedis = UserRedis()
    townhall: UserTownhall = UserTownhall()
    github: GitHubSettings = GitHubSettings()
    notify: NotifySettings = NotifySettings()
    agent_clis: dict[str, CliOverride] = {}


def user_table(home: Path) -> dict[str, Any]:
    """The tables of the user's file, checked; empty if there is none."""
    path = home / USER_FILE
    try:
        data = read_toml(path)
    except FileNotFoundError:
        return {}
    as_tables(data)
    redis = data.get("redis")
    if isinstance(redis, dict):
        without_old_words(redis)
        # A server on a port is what naming one asks for; otherwise a socket is safer and needs no password.
        if "use_socket" not in redis and ("port" in redis or "host" in redis):
            redis["use_socket"] = False
    checked(path, data, UserSettings)
    return data


def load_user(home: Path) -> UserSettings:
    """The user's settings; defaults if there is no file."""
    return checked(home / USER_FILE, user_table(home), UserSettings)


def make_user_directory(home: Path) -> Path:
    """Make `~/.tt`, open to its owner alone."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if home.stat().st_mode & 0o077:
            home.chmod(0o700)
    except OSError as error:
        raise SettingsError(str(home), f"cannot be made the user's own directory: {error.strerror}") from None
    return home


def ensure_password(home: Path) -> str:
    """The password of the central Redis; made and written down the first time."""
    import secrets

    from tinytown.config.edit import with_key

    make_user_directory(home)
    path = home / USER_FILE
    with locked(home):
        known = load_user(home).redis.password
        if known:
            return known
        password = f"tt_{secrets.token_hex(16)}"
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        write_whole(path, with_key(path, text, ("redis", "password"), password), mode=0o600)
    return password


def as_tables(data: dict[str, Any]) -> None:
    """Let `agent_clis.x = "command"` mean the table with that command."""
    entries = data.get("agent_clis")
    if isinstance(entries, dict):
        data["agent_clis"] = {name: {"command": entry} if isinstance(entry, str) else entry for name, entry in entries.items()}


def without_old_words(redis: dict[str, Any]) -> None:
    """Drop `persist = false` and `true`: files from before 1.0 hold it, where it had no effect."""
    if isinstance(redis.get("persist"), bool):
        del redis["persist"]
