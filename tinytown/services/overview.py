"""The overview: the town at a moment, with what is wrong with it as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinytown.services.desk import Desk

if TYPE_CHECKING:
    from tinytown.domain.ids import AgentId
    from tinytown.store.census import Census

__all__ = ["Overview", "overview", "warnings_of"]

ACTIVITY_LINES = 5


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """A census, what it gives cause to warn of, and what the agents in it are at."""

    census: Census
    warnings: tuple[str, ...]
    scopes: dict[AgentId, str]
    """The titles of the tasks that agents are at."""
    activity: dict[AgentId, tuple[str, ...]]
    """What agents did lately, newest first; only with depth."""


def overview(desk: Desk, limit: int, *, deep: bool = False) -> Overview:
    """Look at the town, and at no more than `limit` of its agents; three or four round trips, however many they are."""
    census = desk.store.census.take(limit)
    agents = [one.agent for one in census.residents]
    titles = {task.id: task.title for task in census.running}
    others = [agent.current_task for agent in agents if agent.current_task is not None and agent.current_task not in titles]
    titles |= {task.id: task.title for task in desk.store.tasks.get_readable(others)} if others else {}
    lines = desk.store.events.activities([agent.id for agent in agents], ACTIVITY_LINES) if deep else []
    return Overview(
        census=census,
        warnings=warnings_of(census),
        scopes={agent.id: titles[agent.current_task] for agent in agents if agent.current_task in titles},
        activity={agent.id: tuple(said) for agent, said in zip(agents, lines, strict=False)},
    )


def warnings_of(census: Census) -> tuple[str, ...]:
    """What is wrong with the town as a whole."""
    found = []
    if not any("agents" in worker.queues for worker in census.workers):
        found.append("no worker runs, so no agent does anything")
    if census.leader is None:
        found.append("no clock runs, so what is lost is not brought back")
    return tuple(found)
