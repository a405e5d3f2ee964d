"""The backlog: tasks that nobody is meant for yet."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.domain.task import Task, TaskState
from tinytown.errors import AgentNotFound, RecordChanged, TaskNotFound, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.tasks import TaskService

__all__ = ["BacklogService"]


class BacklogService:
    """Adds to the backlog, and gives from it."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService) -> None:
        self._desk = desk
        self._agents = agents
        self._tasks = tasks
        self._store = desk.store.tasks

    def add(self, description: str, *, tags: Sequence[str] = (), by: AgentId = SUPERVISOR_ID) -> Task:
        """Store a task that nobody is meant for."""
        task = self._tasks.new(description, by=by, tags=tags)
        self._store.add(task)
        return task

    def list(self, count: int = 1000) -> list[Task]:
        """The waiting tasks, oldest first."""
        return self._store.get_many(self._store.backlog(0, count))

    def length(self) -> int:
        """How many tasks wait."""
        return self._store.backlog_length()

    def claim(self, task: str, agent: str) -> Task:
        """Give a waiting task to an agent; nothing moves unless both exist.

        Raises:
            AgentNotFound: there is no such agent.
            TaskNotFound: no such task lies in the backlog.
        """
        found, owner = self._tasks.find(task), self._worker(agent)
        if found.state is not TaskState.PENDING:
            raise WrongState(f"task {found.short_id}", found.state.value, "claimed from the backlog")
        given = self._tasks.deliver(found.id, owner, from_backlog=True)
        if given is None or given.assigned_to != owner:
            raise TaskNotFound(f"{task} in the backlog")
        return given

    def assign_all(self, agent: str) -> Sequence[Task]:
        """Give every waiting task to one agent."""
        owner = self._worker(agent)
        given: list[Task] = []
        for task in self._store.backlog(0, 100_000):
            try:
                claimed = self._tasks.deliver(task, owner, from_backlog=True)
            except TaskNotFound:
                continue  # somebody else took it in between
            if claimed is not None and claimed.assigned_to == owner:
                given.append(claimed)
        return given

    def remove(self, task: str) -> Task:
        """Delete a waiting task.

        Raises:
            WrongState: it does not wait in the backlog.
        """
        for _ in range(RETRIES):
            found = self._tasks.find(task)
            if found.state is not TaskState.PENDING or found.wanted is not None:
                raise WrongState(f"task {found.short_id}", found.state.value, "removed from the backlog")
            if self._store.delete(found) == "deleted":
                return found
        raise RecordChanged(f"task {task}")

    def _worker(self, agent: str) -> AgentId:
        owner = self._agents.find_id(agent)
        if owner == SUPERVISOR_ID:
            raise AgentNotFound(agent)
        return owner
