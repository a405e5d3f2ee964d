"""Scopes: what a caller of townhall may do."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Scope"]


class Scope(StrEnum):
    """A thing that may be allowed."""

    TOWN_READ = "town.read"
    """Look at everything."""
    TOWN_WRITE = "town.write"
    """Give tasks and send messages."""
    AGENT_MANAGE = "agent.manage"
    """Add, stop and forget agents; recover; steer missions."""
    ADMIN = "admin"
    """Everything."""
    SCALING_READ = "scaling.read"
    """Read probes, metrics and the scaling signal, where those are not public."""
