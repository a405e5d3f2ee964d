"""Missions on the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.api.requests.missions import DocObjective, IssueObjective, Policy
from tinytown.domain.mission import MissionState
from tinytown.domain.watch import TriggerAction, WatchKind, WatchStatus
from tinytown.domain.work_item import WorkKind, WorkStatus

__all__ = [
    "MissionCreated", "MissionDeleted", "MissionDetail", "MissionEvents", "MissionFailed", "MissionMoved", "MissionPage", "MissionSummary",
    "MissionView", "WatchPage", "WatchView", "WorkPage", "WorkSummary", "WorkView",
]  # fmt: skip


class MissionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A mission in a list."""

    id: str
    state: MissionState
    objective_count: int
    work_item_count: int
    completed_count: int
    created_at: datetime
    updated_at: datetime


class MissionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some missions."""

    missions: tuple[MissionSummary, ...]
    count: int


class MissionCreated(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was begun."""

    mission_id: str
    state: MissionState
    objective_count: int


class MissionView(msgspec.Struct, frozen=True, kw_only=True):
    """A mission."""

    id: str
    objective_refs: tuple[IssueObjective | DocObjective, ...]
    state: MissionState
    policy: Policy
    created_at: datetime
    updated_at: datetime
    next_wake_at: datetime | None
    blocked_reason: str | None


class WorkView(msgspec.Struct, frozen=True, kw_only=True):
    """An item of work."""

    id: str
    mission_id: str
    title: str
    kind: WorkKind
    depends_on: tuple[str, ...]
    owner_role: str | None
    status: WorkStatus
    assigned_to: str | None
    artifact_refs: tuple[str, ...]
    reviewer_approved: bool
    source_ref: str | None
    created_at: datetime
    updated_at: datetime


class WatchView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is looked at again and again."""

    id: str
    mission_id: str
    work_item_id: str
    kind: WatchKind
    target_ref: str
    interval_secs: int
    next_due_at: datetime
    status: WatchStatus
    on_trigger: TriggerAction
    last_check_at: datetime | None
    consecutive_failures: int


class WorkSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How far the work of a mission has come."""

    total_work_items: int
    pending: int
    ready: int
    running: int
    done: int
    blocked: int
    active_watches: int


class MissionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A mission with as much as was asked for; what was not is null."""

    mission: MissionView
    summary: WorkSummary
    work_items: tuple[WorkView, ...] | None
    watches: tuple[WatchView, ...] | None
    events: tuple[str, ...] | None


class MissionMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was stopped, resumed or completed."""

    mission_id: str
    status: str
    previous_state: MissionState
    new_state: MissionState


class MissionFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was given up."""

    mission_id: str
    state: MissionState
    reason: str


class MissionDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that is gone."""

    mission_id: str
    deleted: bool


class WorkPage(msgspec.Struct, frozen=True, kw_only=True):
    """The work of a mission."""

    mission_id: str
    work_items: tuple[WorkView, ...]
    count: int


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """The watches of a mission."""

    mission_id: str
    watches: tuple[WatchView, ...]
    count: int


class MissionEvents(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a mission, newest first."""

    mission_id: str
    events: tuple[str, ...]
    count: int
