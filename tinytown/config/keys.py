"""The settings by their dotted names: which there are, of what type, and with what value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import UnionType
from typing import Any, get_args, get_origin

import msgspec

from tinytown.config.redact import masked

__all__ = ["parts_of", "scalars", "shown", "type_of"]

_GAP = re.compile(r"[\s,]+")
_GAP_BETWEEN_ADDRESSES = re.compile(r"\s+|,\s*(?=[A-Za-z][A-Za-z0-9+.-]*://)")


def scalars(kind: type[msgspec.Struct], *above: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The settings that are one value or one list each, with their types."""
    for field in msgspec.structs.fields(kind):
        if _is_table(field.type):
            yield from scalars(field.type, *above, field.name)
        elif get_origin(field.type) is not dict:
            yield (*above, field.name), field.type


def parts_of(text: str) -> list[str]:
    """The parts of a list that is written as one text, with commas or blanks between them.

    A comma within an address, as in `mailto://…?to=a,b`, is part of that address.
    """
    gap = _GAP_BETWEEN_ADDRESSES if "://" in text else _GAP
    return [part for part in (found.strip().strip(",") for found in gap.split(text)) if part]


def type_of(kind: Any, keys: tuple[str, ...]) -> Any:
    """The type of a setting or table; None if there is no such one."""
    for key in keys:
        kind = _certain(kind)
        if _is_table(kind):
            kind = next((field.type for field in msgspec.structs.fields(kind) if field.name == key), None)
        elif get_origin(kind) is dict:
            kind = get_args(kind)[1]
        else:
            return None
    return kind


def shown(settings: msgspec.Struct, *above: str) -> Iterator[tuple[str, Any]]:
    """Every setting with its value, by its dotted name; secrets are masked."""
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if isinstance(value, msgspec.Struct):
            yield from shown(value, *above, name)
        elif isinstance(value, dict):
            for entry, inner in value.items():
                if isinstance(inner, msgspec.Struct):
                    yield from ((key, said) for key, said in shown(inner, *above, name, entry) if said is not None)
        else:
            yield ".".join((*above, name)), masked(name, value)


def _certain(kind: Any) -> Any:
    """The table of one's own that may be left out, as that table."""
    return next((part for part in get_args(kind) if get_origin(part) is dict), kind) if get_origin(kind) is UnionType else kind


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)
