"""The towns of this user: where each lies and what it is called, in `~/.tt/towns.toml`.

A file that cannot be understood is an error and stays as it is.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from tinytown.config.files import checked, locked, read_toml, write_whole
from tinytown.config.user import make_user_directory
from tinytown.errors import InvalidValue

__all__ = ["REGISTRY_FILE", "RegisteredTown", "forget_town", "registered_towns", "remember_town"]

REGISTRY_FILE = "towns.toml"


class RegisteredTown(msgspec.Struct, frozen=True, kw_only=True):
    """One town of the user."""

    path: str
    name: str


class _Registry(msgspec.Struct, frozen=True, kw_only=True):
    towns: tuple[RegisteredTown, ...] = ()


def registered_towns(home: Path) -> tuple[RegisteredTown, ...]:
    """All towns that were registered, in the order in which they were.

    Raises:
        SettingsError: the file cannot be understood.
    """
    path = home / REGISTRY_FILE
    try:
        return checked(path, read_toml(path), _Registry).towns
    except FileNotFoundError:
        return ()


def remember_town(home: Path, root: Path, name: str) -> None:
    """Register a town, or its new name.

    Raises:
        SettingsError: the file cannot be understood, or cannot be written.
        InvalidValue: the path is no Unicode text, which is all that TOML can hold.
    """
    town = RegisteredTown(path=str(root.resolve()), name=name)
    make_user_directory(home)
    with locked(home):
        known = registered_towns(home)
        if any(other.path == town.path for other in known):
            towns = tuple(town if other.path == town.path else other for other in known)
        else:
            towns = (*known, town)
        if towns != known:
            _write(home, towns)


def forget_town(home: Path, root: Path) -> bool:
    """Take a town out of the registry; whether it was there."""
    if not (home / REGISTRY_FILE).exists():
        return False
    with locked(home):
        known = registered_towns(home)
        kept = tuple(town for town in known if town.path not in {str(root), str(root.resolve())})
        if kept != known:
            _write(home, kept)
    return kept != known


def _write(home: Path, towns: tuple[RegisteredTown, ...]) -> None:
    entries = [f"[[towns]]\npath = {_quoted(town.path)}\nname = {_quoted(town.name)}\n" for town in towns]
    write_whole(home / REGISTRY_FILE, "\n".join(entries), mode=0o600)


def _quoted(text: str) -> str:
    """The text as TOML: JSON's escapes are TOML's, but for DEL."""
    try:
        return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
    except UnicodeEncodeError:
        raise InvalidValue("path", f"{text!r} is no Unicode text") from None
