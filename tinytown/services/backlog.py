"""The backlog: tasks that nobody is meant for yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.task import Task, TaskState
from tinytown.errors import AgentNotFound, RecordChanged, TaskNotFound, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.task_pages import how_many_fit
from tinytown.services.task_steps import as_seen
from tinytown.services.tasks import TaskService

__all__ = ["BacklogPage", "BacklogService"]

ANCHORS = 8
"""So many of the last tasks of a page are remembered: one of them still waits, unless all were taken at once."""


class BacklogPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some waiting tasks, how many wait in all, and after which tasks the next page begins; none on the last."""

    tasks: tuple[Task, ...]
    total: int
    next: tuple[TaskId, ...]


class BacklogService:
    """Adds to the backlog, and gives from it."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService) -> None:
        self._desk = desk
        self._agents = agents
        self._tasks = tasks
        self._store = desk.store.tasks

    def add(self, description: str, *, tags: Sequence[str] = (), by: AgentId = SUPERVISOR_ID, identity: TaskId | None = None) -> Task:
        """Store a task that nobody is meant for.

        With `identity`, an id that the caller made, doing it again is harmless.

        Raises:
            InvalidValue: the text is empty or too long.
            KeyReused: the identity is that of another task.
        """
        return self._tasks.stored(self._tasks.new(description, by=by, tags=tags, identity=identity))

    def list(self, count: int = 1000) -> list[Task]:
        """The waiting tasks, oldest first."""
        return self._store.get_many(self._store.backlog(0, count))

    def page(self, anchors: Sequence[TaskId] = (), limit: int = 50) -> BacklogPage:
        """A page of the waiting tasks, oldest first, after the first of `anchors` that still waits.

        Whatever is taken meanwhile, no task is left out. Should all anchors be
        gone, the list begins anew.
        """
        ids = self._desk.store.task_order.backlog_after(anchors, limit + 1)
        shown = ids[: how_many_fit(self._desk, ids[:limit])]
        tasks = self._store.get_readable(shown)
        return BacklogPage(tasks=tuple(tasks), total=self.length(), next=tuple(reversed(shown[-ANCHORS:])) if len(ids) > len(shown) else ())

    def length(self) -> int:
        """How many tasks wait."""
        return self._store.backlog_length()

    def claim(self, task: str, agent: str, *, expected: int | None = None) -> Task:
        """Give a waiting task to an agent; nothing moves unless both exist.

        Raises:
            AgentNotFound: there is no such agent.
            TaskNotFound: no such task lies in the backlog.
            WrongState: it does not wait any more.
            VersionMismatch: it is not at the `expected` version.
        """
        found, owner = as_seen(self._tasks.find(task), expected), self._worker(agent)
        if found.state is not TaskState.PENDING:
            raise WrongState(f"task {found.short_id}", found.state.value, "claimed from the backlog")
        given = self._tasks.deliver(found.id, owner, from_backlog=True, expected=expected)
        if given is None or given.assigned_to != owner:
            raise TaskNotFound(f"{task} in the backlog")
        return given

    def assign_all(self, agent: str, *, within: timedelta | None = None) -> Sequence[Task]:
        """Give every waiting task to one agent; with `within`, those for which there is time.

        Raises:
            AgentNotFound: there is no such agent; then nothing moves.
        """
        owner = self._worker(agent)
        end = None if within is None else self._desk.clock.monotonic() + within.total_seconds()
        given: list[Task] = []
        for task in self._store.backlog(0, 100_000):
            if end is not None and self._desk.clock.monotonic() >= end:
                break
            try:
                claimed = self._tasks.deliver(task, owner, from_backlog=True)
            except TaskNotFound:
                continue  # somebody else took it in between
            if claimed is not None and claimed.assigned_to == owner:
                given.append(claimed)
        return given

    def remove(self, task: str, *, expected: int | None = None) -> Task:
        """Delete a waiting task.

        Raises:
            TaskNotFound: no such task lies in the backlog.
            VersionMismatch: it is not at the `expected` version.
        """
        for _ in range(RETRIES):
            found = as_seen(self._tasks.find(task), expected)
            if found.state is not TaskState.PENDING or found.wanted is not None:
                raise TaskNotFound(f"{task} in the backlog")
            if self._store.delete(found) == "deleted":
                return found
        raise RecordChanged(f"task {task}")

    def _worker(self, agent: str) -> AgentId:
        owner = self._agents.find_id(agent)
        if owner == SUPERVISOR_ID:
            raise AgentNotFound(agent)
        return owner
