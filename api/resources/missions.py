"""Missions: larger aims, worked towards by many tasks."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec

from tinytown.api.call import Call
from tinytown.api.documents import documents_below
from tinytown.api.operation import Tag
from tinytown.api.paging import cursor_after, position_of
from tinytown.api.problems import Fault, Refusal
from tinytown.api.requests.missions import (
    DocRequest,
    FailMissionRequest,
    ForceQuery,
    IssueObjective,
    MissionEventsQuery,
    MissionQuery,
    MissionRequest,
    MissionsQuery,
    NoteRequest,
    PauseMissionRequest,
    PlanRequest,
    StopMissionRequest,
    TextObjective,
)  # fmt: skip
from tinytown.api.views.missions import (
    MissionCreated,
    MissionDeleted,
    MissionDetail,
    MissionEvents,
    MissionFailed,
    MissionMoved,
    MissionPage,
    NoteView,
    event_lines,
    mission_detail,
    mission_moved,
    mission_summary,
    mission_views,
    note_view,
)  # fmt: skip
from tinytown.api.views.plans import PlanView, plan_view
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import MissionState
from tinytown.domain.scope import Scope
from tinytown.errors import (
    AmbiguousReference,
    GitHubUnavailable,
    InvalidValue,
    KeyReused,
    MissionNotFound,
    PlanRefused,
    RecordChanged,
    WrongState,
)
from tinytown.planning.graph import Plan
from tinytown.planning.repository import Repository
from tinytown.services.missions import Moved
from tinytown.services.town_folder import HandedFolder

__all__ = ["missions"]

missions = Tag(
    "Missions",
    "Larger aims, worked towards by many tasks: issues and documents become a graph of work, which the town does. "
    "Decisions about missions need `agent.manage`, which the keys of agents should not have: they could approve their own work.",
)

Moment = Annotated[datetime, msgspec.Meta(tz=True)]

_EVENTS = 20
_FINDING = (MissionNotFound, AmbiguousReference)
_CHANGING = (*_FINDING, RecordChanged, WrongState)


@missions.get("/v1/missions", scope=Scope.TOWN_READ)
def list_missions(call: Call, query: MissionsQuery) -> MissionPage:
    """List missions, newest first.

    What begins between two pages is on none of them, and leaves no other out.
    """
    after = position_of(query.cursor, tuple[Moment, MissionId])
    lines, more = call.town.missions.page(active_only=query.active_only, after=after, limit=query.limit)
    last = lines[-1].mission if more else None
    wholes = mission_views(call.town, [line.mission for line in lines]) if query.include_missions else [None] * len(lines)
    return MissionPage(
        missions=tuple(mission_summary(line, whole) for line, whole in zip(lines, wholes, strict=True)),
        count=len(lines),
        next_cursor=None if last is None else cursor_after((last.created_at, last.id)),
    )


@missions.post("/v1/missions/plan", scope=Scope.AGENT_MANAGE, refuses=(PlanRefused, GitHubUnavailable))
def plan_mission(call: Call, body: PlanRequest) -> PlanView:
    """Show what a mission would do, and begin nothing.

    It reads issues with the town's token, and documents: so it takes the same
    scope as beginning one.
    """
    plan = _planned(call, body)
    return plan_view(plan, call.town.missions.policy(**plan.policy))


@missions.post(
    "/v1/missions",
    scope=Scope.AGENT_MANAGE,
    status=201,
    takes_key=True,
    refuses=(PlanRefused, GitHubUnavailable, InvalidValue, KeyReused),
)
def start_mission(call: Call, body: MissionRequest) -> MissionCreated:
    """Begin a mission.

    All is read and compiled first, and then stored: what cannot be planned
    leaves nothing behind. A document is sent along, or is a file below the
    town's folder on townhall's machine; any other path, and a hidden file, is
    refused.
    """
    identity = None if call.derived_id is None else MissionId(call.derived_id)
    plan = _planned(call, body)
    begun = call.town.missions.start(plan, body.policy, identity=identity)
    mission = begun.mission
    call.created(f"/v1/missions/{mission.id}")
    call.tag_version(mission.version)
    call.changed("mission", mission.id)
    return MissionCreated(
        mission_id=mission.id,
        state=mission.state,
        objective_count=len(mission.objective_refs),
        work_item_count=len(begun.items),
        warnings=plan.warnings,
        version=mission.version,
    )


@missions.get("/v1/missions/{mission_id}", scope=Scope.TOWN_READ, revalidates=False, refuses=_FINDING)
def get_mission_status(call: Call, mission_id: str, query: MissionQuery) -> MissionDetail:
    """Show a mission."""
    found = call.town.missions.view(mission_id)
    events = call.town.missions.events(found.mission.id, _EVENTS) if query.include_events else ()
    call.tag_version(found.mission.version)
    return mission_detail(found, query, events)


@missions.delete("/v1/missions/{mission_id}", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def delete_mission(call: Call, mission_id: str, query: ForceQuery) -> MissionDeleted:
    """Forget a mission that has ended, or any with `force`, which gives it up first."""
    gone = call.town.missions.delete(mission_id, force=query.force, by=call.caller)
    call.changed("mission", gone.id)
    return MissionDeleted(mission_id=gone.id, deleted=True, mission=mission_views(call.town, [gone])[0])


@missions.post("/v1/missions/{mission_id}/pause", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def pause_mission(call: Call, mission_id: str, body: PauseMissionRequest | None = None) -> MissionMoved:
    """Begin nothing new; what agents are at goes on, and counts."""
    reason = "" if body is None else body.reason
    moved = call.town.missions.pause(mission_id, reason, by=call.caller)
    return _moved(call, moved, "paused")


@missions.post("/v1/missions/{mission_id}/resume", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def resume_mission(call: Call, mission_id: str) -> MissionMoved:
    """Let a mission go on; what stalls is tried again.

    Harmless when it runs. No check's result is made up: see `overrideWatch`.
    """
    moved = call.town.missions.resume(mission_id, by=call.caller)
    return _moved(call, moved, "already_running" if moved.before is MissionState.RUNNING else "resumed")


@missions.post("/v1/missions/{mission_id}/stop", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def stop_mission(call: Call, mission_id: str, body: StopMissionRequest | None = None) -> MissionMoved:
    """Stop a mission: its tasks are taken back; with `force` for good."""
    force = False if body is None else body.force
    moved = call.town.missions.stop(mission_id, by=call.caller, force=force)
    return _moved(call, moved, "stopped")


@missions.post("/v1/missions/{mission_id}/complete", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def complete_mission(call: Call, mission_id: str) -> MissionMoved:
    """Say that a mission is completed; what is unfinished is cancelled."""
    moved = call.town.missions.complete(mission_id, by=call.caller)
    return _moved(call, moved, "completed")


@missions.post("/v1/missions/{mission_id}/fail", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def fail_mission(call: Call, mission_id: str, body: FailMissionRequest | None = None) -> MissionFailed:
    """Give a mission up."""
    given = None if body is None else body.reason
    reason = f"given up by {call.caller} through townhall" if given is None else given
    moved = call.town.missions.fail(mission_id, reason, by=call.caller)
    call.changed("mission", moved.mission.id)
    return MissionFailed(
        mission_id=moved.mission.id,
        state=moved.mission.state,
        reason=reason,
        previous_state=moved.before,
        mission=mission_views(call.town, [moved.mission])[0],
    )


@missions.post("/v1/missions/{mission_id}/notes", scope=Scope.AGENT_MANAGE, status=201, takes_key=True, refuses=(*_CHANGING, InvalidValue))
def note_mission(call: Call, mission_id: str, body: NoteRequest) -> NoteView:
    """Say something to a mission; its next tick deals with it.

    `pause`, `resume` and `redirect ITEM to AGENT` are obeyed, and anything
    else is passed on to the agents at work.
    """
    try:
        note = call.town.missions.note(mission_id, body.body, sender=call.caller)
    except InvalidValue as error:
        raise InvalidValue("body", error.why) from error  # as the text is called here
    call.created(f"/v1/missions/{note.mission_id}?include_notes=true")
    call.changed("mission", note.mission_id)
    return note_view(note)


@missions.get("/v1/missions/{mission_id}/events", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_mission_events(call: Call, mission_id: str, query: MissionEventsQuery) -> MissionEvents:
    """List what happened in a mission, newest first; `listEvents` tells more of each."""
    mission = call.town.missions.find(mission_id)
    told = event_lines(call.town.missions.events(mission.id, query.limit))
    return MissionEvents(mission_id=mission.id, events=told, count=len(told))


def _planned(call: Call, wanted: PlanRequest) -> Plan:
    """The plan for what somebody elsewhere asks for."""
    if not wanted.objectives and wanted.manifest is None:
        detail = "There is nothing to plan: name an objective, or send a manifest."
        raise Refusal(422, detail, errors=(Fault(pointer="/objectives", detail="is empty"),))
    issues = [each.text for each in wanted.objectives if isinstance(each, IssueObjective | TextObjective)]
    docs = [each for each in wanted.objectives if isinstance(each, DocRequest)]
    below = documents_below(call.town, [doc.path for doc in docs if doc.text is None])
    handed = {doc.path: doc.text for doc in docs if doc.text is not None}
    given = wanted.manifest
    folder = HandedFolder(
        Path.cwd() if call.town.root is None else call.town.root,
        handed if given is None else {**handed, given.path: given.text},
        below,
        None if wanted.home is None else Repository(wanted.home.owner, wanted.home.repo, wanted.home.host),
    )
    return call.town.planner.plan(issues, docs=[*below, *handed], manifest=None if given is None else Path(given.path), folder=folder)


def _moved(call: Call, moved: Moved, status: str) -> MissionMoved:
    call.changed("mission", moved.mission.id)
    return mission_moved(call.town, moved, status)
