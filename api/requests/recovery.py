"""What is asked of recovery."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec

from tinytown.api.paging import Limit
from tinytown.api.requests.tasks import AgentReference

__all__ = ["OrphanAction", "OrphansRequest", "ReclaimRequest"]


class ReclaimRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the mail of agents goes that work no more; without a destination it is only listed."""

    to_backlog: Annotated[bool, msgspec.Meta(description="Put the tasks into the backlog; other mail stays. Excludes `to`.")] = False
    to: AgentReference | None = None
    source: AgentReference | None = msgspec.field(name="from", default=None)
    limit: Limit = 500


class OrphanAction(StrEnum):
    """What is done about open tasks whose agents are gone."""

    LIST = "list"
    """Nothing."""
    TO_BACKLOG = "to_backlog"
    """They go to the backlog."""
    BACKLOG = "backlog"
    """The same."""
    TO_AGENT = "to_agent"
    """They go to the agent that `to` names."""
    CANCEL = "cancel"
    """They are no longer wanted."""
    DELETE = "delete"
    """They are forgotten."""


class OrphansRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is done about orphans."""

    action: Annotated[OrphanAction, msgspec.Meta(examples=["to_agent"])] = OrphanAction.LIST
    to: AgentReference | None = None
    limit: Limit = 500
