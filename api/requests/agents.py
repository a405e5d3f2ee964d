"""What is said of agents."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["SpawnRequest"]


class SpawnRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new agent."""

    name: Annotated[str, msgspec.Meta(description="1 to 63 of a-z, 0-9, '.', '_' and '-'; unique in the town.", examples=["ada"])]
    cli: (
        Annotated[str, msgspec.Meta(description="The program that does its turns; else the town's `default_cli`.", examples=["shell"])]
        | None
    ) = None
    role_id: str | None = None
    nickname: str | None = None
    parent_agent_id: str | None = None
    model: str | None = None
