"""A mission: several aims that are worked towards by many tasks, and how it is gone about."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

import msgspec

from tinytown.domain.errand import Errand
from tinytown.domain.ids import AgentId, MessageId, MissionId, short
from tinytown.domain.objective import Objective

__all__ = ["Dependency", "Help", "Hold", "Mission", "MissionState", "NoChecks", "Policy"]


class MissionState(StrEnum):
    """How far a mission has come."""

    PLANNING = "planning"
    """Its work is being laid out."""
    RUNNING = "running"
    """Its work is being done."""
    BLOCKED = "blocked"
    """Somebody holds it; `hold` says how."""
    COMPLETED = "completed"
    """All its work is done."""
    FAILED = "failed"
    """It was given up."""

    @property
    def is_terminal(self) -> bool:
        """Is this the end of the mission?"""
        return self in {MissionState.COMPLETED, MissionState.FAILED}


class Hold(StrEnum):
    """How a blocked mission is held."""

    PAUSED = "paused"
    """Nothing new is begun; what agents are at goes on and counts."""
    STOPPED = "stopped"
    """Nothing is at work for it any more; `resume` begins anew."""


class Dependency(StrEnum):
    """When work that others depend on counts as done."""

    MERGED = "merged"
    """When its pull request is merged."""
    APPROVED = "approved"
    """When it is approved, and its checks are good."""


class NoChecks(StrEnum):
    """What it means when a pull request has no checks at all."""

    PASS = "pass"  # noqa: S105 - no password
    """After a while it counts as good."""
    WAIT = "wait"
    """It is waited for checks."""


Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Limit = Annotated[int, msgspec.Meta(ge=0, le=1_000_000_000)]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a mission is gone about; a limit of 0 is none."""

    max_parallel_items: Count = 2
    """So many tasks of the mission are with agents at the same time."""
    reviewer_required: bool = True
    """What is implemented or tested is reviewed by somebody else."""
    auto_merge: bool = False
    """What is approved, and has good checks, is merged."""
    watch_interval_secs: Count = 180
    """Seconds between two looks at a pull request."""
    dependency: Dependency = Dependency.MERGED
    no_checks: NoChecks = NoChecks.PASS
    no_checks_grace_secs: Limit = 300
    """Seconds that checks may take to appear."""
    max_attempts: Count = 5
    """So many tasks an item may take to be made and mended, before it fails."""
    max_tasks: Limit = 0
    """So many tasks the whole mission may take, before it fails."""
    item_timeout_secs: Limit = 86_400
    """Seconds that an item may be at work or in review; waiting for a merge or for people does not count."""
    review_bots: tuple[str, ...] = ("bugbot", "cursor")
    """Programs whose comments on a whole pull request are to be acted on, by a part of their names. Others announce previews,
    coverage and the like; what any program says about a line of code counts."""
    timeout_secs: Limit = 0
    """Seconds that the whole mission may take."""


class Help(msgspec.Struct, frozen=True, kw_only=True):
    """A request for help that was sent and still holds."""

    reason: str
    message_id: MessageId
    sent_at: datetime
    attempts: int = 1
    told: tuple[str, ...] = ()
    """The causes that were told since help is needed: each is told once, however often it comes and goes."""


class Mission(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one mission, as stored under `tt:<town>:mission:<id>`.

    `version` counts the writes of the mission and of everything that belongs to it, and
    must stay the first member: scripts compare it there. `errands` are what was decided
    and may not have been done yet. `blocked_reason` says why it is held, what it waits for
    or why it failed; `last_progress_at` is when something last moved.
    """

    version: int = 1
    id: MissionId
    objective_refs: tuple[Objective, ...]
    state: MissionState = MissionState.PLANNING
    hold: Hold | None = None
    policy: Policy = Policy()
    created_by: AgentId | None = None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None = None
    ended_at: datetime | None = None
    next_wake_at: datetime | None = None
    blocked_reason: str | None = None
    last_progress_at: datetime | None = None
    help: Help | None = None
    tasks_made: int = 0
    errands: tuple[Errand, ...] = ()

    @property
    def short_id(self) -> str:
        """The first characters of the id."""
        return short(self.id)

    @property
    def is_active(self) -> bool:
        """Is it driven: its work, its watches, its notes? One that is stopped is not."""
        return not self.state.is_terminal and self.hold is not Hold.STOPPED

    def changed(self, **changes: object) -> Self:
        """The mission with other members; the version is raised when it is stored."""
        return msgspec.structs.replace(self, **changes)
