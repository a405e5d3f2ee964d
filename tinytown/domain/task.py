"""A task: a piece of work, its states, and the steps between them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Self

import msgspec

from tinytown.domain.ids import AgentId, MissionId, TaskId, WorkItemId, short
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.errors import InvalidValue, WrongState

__all__ = ["MAX_DESCRIPTION_BYTES", "OPEN_STATES", "Task", "TaskState", "mended", "task_description"]

MAX_DESCRIPTION_BYTES = 8 * 1024 * 1024
"""The longest task text that is accepted: 8 MiB."""


class TaskState(StrEnum):
    """How far a task has come."""

    PENDING = "pending"
    """Known, and not yet in anybody's mailbox."""
    ASSIGNED = "assigned"
    """In an agent's mailbox."""
    RUNNING = "running"
    """Part of a turn whose lease is alive."""
    COMPLETED = "completed"
    """Done; `result` says what came of it."""
    FAILED = "failed"
    """Given up; `failure_reason` and `result` say why."""
    CANCELLED = "cancelled"
    """No longer wanted."""

    @property
    def is_terminal(self) -> bool:
        """Is this the end of the task's life?"""
        return self not in OPEN_STATES


OPEN_STATES = frozenset({TaskState.PENDING, TaskState.ASSIGNED, TaskState.RUNNING})

_S = TaskState
_MOVES: dict[TaskState, frozenset[TaskState]] = {
    _S.PENDING: frozenset({_S.ASSIGNED, _S.COMPLETED, _S.FAILED, _S.CANCELLED}),
    _S.ASSIGNED: frozenset({_S.RUNNING, _S.PENDING, _S.COMPLETED, _S.FAILED, _S.CANCELLED}),
    _S.RUNNING: frozenset({_S.RUNNING, _S.ASSIGNED, _S.PENDING, _S.COMPLETED, _S.FAILED, _S.CANCELLED}),
    _S.COMPLETED: frozenset(),
    _S.FAILED: frozenset(),
    _S.CANCELLED: frozenset(),
}


def task_description(text: str) -> str:
    """The text as a task's description.

    Raises:
        InvalidValue: it is empty or blank, or longer than `MAX_DESCRIPTION_BYTES`.
    """
    if not text.strip():
        raise InvalidValue("task", "the text is empty; say what is to be done")
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_DESCRIPTION_BYTES:
        raise InvalidValue(
            "task", f"the text has {size} bytes; at most {MAX_DESCRIPTION_BYTES} are accepted; put it into a file and name that"
        )
    return mended(text)


def mended(text: str) -> str:
    """The text with `?` for what is no character, as arguments that are no UTF-8 contain it."""
    return text.encode("utf-8", "replace").decode()


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one task, as stored under `tt:<town>:task:<id>`.

    `version` counts the writes and must stay the first member: scripts compare it there.
    `wanted` is the agent that a pending task is meant for (`auto`: whoever fits);
    `attempt` counts the turns that tried it. `mission_task` says what it does for its work
    item; `verdict` is what a review came to.
    """

    version: int = 1
    id: TaskId
    description: str
    state: TaskState = TaskState.PENDING
    assigned_to: AgentId | None = None
    wanted: str | None = None
    created_by: AgentId | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    completed_at: datetime | None = None
    result: str | None = None
    failure_reason: str | None = None
    attempt: int = 0
    max_attempts: int = 3
    parent_id: TaskId | None = None
    mission_id: MissionId | None = None
    work_item_id: WorkItemId | None = None
    mission_task: MissionTask | None = None
    verdict: Verdict | None = None
    tags: tuple[str, ...] = ()

    @property
    def short_id(self) -> str:
        """The first characters of the id."""
        return short(self.id)

    @property
    def title(self) -> str:
        """The first line of the description that says something."""
        return next((line.strip() for line in self.description.splitlines() if line.strip()), "")

    def assigned(self, agent: AgentId, at: datetime) -> Self:
        """The task in that agent's mailbox."""
        return self._moved(TaskState.ASSIGNED, at, "assigned", assigned_to=agent, wanted=None)

    def started(self, at: datetime) -> Self:
        """The task in a running turn, one attempt on."""
        return self._moved(TaskState.RUNNING, at, "started", started_at=at, attempt=self.attempt + 1, failure_reason=None)

    def returned(self, at: datetime, reason: str | None, *, counted: bool = True) -> Self:
        """The task back in the mailbox after a turn that did not finish it; the attempt may not count."""
        attempt = self.attempt if counted else max(0, self.attempt - 1)
        return self._moved(TaskState.ASSIGNED, at, "returned", failure_reason=reason, attempt=attempt)

    def requeued(self, at: datetime, wanted: str | None = None) -> Self:
        """The task pending again, taken from whoever had it."""
        return self._moved(TaskState.PENDING, at, "requeued", assigned_to=None, started_at=None, wanted=wanted)

    def unwanted(self, at: datetime) -> Self:
        """The pending task meant for nobody any more."""
        if self.state is not TaskState.PENDING:
            raise WrongState(f"task {self.short_id}", self.state.value, "put into the backlog")
        return msgspec.structs.replace(self, version=self.version + 1, updated_at=at, wanted=None)

    def completed(self, result: str, at: datetime, verdict: Verdict | None = None) -> Self:
        """The task done."""
        return self._moved(TaskState.COMPLETED, at, "completed", result=result, completed_at=at, failure_reason=None, verdict=verdict)

    def failed(self, result: str, reason: str, at: datetime) -> Self:
        """The task given up."""
        return self._moved(TaskState.FAILED, at, "failed", result=result, failure_reason=reason, completed_at=at)

    def cancelled(self, why: str, at: datetime) -> Self:
        """The task no longer wanted."""
        return self._moved(TaskState.CANCELLED, at, "cancelled", result=why, completed_at=at)

    def _moved(self, state: TaskState, at: datetime, step: str, **changes: object) -> Self:
        if state not in _MOVES[self.state]:
            raise WrongState(f"task {self.short_id}", self.state.value, step)
        return msgspec.structs.replace(self, version=self.version + 1, state=state, updated_at=at, **changes)
