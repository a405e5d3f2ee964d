"""Scopes: what a caller of townhall may do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from tinytown.errors import InvalidValue

__all__ = ["Scope", "grants", "parse_scope", "parse_scopes"]


class Scope(StrEnum):
    """A part of what townhall does, for which a caller needs leave."""

    TOWN_READ = "town.read"
    """Look at agents, tasks, messages and missions."""
    TOWN_WRITE = "town.write"
    """Give tasks and send messages."""
    AGENT_MANAGE = "agent.manage"
    """Register, stop and restart agents; run missions; recover."""
    ADMIN = "admin"
    """Everything, the record of who did what included."""
    SCALING_READ = "scaling.read"
    """Read the scaling signal and the metrics, and nothing else."""


def parse_scope(text: str) -> Scope:
    """The scope of that name; `town:read` is `town.read`.

    Raises:
        InvalidValue: there is none; the sentence names those there are.
    """
    try:
        return Scope(text.strip().replace(":", "."))
    except ValueError:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise InvalidValue("scope", f"there is no scope {shown!r}; use {', '.join(Scope)}") from None


def parse_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """The scopes of those names.

    Raises:
        InvalidValue: one of them is unknown.
    """
    return frozenset(parse_scope(text) for text in texts)


def grants(scopes: Collection[Scope], wanted: Scope) -> bool:
    """Do these scopes allow what needs `wanted`?

    `admin` allows everything. No other scope implies a second one, and no
    scopes at all allow nothing.
    """
    return Scope.ADMIN in scopes or wanted in scopes
