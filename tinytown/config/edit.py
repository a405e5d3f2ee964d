"""Changing one setting in a file, and nothing else in it: comments and order stay."""

from __future__ import annotations

import re
import tomllib
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, get_origin

import msgspec

from tinytown.config.blame import misfit, near
from tinytown.config.files import checked, locked, parsed, read_text, write_whole
from tinytown.config.keys import parts_of, scalars, type_of
from tinytown.config.load import TOWN_FILE, check_town
from tinytown.config.settings import CliOverride, TownSettings
from tinytown.config.user import USER_FILE, UserSettings, as_tables, make_user_directory, without_old_words
from tinytown.errors import SettingsError

__all__ = ["set_key", "unset_key", "with_key"]


def set_key(path: Path, key: str, value: str) -> None:
    """Set a setting in a town's file or in the user's `config.toml`.

    Args:
        path: the file; the user's is made if there is none.
        key: with dots, as in `agent.lease_secs` or `agent_clis.mine`.
        value: as text; it is made what the setting has to be.

    Raises:
        SettingsError: there is no such setting, it cannot be that, or it is a secret and this is a town's file.
    """
    keys = _split(path, key)
    typed = _typed(path, keys, value)
    if path.name == USER_FILE:
        make_user_directory(path.parent)
    with locked(path.parent):
        _write(path, with_key(path, _text(path), keys, typed))


def unset_key(path: Path, key: str) -> bool:
    """Take a setting out of a file; whether it was there.

    Raises:
        SettingsError: there is no such setting, or the file cannot be changed.
    """
    import tomlkit

    keys = _split(path, key)
    if not path.exists():
        return False
    with locked(path.parent):
        document = tomlkit.parse(_parsable(path, _text(path)))
        table: Any = document
        for name in keys[:-1]:
            table = table.get(name) if isinstance(table, MutableMapping) else None
        if not isinstance(table, MutableMapping) or keys[-1] not in table:
            return False
        del table[keys[-1]]
        _write(path, tomlkit.dumps(document))
    return True


def with_key(path: Path, text: str, keys: tuple[str, ...], value: Any) -> str:
    """The text of the file with the setting in it."""
    import tomlkit

    document = tomlkit.parse(_parsable(path, text))
    if len(keys) == 1 and keys[0] not in document:
        beside = _with_line(text, keys[0], tomlkit.dumps({keys[0]: value}))
        if beside is not None:
            return beside
    table: Any = document
    for depth, name in enumerate(keys[:-1], start=2):
        if not isinstance(table.get(name), MutableMapping):
            entry = tomlkit.table(is_super_table=depth < len(keys))  # which needs no line of its own
            if isinstance(table.get(name), str):  # agent_clis.x = "command" becomes a table with that command
                entry["command"] = str(table[name])
            table[name] = entry
        table = table[name]
    table[keys[-1]] = value
    return tomlkit.dumps(document)


def _with_line(text: str, key: str, line: str) -> str | None:
    """The text with a line for a new setting beside its commented example, else behind the settings that belong to no table.

    At the end, where tomlkit puts it, it would become part of a table that
    somebody uncomments above it. None if there is no such place.
    """
    place = 0
    lines = text.splitlines(keepends=True)
    for number, found in enumerate(lines, start=1):
        if found.lstrip().startswith("["):
            break
        if re.match(rf"#\s*{re.escape(key)}\s*=", found):
            place = number
            break
        if re.match(r"[A-Za-z0-9_-]+\s*=", found):
            place = number
    if not place or not lines[place - 1].endswith("\n"):
        return None
    made = "".join((*lines[:place], line, *lines[place:]))
    try:
        return made if tomllib.loads(made) == tomllib.loads(text) | tomllib.loads(line) else None
    except tomllib.TOMLDecodeError:
        return None  # that was in the middle of a value of several lines


def _write(path: Path, text: str) -> None:
    """Write what the edit made, once it is known to make sense."""
    data = parsed(path, text)
    if path.name == USER_FILE:
        as_tables(data)
        if isinstance(data.get("redis"), dict):
            without_old_words(data["redis"])
        checked(path, data, UserSettings)
        write_whole(path, text, mode=0o600)
    else:
        check_town(path, data)
        write_whole(path, text)


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except FileNotFoundError:
        if path.name == TOWN_FILE:
            raise SettingsError(str(path), "does not exist; `tt init` makes one") from None
        return ""


def _parsable(path: Path, text: str) -> str:
    parsed(path, text)  # says where it is wrong, in the words of all our errors
    return text


def _kind(path: Path) -> type[msgspec.Struct]:
    return UserSettings if path.name == USER_FILE else TownSettings


def _split(path: Path, key: str) -> tuple[str, ...]:
    """The parts of a dotted name, if it is the name of a setting in that file."""
    keys = tuple(key.split("."))
    found = None if "" in keys else type_of(_kind(path), keys)
    if found is None:
        known = [".".join(path) for path, _ in scalars(_kind(path))]
        raise SettingsError(key, f"there is no such setting in {path.name}{near(key, known)}")
    if get_origin(found) is dict or (isinstance(found, type) and issubclass(found, msgspec.Struct) and found is not CliOverride):
        raise SettingsError(key, "is a table; name one of its settings")
    return keys


def _typed(path: Path, keys: tuple[str, ...], text: str) -> Any:
    """The text as what the setting has to be."""
    kind = type_of(_kind(path), keys)
    if kind is CliOverride:
        return text
    if get_origin(kind) is tuple:
        return parts_of(text)
    if get_origin(kind) is dict:
        raise SettingsError(".".join(keys), "is a table; name one of its entries")
    try:
        return msgspec.to_builtins(msgspec.convert(text, kind, strict=False))
    except msgspec.ValidationError as error:
        raise SettingsError(".".join(keys), misfit(error, text, kind)) from None
