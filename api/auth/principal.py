"""A principal: whoever a request speaks for."""

from __future__ import annotations

import msgspec

from tinytown.domain.scope import Scope

__all__ = ["Principal"]


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """Who is calling, and what they may do."""

    id: str
    name: str
    scopes: frozenset[Scope]
    via: str = "none"
