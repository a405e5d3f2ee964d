"""What a handler takes and answers, read from its annotations."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

__all__ = ["Signature", "signature_of"]


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """The types of a handler: of its query, its body, its path parameters by name, and its answer."""

    query: type[msgspec.Struct] | None = None
    body: type[msgspec.Struct] | None = None
    body_is_optional: bool = False
    path: tuple[str, ...] = ()
    answer: Any = None


def signature_of(handler: Callable[..., Any], path: str) -> Signature:
    """The signature of a handler for that path; its first parameter is the call.

    Raises:
        TypeError: the parameters do not fit the path.
    """
    hints = get_type_hints(handler, include_extras=True)
    answer = hints.pop("return")
    names = list(inspect.signature(handler).parameters)[1:]
    in_path = tuple(re.findall(r"{(\w+)}", path))
    rest = [name for name in names if name not in {"query", "body"}]
    if sorted(rest) != sorted(in_path):
        raise TypeError(f"{handler.__name__} takes {rest}, but its path has {list(in_path)}")
    body, is_optional = _optional(hints.get("body"))
    return Signature(
        query=hints.get("query"), body=body, body_is_optional=is_optional, path=in_path, answer=None if answer is NoneType else answer
    )


def _optional(kind: Any) -> tuple[Any, bool]:
    """The type without its None, and whether it had one."""
    if get_origin(kind) in {Union, UnionType}:
        kinds = [each for each in get_args(kind) if each is not NoneType]
        return kinds[0], len(kinds) < len(get_args(kind))
    return kind, False
