"""Who is calling townhall: a name, what it may do, and how we know."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tinytown.domain.scope import Scope, grants
from tinytown.errors import Forbidden

__all__ = ["LOCAL", "Principal", "Via"]


class Via(StrEnum):
    """How we know who is calling."""

    LOCAL = "local"
    """We do not: whoever reaches us is believed."""
    CONFIGURED_KEY = "configured_key"
    """By the key whose hash is in the settings."""
    NAMED_KEY = "named_key"
    """By a key with a record of its own."""
    TOKEN = "token"  # noqa: S105  # the name of a way, no secret
    """By a token of an identity provider."""
    SIGNATURE = "signature"
    """By a secret that signs what it sends."""


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """A caller: `id` for machines and limits, `name` for people."""

    id: str
    name: str
    scopes: frozenset[Scope]
    via: Via
    issuer: str | None = None
    """The identity provider that vouches for it."""

    def may(self, scope: Scope) -> bool:
        """Does it have this scope?"""
        return grants(self.scopes, scope)

    def demand(self, scope: Scope) -> None:
        """Go on only if it has this scope.

        Raises:
            Forbidden: it has not.
        """
        if not self.may(scope):
            raise Forbidden(scope.value)


LOCAL = Principal(id="local", name="local", scopes=frozenset(Scope), via=Via.LOCAL)
"""Everybody, where nobody is asked who they are."""
