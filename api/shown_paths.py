"""Paths as they may be shown in a log: without the token that one of them holds."""

from __future__ import annotations

import re

__all__ = ["shown_path"]

_SECRET = re.compile(r"\A(/+hirefire/+)[^/]+")


def shown_path(path: str) -> str:
    """The path with HireFire's token masked, whether or not an operation has that path."""
    return _SECRET.sub(r"\1{token}", path)
