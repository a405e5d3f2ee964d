"""What is wrong with a settings file, in words: which key, on which line, and what was probably meant.

Imported only once something is wrong.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

import msgspec

from tinytown.config.keys import type_of

__all__ = ["explain", "line_of", "misfit", "near"]

_UNKNOWN = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$\.?(.*)`)?\Z", re.DOTALL)
_AT = re.compile(r"(.*?)(?: - at `\$\.?(.*)`)?\Z", re.DOTALL)
_WORD = r"""(?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_-]+)"""
_KEY = re.compile(rf"\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*=")
_TABLE = re.compile(rf"\s*\[\[?\s*({_WORD}(?:\s*\.\s*{_WORD})*)\s*\]\]?")


def explain(error: msgspec.ValidationError, data: Mapping[str, Any], kind: type[msgspec.Struct]) -> tuple[tuple[str, ...], str]:
    """The key that a validation stumbled over, and why."""
    unknown = _UNKNOWN.match(str(error))
    if unknown is not None:
        table = _keys(unknown[2], data, kind)
        return (*table, unknown[1]), f"there is no such setting{near(unknown[1], _fields(kind, table))}"
    found = _AT.match(str(error))
    assert found is not None, "the pattern matches anything"
    keys = _keys(found[2], data, kind)
    return keys, _plain(found[1]) + _choice(type_of(kind, keys))


def misfit(error: msgspec.ValidationError, text: str, kind: Any) -> str:
    """Why a text cannot become a setting of that type."""
    found = _AT.match(str(error))
    assert found is not None, "the pattern matches anything"
    why = _plain(found[1]).partition(", got")[0]
    return (why if repr(text) in why else f"{why}, not {text!r}") + _choice(kind)


def near(word: str, known: Iterable[str]) -> str:
    """A remark on the word that was probably meant; empty if none is near."""
    matches = difflib.get_close_matches(word, sorted(known), n=1)
    return f"; did you mean {matches[0]}?" if matches else ""


def line_of(text: str, keys: tuple[str, ...]) -> int | None:
    """The line on which a key stands; else that of the nearest table around it."""
    best: tuple[int, int | None] = (0, None)
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        header, entry = _TABLE.match(line), _KEY.match(line)
        if entry is not None:
            here = (*table, *_split(entry[1]))
        elif header is not None:
            here = table = _split(header[1])
        else:
            continue
        depth = len(here)
        if here[: len(keys)] == keys:
            return number
        if here == keys[:depth] and depth > best[0]:
            best = (depth, number)
    return best[1]


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(word.strip("\"'") for word in re.findall(_WORD, dotted))


def _keys(path: str | None, data: Mapping[str, Any], kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The keys of a path of msgspec's, which says `[...]` for any entry of a table."""
    if not path:
        return ()
    keys = [key for key in path.replace("[...]", ".*").split(".") if key]
    return _entry(tuple(keys), data, kind) if "*" in keys else tuple(re.sub(r"\[\d+\]", "", key) for key in keys)


def _entry(keys: tuple[str, ...], data: Mapping[str, Any], kind: type[msgspec.Struct]) -> tuple[str, ...]:
    """The same keys with the first entry that is wrong in place of the `*`."""
    at = keys.index("*")
    table: Any = data
    for key in keys[:at]:
        table = table[key]
    for name, value in table.items() if isinstance(table, Mapping) else ():
        alone: Any = {name: value}
        for key in reversed(keys[:at]):
            alone = {key: alone}
        try:
            msgspec.convert(alone, kind)
        except msgspec.ValidationError:
            return (*keys[:at], name, *(key for key in keys[at + 1 :] if key != "*"))
    return keys[:at]


def _fields(kind: type[msgspec.Struct], table: tuple[str, ...]) -> tuple[str, ...]:
    found = type_of(kind, table)
    return found.__struct_fields__ if isinstance(found, type) and issubclass(found, msgspec.Struct) else ()


def _choice(kind: Any) -> str:
    """The words that a setting may be, if it is one of a few."""
    words = [member.value for part in (kind, *get_args(kind)) for member in getattr(part, "__members__", {}).values()]
    words += [word for part in (kind, *get_args(kind)) for word in get_args(part) if isinstance(word, str)]
    return f"; use {', '.join(words)}" if words else ""


def _plain(why: str) -> str:
    """The reason in the words of a settings file instead of those of types."""
    said = {
        "Expected": "must be",
        "Invalid enum value": "cannot be",
        "`int`": "a whole number",
        "`float`": "a number",
        "`str`": "text",
        "`bool`": "true or false",
        "`object`": "a table",
        "`array`": "a list",
    }
    for typed, plain in said.items():
        why = why.replace(typed, plain)
    return why.strip()
