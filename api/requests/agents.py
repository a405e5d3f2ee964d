"""What is said of agents."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.api.paging import Limit, PageQuery
from tinytown.domain.agent import AgentState, SpawnMode
from tinytown.services.workload import Until

__all__ = ["AgentWaitQuery", "AgentsQuery", "FollowRequest", "KillRequest", "LogsQuery", "PruneRequest", "RestartRequest", "SpawnRequest"]

Name = Annotated[
    str, msgspec.Meta(description="1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit.", examples=["ada"])
]
Rounds = Annotated[int, msgspec.Meta(ge=0, le=1_000_000, description="Turns after which the agent stops; 0 is no limit.")]


PIECE = r"^[0-9]{1,19}-[0-9]{1,19}$(?!\n)"
"""The id of a piece of output; `$` alone would let a line feed follow."""


UUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$(?!\n)"


class AgentsQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which agents are listed."""

    state: tuple[AgentState, ...] = ()
    """Only agents in this state; may be given several times."""
    role: Annotated[str, msgspec.Meta(max_length=200)] | None = None
    """Only agents with this role; `default` for those without one."""
    cli: Annotated[str, msgspec.Meta(max_length=4096)] | None = None
    """Only agents that run this program."""


class SpawnRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new agent."""

    name: Name
    """Unique in the town, in any case."""
    cli: Annotated[str, msgspec.Meta(min_length=1, max_length=4096, examples=["shell"])] | None = None
    """The program that does its turns: a preset, or one of `[agent_clis]`; else the town's `default_cli`."""
    role_id: Annotated[str, msgspec.Meta(examples=["backend"])] | None = None
    """What it is for; routes tasks that are meant for whoever fits."""
    nickname: str | None = None
    """What people call it; one is made when it is left out."""
    parent_agent_id: str | None = None
    """The agent that asked for it: its id, name or nickname."""
    model: str | None = None
    """For programs that let one choose."""
    spawn_mode: SpawnMode = SpawnMode.FRESH
    max_rounds: Rounds | None = None


class KillRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agent is stopped."""

    now: bool = False
    """End the running turn, too; its mail waits for a restart."""


class RestartRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an agent is brought back."""

    max_rounds: Rounds | None = None


class PruneRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which agents are forgotten."""

    all: bool = False
    """All agents, and not only those that are stopped or in error."""
    throw_away_mail: bool = False
    """Those with mail, too; the mail is lost. Their open tasks go to the backlog in any case."""


class AgentWaitQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to wait for, and how long."""

    until: Until = Until.TERMINAL
    """What it is waited for."""
    timeout_secs: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 10.0
    """At most; the time limit of a request ends it earlier."""


class LogsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which output is shown."""

    limit: Limit = 100
    after: Annotated[str, msgspec.Meta(pattern=PIECE, examples=["1764086400000-0"])] | None = None
    """Only what came after the piece with this id: the `last_id` of the answer before; else the newest."""
    before: Annotated[str, msgspec.Meta(pattern=PIECE, examples=["1764086400000-0"])] | None = None
    """Only what came before the piece with this id, the newest of it; excludes `after`."""
    wait_secs: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    """How long to wait for something to come after that piece."""


class FollowRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose output is followed, and from where on."""

    after: Annotated[
        dict[Annotated[str, msgspec.Meta(pattern=UUID)], Annotated[str, msgspec.Meta(pattern=PIECE)]],
        msgspec.Meta(min_length=1, max_length=1000, examples=[{"9b4e2f10-6c1d-4f7a-8d21-3e5b7c9d1f02": "1764086400000-0"}]),
    ]
    """By the ids of agents the id of the last piece that was seen of each; `0-0` begins with the oldest."""
    limit: Limit = 100
    """Pieces of each agent."""
    wait_secs: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0
    """How long to wait for something to come."""
