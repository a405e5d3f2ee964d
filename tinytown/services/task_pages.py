"""Pages of tasks: which tasks are sought, and a piece of those at a time, bounded in number and in bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tinytown.domain.ids import AgentId, MissionId, TaskId
from tinytown.domain.task import OPEN_STATES, Task, TaskState
from tinytown.services.desk import Desk
from tinytown.services.task_upkeep import keep_ordered
from tinytown.store.task_order import Place

__all__ = ["Place", "Sought", "TaskPage", "how_many_fit", "page_of_tasks"]

PAGE_BYTES = 4 * 1024 * 1024
"""Records of more bytes than that are not put on one page, unless it is a single one."""
AT_ONCE = 200
MOST_EXAMINED = 10_000
"""After looking at so many tasks a page ends, however few of them were sought."""


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which tasks: in one of the states (all without any), of an agent or meant for it, with a tag, of a mission."""

    states: tuple[TaskState, ...] = ()
    agent: AgentId | None = None
    tag: str | None = None
    mission: MissionId | None = None
    for_somebody: bool = False
    """Only those that are meant for an agent, so not those of the backlog."""

    @property
    def order(self) -> str:
        """By what these tasks are put in order: since when they are in their state, if it is one, else when they were stored."""
        return self.states[0].value if len(self.states) == 1 and not self.is_of_an_agent else "created"

    @property
    def is_of_an_agent(self) -> bool:
        """Are these open tasks of one agent, which are few enough to be read at once?"""
        return self.agent is not None and bool(self.states) and set(self.states) <= OPEN_STATES

    @property
    def unwanted_states(self) -> tuple[TaskState, ...]:
        """The states that a task must not be in."""
        return tuple(state for state in TaskState if self.states and state not in self.states)

    def includes(self, task: Task) -> bool:
        """Is that one of them?"""
        return (
            (not self.states or task.state in self.states)
            and (self.agent is None or self.agent in {task.assigned_to, task.wanted})
            and (self.tag is None or self.tag in task.tags)
            and (self.mission is None or task.mission_id == self.mission)
            and not (self.for_somebody and task.assigned_to is None and task.wanted is None)
        )


class TaskPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some tasks, and where the next page begins; None after the last one."""

    tasks: tuple[Task, ...]
    next: Place | None


def page_of_tasks(desk: Desk, sought: Sought, after: Place | None, limit: int) -> TaskPage:
    """A page of at most `limit` tasks, newest first.

    A page may have fewer, even none, while there are more: `next` tells.
    """
    if after is None:
        keep_ordered(desk)  # else the tasks of an older version would not be listed until the clock gives them places
    found: list[Task] = []
    read = examined = 0
    for seen, candidates in _chunks(desk, sought, after):
        for start in range(0, len(candidates), limit):
            if len(found) == limit:
                return TaskPage(tasks=tuple(found), next=after)
            batch = candidates[start : start + limit]
            fitting = batch[: how_many_fit(desk, [task for _, task in batch], read)]
            tasks = {task.id: task for task in desk.store.tasks.get_readable([task for _, task in fitting])}
            for place in fitting:
                task = tasks.get(place[1])
                if task is not None and sought.includes(task):
                    if len(found) == limit:
                        return TaskPage(tasks=tuple(found), next=after)
                    found.append(task)
                    read += len(task.description) + len(task.result or "")
                after = place
            if len(fitting) < len(batch):
                return TaskPage(tasks=tuple(found), next=after)
        after = seen[-1]
        examined += len(seen)
        if examined >= MOST_EXAMINED:
            return TaskPage(tasks=tuple(found), next=after)
    return TaskPage(tasks=tuple(found), next=None)


def _chunks(desk: Desk, sought: Sought, after: Place | None) -> Iterator[tuple[list[Place], list[Place]]]:
    """Tasks in their order, some at a time: those looked at, and those of them that may be sought."""
    order = desk.store.task_order
    if sought.agent is not None and sought.is_of_an_agent:
        mine = [place for place in order.open_of(sought.agent, coming=TaskState.PENDING in sought.states) if after is None or place < after]
        yield from ((mine[start : start + AT_ONCE],) * 2 for start in range(0, len(mine), AT_ONCE))
        return
    while True:
        if len(sought.states) == 1:
            seen = candidates = order.entered(sought.states[0], after, AT_ONCE)
        else:
            seen = order.created(after, AT_ONCE)
            candidates = order.outside(seen, sought.unwanted_states)
        if not seen:
            return
        yield seen, candidates
        after = seen[-1]


def how_many_fit(desk: Desk, tasks: Sequence[TaskId], read: int = 0) -> int:
    """How many of the tasks fit on a page that has `read` bytes already; one always fits on an empty page."""
    for number, size in enumerate(desk.store.task_order.sizes(tasks)):
        if read + size > PAGE_BYTES and (number or read):
            return number
        read += size
    return len(tasks)
