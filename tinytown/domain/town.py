"""The name of a town: the prefix that keeps towns on one Redis apart."""

from __future__ import annotations

import re
from typing import NewType

from tinytown.errors import InvalidName

__all__ = ["TownName", "slug", "town_name"]

TownName = NewType("TownName", str)

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")


def town_name(text: str) -> TownName:
    """The text as a town name.

    Raises:
        InvalidName: it is not 1 to 63 of `a-z 0-9 . _ -`, starting with a letter or digit.
    """
    if _NAME.match(text) is None:
        raise InvalidName("the name of a town", text, "use 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")
    return TownName(text)


def slug(text: str) -> TownName:
    """The nearest valid town name to any text; `tinytown` when nothing is left of it."""
    kept = re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-._")[:63].rstrip("-._")
    return TownName(kept) if kept else TownName("tinytown")
