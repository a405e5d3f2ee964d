"""Tasks as they are: found, listed, counted, and awaited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from tinytown.domain.ids import AgentId, TaskId, is_id_prefix, is_uuid
from tinytown.domain.task import OPEN_STATES, Task, TaskState
from tinytown.errors import AmbiguousReference, TaskNotFound
from tinytown.services.awaiting import awaited
from tinytown.services.desk import Desk
from tinytown.services.task_pages import Sought, TaskPage, page_of_tasks
from tinytown.store.task_order import Place

__all__ = ["TaskReader"]


class TaskReader:
    """Looks at tasks and changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store.tasks

    def find(self, reference: str) -> Task:
        """The task that an id, or the beginning of one, means.

        Raises:
            TaskNotFound: none does.
            AmbiguousReference: several begin like that.
        """
        wanted = reference.strip().lower()
        if is_uuid(wanted):
            return self.get(TaskId(wanted))
        ids = self._store.ids_starting(wanted) if is_id_prefix(wanted) else []
        if len(ids) > 1:
            raise AmbiguousReference(reference, tuple(ids))
        if not ids:
            raise TaskNotFound(reference)
        return self.get(ids[0])

    def get(self, task: TaskId) -> Task:
        """The task with that id.

        Raises:
            TaskNotFound: there is none.
        """
        found = self._store.get(task)
        if found is None:
            raise TaskNotFound(task)
        return found

    def matching(
        self,
        state: TaskState | None = None,
        *,
        agent: AgentId | None = None,
        tag: str | None = None,
        limit: int = 100,
        keep: Callable[[Task], bool] = lambda _: True,
    ) -> list[Task]:
        """Up to `limit` tasks, newest first within each state, reading no more than needed."""
        states = tuple(TaskState) if state is None else (state,)
        found: list[Task] = []
        if agent is not None and set(states) <= OPEN_STATES:
            tasks = sorted(self._store.get_many(self._store.open_of(agent)), key=lambda task: task.created_at, reverse=True)
            return [task for task in tasks if task.state in states and _fits(task, agent, tag) and keep(task)][:limit]
        for one in states:
            start = 0
            while len(found) < limit:
                ids = self._store.ids_in(one, start, 500 if agent is not None or tag is not None else limit, newest_first=True)
                if not ids:
                    break
                start += len(ids)
                found += [task for task in self._store.get_many(ids) if _fits(task, agent, tag) and keep(task)]
        return found[:limit]

    def page(self, sought: Sought, after: Place | None = None, limit: int = 50) -> TaskPage:
        """A page of the tasks that are sought, newest first; each task once, however the tasks move in the meantime."""
        return page_of_tasks(self._desk, sought, after, limit)

    def titles(self, tasks: Sequence[TaskId]) -> dict[TaskId, str]:
        """The titles of tasks, by id; those that are gone are left out."""
        return {task.id: task.title for task in self._store.get_many(tasks)}

    def count(self) -> dict[TaskState, int]:
        """How many tasks are in each state."""
        return self._store.count()

    def current(self, agent: AgentId) -> list[Task]:
        """The tasks that an agent is at: the running ones, else those that wait in its mailbox."""
        tasks = sorted(self._store.get_many(self._store.open_of(agent)), key=lambda task: task.created_at)
        running = [task for task in tasks if task.state is TaskState.RUNNING]
        return running or tasks

    def wait(self, task_id: TaskId, timeout: timedelta | None = None) -> Task:
        """Block until a task has ended; looks again whenever something happens in the town.

        Raises:
            TimedOut: it has not ended in time.
        """

        def look() -> tuple[Task, bool]:
            task = self.get(task_id)
            return task, task.state.is_terminal

        stream = self._desk.store.events.stream()
        return awaited(self._desk, stream, look, lambda task: f"the end of task {task.short_id} (it is {task.state})", timeout)


def _fits(task: Task, agent: AgentId | None, tag: str | None) -> bool:
    return (agent is None or task.assigned_to == agent) and (tag is None or tag in task.tags)
