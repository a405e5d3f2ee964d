"""Assignments: what the bell of a task is answered with."""

from __future__ import annotations

from tinytown.domain.ids import TaskId
from tinytown.domain.task import Task
from tinytown.services.desk import Desk
from tinytown.services.tasks import AUTO, TaskService

__all__ = ["AssignmentService"]


class AssignmentService:
    """Delivers tasks in the order in which they were given, however many answer bells at once."""

    def __init__(self, desk: Desk, tasks: TaskService) -> None:
        self._desk = desk
        self._tasks = tasks

    def answer(self, task_id: TaskId, wanted: str) -> Task | None:
        """Deliver a task, and before it what the same agent was given earlier; harmless to do twice.

        Args:
            task_id: of the task whose bell rang.
            wanted: the agent that the bell names, or `auto`.

        Returns:
            The task; None when nobody fits yet, or it is gone.
        """
        if wanted != AUTO:
            earlier = self._desk.store.tasks.get_readable(self._desk.store.tasks.asked_before(task_id))
            for task in earlier:
                if task.wanted == wanted:
                    self._tasks.deliver(task.id, wanted)
        return self._tasks.deliver(task_id, wanted)
