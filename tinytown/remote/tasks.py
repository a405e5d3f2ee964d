"""The tasks of a town elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

import msgspec

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.task import OPEN_STATES, Task, TaskState, mended, task_description
from tinytown.domain.verdict import Verdict
from tinytown.errors import TaskNotFound
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import MOST, pages
from tinytown.remote.waiting import awaited

__all__ = ["RemoteTasks", "tags_given"]


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    tasks: tuple[Task, ...]
    next_cursor: str | None


class RemoteTasks:
    """Giving tasks to agents through townhall, and what becomes of them.

    Whoever asks through townhall is the people of the town: what says who else
    asks or reports (`by`, `epoch`) is for turns, which have a Redis.
    """

    def __init__(self, desk: RemoteDesk) -> None:
        self._desk = desk
        self._client = desk.client

    def find(self, reference: str) -> Task:
        """The task that an id, or the beginning of one, means.

        Raises:
            TaskNotFound: none does.
            AmbiguousReference: several begin like that.
        """
        return self._client.get(f"/v1/tasks/{segment(reference, TaskNotFound)}", Task)

    def get(self, task: TaskId) -> Task:
        """The task with that id.

        Raises:
            TaskNotFound: there is none.
        """
        return self.find(task)

    def matching(
        self, state: TaskState | None = None, *, agent: AgentId | None = None, tag: str | None = None, limit: int = 100
    ) -> list[Task]:
        """Up to `limit` tasks, newest first within each state, reading no more than needed."""
        if agent is not None and state in OPEN_STATES:
            tasks = sorted(self._listed(state, agent, tag, MOST), key=lambda task: task.created_at, reverse=True)
            return tasks[:limit]
        states = tuple(TaskState) if state is None else (state,)
        return list(islice((task for one in states for task in self._listed(one, agent, tag, limit)), limit))

    def titles(self, tasks: Sequence[TaskId]) -> dict[TaskId, str]:
        """The titles of tasks, by id; those that are gone are left out."""
        found: dict[TaskId, str] = {}
        for task in dict.fromkeys(tasks):
            try:
                found[task] = self.get(task).title
            except TaskNotFound:
                continue
        return found

    def current(self, agent: AgentId) -> list[Task]:
        """The tasks that an agent is at: the running ones, else those that wait in its mailbox."""
        running = list(self._listed(TaskState.RUNNING, agent, None, MOST))
        return sorted(running or self._listed(TaskState.ASSIGNED, agent, None, MOST), key=lambda task: task.created_at)

    def assign(
        self, to: str, description: str, *, by: AgentId = SUPERVISOR_ID, tags: Sequence[str] = (), max_attempts: int | None = None
    ) -> Task:
        """Give a task to an agent, or to whoever fits (`auto`).

        Raises:
            AgentNotFound: there is no such agent.
            InvalidValue: the text is empty or too long.
        """
        assert by == SUPERVISOR_ID, "agents have a Redis"
        body = {"agent": to, "task": task_description(description), "tags": tags_given(tags)}
        return self._client.post("/v1/tasks/assign", Task, body if max_attempts is None else {**body, "max_attempts": max_attempts})

    def complete(
        self,
        task: TaskId,
        result: str = "Completed",
        *,
        by: AgentId | None = None,
        epoch: int | None = None,
        verdict: Verdict | None = None,
    ) -> Task:
        """Report a task as done; whoever asked for it is told.

        Raises:
            WrongState: it has ended.
        """
        assert by is None, "agents have a Redis"
        assert epoch is None, "agents have a Redis"
        return self._step(task, "complete", {"result": mended(result), **({} if verdict is None else {"verdict": verdict})})

    def fail(self, task: TaskId, reason: str, *, by: AgentId | None = None, epoch: int | None = None) -> Task:
        """Report that a task cannot be done; whoever asked for it is told.

        Raises:
            WrongState: it has ended.
        """
        assert by is None, "agents have a Redis"
        assert epoch is None, "agents have a Redis"
        return self._step(task, "fail", {"reason": mended(reason)})

    def cancel(self, task: TaskId, reason: str) -> Task:
        """Drop a task that is no longer wanted.

        Raises:
            WrongState: it has ended.
        """
        return self._step(task, "cancel", {"reason": mended(reason)})

    def requeue(self, task: TaskId, to: str | None = None) -> Task:
        """Take an open task from whoever has it: back to the backlog, or on to another agent.

        Raises:
            AgentNotFound: there is no such agent.
            WrongState: it has ended.
        """
        return self._step(task, "requeue", {} if to is None else {"to": mended(to)})

    def wait(self, task: TaskId, timeout: timedelta | None = None) -> Task:
        """Block until a task has ended.

        Raises:
            TimedOut: it has not ended in time.
        """
        path = f"/v1/tasks/{segment(task, TaskNotFound)}/wait"

        def look(seconds: float) -> tuple[Task, bool]:
            found = self._client.get(path, Task, {"timeout_secs": seconds})
            return found, found.state.is_terminal

        return awaited(self._client, look, lambda found: f"the end of task {found.short_id} (it is {found.state})", timeout)

    def _step(self, task: TaskId, verb: str, body: object) -> Task:
        return self._client.post(f"/v1/tasks/{segment(task, TaskNotFound)}/{verb}", Task, body)

    def _listed(self, state: TaskState | None, agent: AgentId | None, tag: str | None, limit: int) -> Iterator[Task]:
        """The tasks that are in a state, newest first; of an agent, those that it has."""
        query = {"state": None if state is None else state.value, "agent": agent, "tag": None if tag is None else mended(tag)}
        for page in pages(self._client, "/v1/tasks", _Page, query, limit):
            yield from (task for task in page.tasks if agent is None or task.assigned_to == agent)


def tags_given(tags: Sequence[str]) -> tuple[str, ...]:
    """The tags among what was given: each once, without those that say nothing."""
    return tuple(dict.fromkeys(mended(tag.strip()) for tag in tags if tag.strip()))
