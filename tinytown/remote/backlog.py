"""The backlog of a town elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.task import Task, TaskState, task_description
from tinytown.errors import TaskNotFound
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import pages
from tinytown.remote.tasks import RemoteTasks, tags_given

__all__ = ["RemoteBacklog"]

_MOST_GIVEN = 100_000


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    backlog: tuple[Task, ...]
    total: int
    next_cursor: str | None


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    tasks: tuple[TaskId, ...]
    remaining: int


class RemoteBacklog:
    """Adds to the backlog through townhall, and gives from it."""

    def __init__(self, desk: RemoteDesk, tasks: RemoteTasks) -> None:
        self._client = desk.client
        self._tasks = tasks

    def add(self, description: str, *, tags: Sequence[str] = (), by: AgentId = SUPERVISOR_ID) -> Task:
        """Store a task that nobody is meant for.

        Raises:
            InvalidValue: the text is empty or too long.
        """
        assert by == SUPERVISOR_ID, "agents have a Redis"
        return self._client.post("/v1/backlog", Task, {"description": task_description(description), "tags": tags_given(tags)})

    def list(self, count: int = 1000) -> list[Task]:
        """The waiting tasks, oldest first."""
        return list(islice((task for page in pages(self._client, "/v1/backlog", _Page, limit=count) for task in page.backlog), count))

    def length(self) -> int:
        """How many tasks wait."""
        return next(pages(self._client, "/v1/backlog", _Page, limit=1)).total

    def claim(self, task: str, agent: str) -> Task:
        """Give a waiting task to an agent; nothing moves unless both exist.

        Raises:
            AgentNotFound: there is no such agent.
            TaskNotFound: no such task lies in the backlog.
            WrongState: it does not wait any more.
        """
        return self._client.post(f"/v1/backlog/{segment(task, TaskNotFound)}/claim", Task, {"agent": agent})

    def assign_all(self, agent: str) -> Sequence[Task]:
        """Give every waiting task to one agent.

        Raises:
            AgentNotFound: there is no such agent; then nothing moves.
        """
        given: dict[TaskId, None] = {}
        while True:
            answer = self._client.post("/v1/backlog/assign-all", _Given, {"agent": agent})
            given |= dict.fromkeys(answer.tasks)
            if not (answer.tasks and answer.remaining) or len(given) >= _MOST_GIVEN:
                return self._told(given, AgentId(agent))

    def remove(self, task: str) -> Task:
        """Delete a waiting task.

        Raises:
            TaskNotFound: no such task lies in the backlog.
        """
        return self._client.delete(f"/v1/backlog/{segment(task, TaskNotFound)}", Task)

    def _told(self, given: dict[TaskId, None], agent: AgentId) -> Sequence[Task]:
        """The tasks with those ids: from the list of what the agent has, and by themselves what went on already."""
        found = {task.id: task for task in self._tasks.matching(TaskState.ASSIGNED, agent=agent, limit=_MOST_GIVEN)} if given else {}
        return [found[task] if task in found else self._tasks.get(task) for task in given]
