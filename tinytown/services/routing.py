"""Routing: which agent a task without one should go to, by role and load."""

from __future__ import annotations

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.role import fits, specialty
from tinytown.domain.task import Task
from tinytown.services.desk import Desk

__all__ = ["pick"]

_READY = {AgentState.IDLE: 0, AgentState.WORKING: 1, AgentState.STARTING: 2, AgentState.COLD: 3, AgentState.STOPPED: 4}


def pick(desk: Desk, task: Task) -> tuple[Agent | None, int]:
    """The agent that suits the task best, and how many open tasks it has; no agent when nobody could take it.

    Specialists whose field it is go before generalists, those with fewer open
    tasks before the busy, and the idle before those that must be woken.
    """
    store = desk.store
    agents = [agent for agent in store.agents.get_readable(store.agents.ids()) if _may_work(agent)]
    suited = [agent for agent in agents if fits(agent.role_id, agent.name, task.description, task.tags)]
    loads = store.tasks.count_open_of([agent.id for agent in suited])
    ranked = sorted(
        zip(suited, loads, strict=True),
        key=lambda pair: (_is_generalist(pair[0]), pair[1], _READY[pair[0].state], pair[0].name),
    )
    return ranked[0] if ranked else (None, 0)


def _may_work(agent: Agent) -> bool:
    return agent.cli != "manual" and (agent.is_wakeable or agent.state is AgentState.WORKING)


def _is_generalist(agent: Agent) -> bool:
    return specialty(agent.role_id, agent.name) is None
