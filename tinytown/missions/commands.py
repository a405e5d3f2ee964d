"""Commands: everything that can be said or seen about a mission; nothing else changes one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.errand import Errand
from tinytown.domain.ids import AgentId, TaskId, WatchId, WorkItemId
from tinytown.domain.note import Note, NoteId
from tinytown.domain.objective import PullRef, Ref
from tinytown.domain.pull_request import Issue, PullRequest
from tinytown.domain.task import Task
from tinytown.domain.work_item import WorkStatus

__all__ = [
    "AddNote",
    "Approve",
    "Command",
    "Complete",
    "ErrandsDone",
    "Facts",
    "Fail",
    "Hand",
    "IssueLookFailed",
    "IssueSeen",
    "LookFailed",
    "OverrideWatch",
    "Pause",
    "ProcessNote",
    "PullMoved",
    "PullSeen",
    "Redirect",
    "Reject",
    "Resume",
    "Retry",
    "Roster",
    "Snooze",
    "Stop",
    "Tick",
    "UpdateItem",
]  # fmt: skip


class Hand(msgspec.Struct, frozen=True, kw_only=True):
    """An agent that may be given work: how many open tasks it has, and which item of any mission."""

    agent: Agent
    open_tasks: int = 0
    engaged: WorkItemId | None = None


Roster = Mapping[AgentId, Hand]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the town knows at the moment: its agents, and the tasks that items lead to."""

    roster: Roster
    tasks: Mapping[TaskId, Task]


class Tick(msgspec.Struct, frozen=True, kw_only=True):
    """Time has passed: settle, promote, schedule, ask for help."""

    facts: Facts


class PullSeen(msgspec.Struct, frozen=True, kw_only=True):
    """GitHub was asked about a pull request, and answered."""

    pull: PullRequest


class LookFailed(msgspec.Struct, frozen=True, kw_only=True):
    """GitHub was asked about a pull request in vain; `is_none` when there is no such pull request."""

    ref: PullRef
    error: str
    is_none: bool = False
    retry_after: timedelta | None = None


class IssueSeen(msgspec.Struct, frozen=True, kw_only=True):
    """GitHub was asked about an issue outside of the mission, and answered; None: there is none."""

    ref: Ref
    issue: Issue | None


class IssueLookFailed(msgspec.Struct, frozen=True, kw_only=True):
    """GitHub was asked about an issue outside of the mission in vain."""

    ref: Ref
    error: str
    retry_after: timedelta | None = None


class PullMoved(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says that there is news of an issue or a pull request: it is looked at now."""

    ref: Ref


class AddNote(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has something to say."""

    note: Note


class ProcessNote(msgspec.Struct, frozen=True, kw_only=True):
    """A note is dealt with; `agent` is the one that it names, and `trouble` why that could not be found."""

    note: NoteId
    facts: Facts
    agent: Agent | None = None
    trouble: str = ""


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """Begin nothing new."""

    by: str
    reason: str = ""


class Resume(msgspec.Struct, frozen=True, kw_only=True):
    """Go on; what stalls is tried again."""

    by: str


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Take everything back; with `force` the mission has failed."""

    by: str
    force: bool = False


class Complete(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says that the mission is completed."""

    by: str


class Fail(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gives the mission up."""

    by: str
    reason: str


class Approve(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody approves an item; None: the one that waits for a verdict."""

    by: str
    item: WorkItemId | None = None
    agent: AgentId | None = None
    remark: str = ""


class Reject(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants changes to an item; None: the one that waits for a verdict."""

    by: str
    reason: str
    item: WorkItemId | None = None
    agent: AgentId | None = None


class Redirect(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gives an item to another agent; None: the only one that is not finished."""

    by: str
    agent: Agent
    facts: Facts
    item: WorkItemId | None = None
    reason: str = ""


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody gives an item, or all that failed or are stuck, another chance."""

    by: str
    item: WorkItemId | None = None


class UpdateItem(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says how an item stands, or adds to what it has made."""

    by: str
    item: WorkItemId
    status: WorkStatus | None = None
    artifacts: tuple[str, ...] = ()
    expected: int | None = None


class Snooze(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants a watch to look only later."""

    by: str
    watch: WatchId
    span: timedelta


class OverrideWatch(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody takes it upon himself that a watch need not be waited for."""

    by: str
    watch: WatchId
    reason: str


class ErrandsDone(msgspec.Struct, frozen=True, kw_only=True):
    """What had been decided was done; `refused` says of those that could not be done why."""

    errands: tuple[Errand, ...]
    refused: tuple[tuple[Errand, str], ...] = ()


Command = (
    Tick | PullSeen | LookFailed | IssueSeen | IssueLookFailed | PullMoved | AddNote | ProcessNote | Pause | Resume | Stop | Complete | Fail
    | Approve | Reject | Redirect | Retry | UpdateItem | Snooze | OverrideWatch | ErrandsDone
)  # fmt: skip
