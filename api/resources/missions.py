"""Missions: larger aims, worked towards by many tasks. They are declared here, and refused until they can be done."""

# ruff: noqa: ARG001 - the parameters say what will be taken

from __future__ import annotations

from typing import Any

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.missions import (
    FailMissionRequest,
    ForceQuery,
    MissionEventsQuery,
    MissionQuery,
    MissionRequest,
    MissionsQuery,
    SnoozeRequest,
    StopMissionRequest,
    WatchesQuery,
    WorkQuery,
    WorkUpdate,
)  # fmt: skip
from tinytown.api.views.missions import (
    MissionCreated,
    MissionDeleted,
    MissionDetail,
    MissionEvents,
    MissionFailed,
    MissionMoved,
    MissionPage,
    WatchPage,
    WatchView,
    WorkPage,
    WorkView,
)  # fmt: skip
from tinytown.domain.scope import Scope
from tinytown.errors import NotImplementedYet

__all__ = ["missions"]

missions = Tag("Missions", "Larger aims, worked towards by many tasks. This version answers 501 to all of it; the types are a promise.")

_READING: dict[str, Any] = {"scope": Scope.TOWN_READ, "refuses": (NotImplementedYet,)}
_CHANGING: dict[str, Any] = {"scope": Scope.AGENT_MANAGE, "refuses": (NotImplementedYet,)}


@missions.get("/v1/missions", **_READING)
def list_missions(call: Call, query: MissionsQuery) -> MissionPage:
    """List missions."""
    raise _not_yet(call)


@missions.post("/v1/missions", status=201, takes_key=True, **_CHANGING)
def start_mission(call: Call, body: MissionRequest) -> MissionCreated:
    """Begin a mission."""
    raise _not_yet(call)


@missions.get("/v1/missions/{mission_id}", **_READING)
def get_mission_status(call: Call, mission_id: str, query: MissionQuery) -> MissionDetail:
    """Show a mission."""
    raise _not_yet(call)


@missions.delete("/v1/missions/{mission_id}", **_CHANGING)
def delete_mission(call: Call, mission_id: str, query: ForceQuery) -> MissionDeleted:
    """Forget a mission that has ended, or any with `force`."""
    raise _not_yet(call)


@missions.post("/v1/missions/{mission_id}/resume", **_CHANGING)
def resume_mission(call: Call, mission_id: str) -> MissionMoved:
    """Let a mission go on."""
    raise _not_yet(call)


@missions.post("/v1/missions/{mission_id}/stop", **_CHANGING)
def stop_mission(call: Call, mission_id: str, body: StopMissionRequest | None = None) -> MissionMoved:
    """Stop a mission; with `force` for good."""
    raise _not_yet(call)


@missions.post("/v1/missions/{mission_id}/complete", **_CHANGING)
def complete_mission(call: Call, mission_id: str) -> MissionMoved:
    """Say that a mission is completed."""
    raise _not_yet(call)


@missions.post("/v1/missions/{mission_id}/fail", **_CHANGING)
def fail_mission(call: Call, mission_id: str, body: FailMissionRequest | None = None) -> MissionFailed:
    """Give a mission up."""
    raise _not_yet(call)


@missions.get("/v1/missions/{mission_id}/work", **_READING)
def list_work_items(call: Call, mission_id: str, query: WorkQuery) -> WorkPage:
    """List the work of a mission."""
    raise _not_yet(call)


@missions.get("/v1/missions/{mission_id}/work/{work_item_id}", **_READING)
def get_work_item(call: Call, mission_id: str, work_item_id: str) -> WorkView:
    """Show an item of work."""
    raise _not_yet(call)


@missions.patch("/v1/missions/{mission_id}/work/{work_item_id}", takes_version=True, **_CHANGING)
def update_work_item(call: Call, mission_id: str, work_item_id: str, body: WorkUpdate) -> WorkView:
    """Say what is new about an item of work."""
    raise _not_yet(call)


@missions.get("/v1/missions/{mission_id}/watches", **_READING)
def list_watch_items(call: Call, mission_id: str, query: WatchesQuery) -> WatchPage:
    """List what is watched for a mission."""
    raise _not_yet(call)


@missions.post("/v1/missions/{mission_id}/watches/{watch_id}/snooze", **_CHANGING)
def snooze_watch(call: Call, mission_id: str, watch_id: str, body: SnoozeRequest) -> WatchView:
    """Look at something again only after a while."""
    raise _not_yet(call)


@missions.get("/v1/missions/{mission_id}/events", **_READING)
def get_mission_events(call: Call, mission_id: str, query: MissionEventsQuery) -> MissionEvents:
    """List what happened in a mission."""
    raise _not_yet(call)


def _not_yet(call: Call) -> NotImplementedYet:
    return NotImplementedYet(f"the operation {call.operation.id}")
