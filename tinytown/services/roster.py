"""The roster: who in the town may be given work, and what has become of the work given out."""

from __future__ import annotations

from tinytown.missions.commands import Facts, Hand
from tinytown.missions.snapshot import Snapshot
from tinytown.services.desk import Desk

__all__ = ["facts_about"]


def facts_about(desk: Desk, snapshot: Snapshot) -> Facts:
    """What the town knows that matters to a mission at the moment."""
    store = desk.store
    linked = [item.task_id for item in snapshot.items.values() if item.task_id is not None]
    tasks = store.tasks.get_readable(linked)
    hands = store.missions.hands()
    agents = store.agents.get_readable(store.agents.ids())
    counts = store.tasks.count_open_of([agent.id for agent in agents])
    return Facts(
        roster={
            agent.id: Hand(agent=agent, open_tasks=count, engaged=hands.get(agent.id)) for agent, count in zip(agents, counts, strict=True)
        },
        tasks={task.id: task for task in tasks},
    )
