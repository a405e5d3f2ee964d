"""Who speaks: the agent whose turn runs this command, or the people of the town."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.errors import AgentNotFound, InvalidValue

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown

__all__ = ["Speaker", "speaker"]


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Whoever calls: an agent of this town in one of its turns, or a person (`agent` is None)."""

    agent: Agent | None = None
    epoch: int | None = None

    @property
    def id(self) -> AgentId:
        """The id that messages and tasks of this speaker bear."""
        return SUPERVISOR_ID if self.agent is None else self.agent.id

    @property
    def name(self) -> str:
        """What a mission keeps of who decided something."""
        return "operator" if self.agent is None else self.agent.name

    @property
    def reporter(self) -> AgentId | None:
        """The agent that reports; None for people, who may end any task."""
        return None if self.agent is None else self.agent.id


def speaker(town: AnyTown, env: Mapping[str, str]) -> Speaker:
    """Who calls this command, as the variables of a turn tell.

    An agent of another town is nobody here, and through townhall the people of the town speak.

    Raises:
        InvalidValue: TINYTOWN_TURN_EPOCH is no number.
    """
    agent = None if town.is_elsewhere else _agent(town, env)
    return Speaker() if agent is None else Speaker(agent=agent, epoch=_epoch(env))


def _agent(town: AnyTown, env: Mapping[str, str]) -> Agent | None:
    for variable in ("TINYTOWN_AGENT_ID", "TINYTOWN_AGENT_NAME"):
        reference = env.get(variable, "").strip()
        if reference:
            try:
                return town.agents.find(reference)
            except AgentNotFound:
                continue
    return None


def _epoch(env: Mapping[str, str]) -> int | None:
    text = env.get("TINYTOWN_TURN_EPOCH", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise InvalidValue("TINYTOWN_TURN_EPOCH", f"must be a number, not {text[:40]!r}")
    return int(text)
