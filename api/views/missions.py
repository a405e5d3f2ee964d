"""Missions on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from tinytown.api.requests.missions import DocObjective, IssueObjective, MissionQuery
from tinytown.api.views.watches import WatchView, watch_view
from tinytown.api.views.work_items import WorkView, work_view
from tinytown.domain import mission as domain
from tinytown.domain.event import Event
from tinytown.domain.mission import Hold, MissionState, Policy
from tinytown.domain.note import Note
from tinytown.domain.objective import IssueRef, Objective
from tinytown.domain.work_item import WorkStatus
from tinytown.services import mission_reading as reading
from tinytown.services.missions import Moved
from tinytown.town import Town

__all__ = [
    "HelpView", "MissionCreated", "MissionDeleted", "MissionDetail", "MissionEvents", "MissionFailed", "MissionMoved", "MissionPage",
    "MissionSummary", "MissionView", "NoteView", "WorkSummary", "event_lines", "mission_detail", "mission_moved", "mission_summary",
    "mission_views", "note_view", "objective_view",
]  # fmt: skip


class MissionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A mission in a list."""

    id: str
    state: MissionState
    hold: Hold | None
    objective_count: int
    work_item_count: int
    completed_count: int
    failed_count: int
    waiting_count: int
    """Items that wait for something: `waiting_on` of each says for what."""
    blocked_reason: str | None
    created_at: datetime
    updated_at: datetime
    mission: MissionView | None
    """Everything about the mission; null unless `include_missions` was asked for."""


class MissionPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some missions, newest first."""

    missions: tuple[MissionSummary, ...]
    count: int
    next_cursor: str | None
    """Where the list goes on; null at its end."""


class MissionCreated(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was begun."""

    mission_id: str
    state: MissionState
    objective_count: int
    work_item_count: int
    warnings: tuple[str, ...]
    """What is odd about its plan."""
    version: int
    """Counts the changes of the mission and all that belongs to it; the number in the ETag."""


class HelpView(msgspec.Struct, frozen=True, kw_only=True):
    """A request for help that still holds."""

    reason: str
    message_id: str
    """In the mailbox of the people who run the town."""
    sent_at: datetime
    attempts: int
    told: tuple[str, ...]
    """The causes that were told since help is needed."""


class MissionView(msgspec.Struct, frozen=True, kw_only=True):
    """A mission."""

    id: str
    objective_refs: tuple[IssueObjective | DocObjective, ...]
    state: MissionState
    hold: Hold | None
    """How it is held; null unless it is blocked."""
    policy: Policy
    created_by: str | None
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    next_wake_at: datetime | None
    blocked_reason: str | None
    """Why it is held, or why it failed."""
    last_tick_at: datetime | None
    """When it was last driven."""
    last_progress_at: datetime | None
    """When something last moved."""
    help: HelpView | None
    tasks_made: int
    """Tasks that it has taken so far."""
    to_be_done: int
    """How much was decided that may not have been done yet."""
    version: int
    """Counts the changes of the mission and all that belongs to it."""
    dispatcher_last_help_request_at: datetime | None
    dispatcher_last_help_request_reason: str | None
    dispatcher_help_request_attempts: int


class NoteView(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody said to a mission, and what came of it."""

    id: str
    mission_id: str
    sender: str
    body: str
    created_at: datetime
    processed_at: datetime | None
    """When it was dealt with; null while it waits."""
    outcome: str | None
    version: int
    """Counts the changes."""


class WorkSummary(msgspec.Struct, frozen=True, kw_only=True):
    """How far the work of a mission has come: how many items are in each state."""

    total_work_items: int
    pending: int
    ready: int
    assigned: int
    running: int
    blocked: int
    done: int
    failed: int
    cancelled: int
    active_watches: int
    """Watches that are looked at, the snoozed ones included."""


class MissionDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A mission with as much as was asked for; what was not is null."""

    mission: MissionView
    summary: WorkSummary
    work_items: tuple[WorkView, ...] | None
    watches: tuple[WatchView, ...] | None
    events: tuple[str, ...] | None
    notes: tuple[NoteView, ...] | None
    version: int
    """Counts the changes of the mission and all that belongs to it; the number in the ETag."""


class MissionMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was paused, resumed, stopped or completed."""

    mission_id: str
    status: str
    """What was done: `paused`, `resumed`, `stopped` or `completed`; `already_running` when there was nothing to resume."""
    previous_state: MissionState
    new_state: MissionState
    mission: MissionView


class MissionFailed(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was given up."""

    mission_id: str
    state: MissionState
    reason: str
    previous_state: MissionState
    mission: MissionView


class MissionDeleted(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that is gone, as it was."""

    mission_id: str
    deleted: bool
    mission: MissionView


class MissionEvents(msgspec.Struct, frozen=True, kw_only=True):
    """What happened in a mission, newest first."""

    mission_id: str
    events: tuple[str, ...]
    count: int


def mission_summary(line: reading.MissionLine, whole: MissionView | None) -> MissionSummary:
    """The mission as a list shows it."""
    mission = line.mission
    return MissionSummary(
        id=mission.id,
        state=mission.state,
        hold=mission.hold,
        objective_count=len(mission.objective_refs),
        work_item_count=line.items_total,
        completed_count=line.items_done,
        failed_count=line.items_failed,
        waiting_count=line.items_waiting,
        blocked_reason=mission.blocked_reason,
        created_at=mission.created_at,
        updated_at=mission.updated_at,
        mission=whole,
    )


def mission_views(town: Town, missions: Sequence[domain.Mission]) -> tuple[MissionView, ...]:
    """Missions as they are shown, with everything about them."""
    ticked = town.missions.ticked_at([mission.id for mission in missions])
    return tuple(_mission(mission, at) for mission, at in zip(missions, ticked, strict=True))


def mission_detail(found: reading.MissionView, wanted: MissionQuery, events: Sequence[tuple[str, Event]]) -> MissionDetail:
    """The mission, and of what belongs to it what is wanted."""
    return MissionDetail(
        mission=_mission(found.mission, found.last_tick_at),
        summary=_summary(found),
        work_items=tuple(work_view(item) for item in found.items) if wanted.include_work else None,
        watches=tuple(watch_view(watch) for watch in found.watches) if wanted.include_watches else None,
        events=event_lines(events) if wanted.include_events else None,
        notes=tuple(note_view(note) for note in found.notes) if wanted.include_notes else None,
        version=found.mission.version,
    )


def mission_moved(town: Town, moved: Moved, status: str) -> MissionMoved:
    """The mission before and after a step."""
    return MissionMoved(
        mission_id=moved.mission.id,
        status=status,
        previous_state=moved.before,
        new_state=moved.mission.state,
        mission=mission_views(town, [moved.mission])[0],
    )


def note_view(note: Note) -> NoteView:
    """The note as it is shown."""
    return NoteView(
        id=note.id,
        mission_id=note.mission_id,
        sender=note.sender,
        body=note.body,
        created_at=note.created_at,
        processed_at=note.processed_at,
        outcome=note.outcome,
        version=note.version,
    )


def objective_view(objective: Objective) -> IssueObjective | DocObjective:
    """The objective as it is sent."""
    if isinstance(objective, IssueRef):
        return IssueObjective(owner=objective.owner, repo=objective.repo, number=objective.number, host=objective.host)
    return DocObjective(path=objective.path)


def event_lines(events: Sequence[tuple[str, Event]]) -> tuple[str, ...]:
    """Events as lines: `[2026-01-01 12:00:00] what happened`."""
    return tuple(f"[{event.timestamp:%Y-%m-%d %H:%M:%S}] {event.message}" for _, event in events)


def _mission(mission: domain.Mission, ticked: datetime | None) -> MissionView:
    asked = mission.help
    shown: dict[str, Any] = {
        name: getattr(mission, name)
        for name in ("id", "state", "hold", "policy", "created_by", "created_at", "updated_at", "started_at", "ended_at", "next_wake_at",
                     "blocked_reason", "last_progress_at", "tasks_made", "version")
    }  # fmt: skip
    return MissionView(
        **shown,
        objective_refs=tuple(objective_view(each) for each in mission.objective_refs),
        last_tick_at=ticked,
        help=None
        if asked is None
        else HelpView(reason=asked.reason, message_id=asked.message_id, sent_at=asked.sent_at, attempts=asked.attempts, told=asked.told),
        to_be_done=len(mission.errands),
        dispatcher_last_help_request_at=None if asked is None else asked.sent_at,
        dispatcher_last_help_request_reason=None if asked is None else asked.reason,
        dispatcher_help_request_attempts=0 if asked is None else asked.attempts,
    )


def _summary(found: reading.MissionView) -> WorkSummary:
    counts = {status.value: sum(item.status is status for item in found.items) for status in WorkStatus}
    return WorkSummary(total_work_items=len(found.items), active_watches=sum(watch.is_open for watch in found.watches), **counts)
