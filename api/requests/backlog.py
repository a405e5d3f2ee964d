"""What is said of the backlog."""

from __future__ import annotations

import msgspec

from tinytown.api.requests.tasks import AgentReference, Tags, Text

__all__ = ["BacklogRequest", "ClaimRequest"]


class BacklogRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A task that nobody is meant for yet."""

    description: Text
    tags: Tags = ()


class ClaimRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who takes it."""

    agent: AgentReference
