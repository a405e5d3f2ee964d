"""How much an agent has before it: what `wait` and a careful operator ask."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import AgentId
from tinytown.services.desk import Desk

__all__ = ["Until", "Workload", "at_rest", "is_as_awaited", "workload"]

_AT_REST = frozenset({AgentState.IDLE, AgentState.COLD, AgentState.STARTING, AgentState.STOPPED, AgentState.ERROR})
_FAR_FUTURE_MS = 1 << 52
_ON_THEIR_WAY = 1000


class Until(StrEnum):
    """What an agent may be waited for."""

    TERMINAL = "terminal"
    """It is stopped, or in error. One that is cold is neither: mail wakes it."""
    STOPPED = "stopped"
    """The same."""
    REST = "rest"
    """It has nothing left to do, or works no more."""
    IDLE = "idle"
    """The same."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """Mail that asks for something, a turn that runs or comes, and tasks."""

    waiting: int
    turn: str
    open_tasks: int
    on_their_way: int
    """Tasks that are meant for the agent, and not in its mailbox yet."""

    @property
    def is_empty(self) -> bool:
        """Is there nothing to do, now or in a moment?"""
        return self.turn == "idle" and not (self.waiting or self.open_tasks or self.on_their_way)


def workload(desk: Desk, agent: AgentId) -> Workload:
    """What one agent has before it."""
    store = desk.store
    info = store.turns.info([agent])[0]
    coming = store.tasks.get_many(store.tasks.overdue_assignments(_FAR_FUTURE_MS, _ON_THEIR_WAY))
    return Workload(
        waiting=info.waiting,
        turn=info.state,
        open_tasks=store.tasks.count_open_of([agent])[0],
        on_their_way=sum(task.wanted == agent for task in coming),
    )


def at_rest(desk: Desk, agent: Agent) -> bool:
    """Has the agent done all that was asked of it, or given up working?

    One that is stopped for good, or in error, rests whatever lies in its mailbox.
    """
    if agent.state not in _AT_REST:
        return False
    if agent.state in {AgentState.STOPPED, AgentState.ERROR} and not agent.is_wakeable:
        return True
    return workload(desk, agent.id).is_empty


def is_as_awaited(desk: Desk, agent: Agent, until: Until) -> bool:
    """Has it come to what the agent is waited for?"""
    if until in {Until.REST, Until.IDLE}:
        return at_rest(desk, agent)
    return agent.state in {AgentState.STOPPED, AgentState.ERROR}
