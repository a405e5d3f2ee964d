"""Work items: the nodes of a mission's graph, and what people decide about them."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.work_items import ApproveRequest, RedirectRequest, RejectRequest, WorkQuery, WorkUpdate
from tinytown.api.views.work_items import RetriedView, WorkPage, WorkView, work_view
from tinytown.domain.scope import Scope
from tinytown.domain.work_item import WorkItem
from tinytown.errors import (
    AgentNotFound,
    AmbiguousReference,
    InvalidValue,
    MissionNotFound,
    RecordChanged,
    VersionMismatch,
    WorkItemNotFound,
    WrongState,
)

__all__ = ["work_items"]

work_items = Tag(
    "Work items",
    "The work of a mission. A path without an item means the only one that it can mean: "
    "the one that waits for a verdict, or that is not finished. A change of an item answers its version as the ETag.",
)

_FINDING = (MissionNotFound, WorkItemNotFound, AmbiguousReference)
_CHANGING = (*_FINDING, InvalidValue, RecordChanged, WrongState)


@work_items.get("/v1/missions/{mission_id}/work", scope=Scope.TOWN_READ, refuses=(MissionNotFound, AmbiguousReference))
def list_work_items(call: Call, mission_id: str, query: WorkQuery) -> WorkPage:
    """List the work of a mission, in the order of its plan."""
    view = call.town.missions.view(mission_id)
    found = tuple(work_view(item) for item in view.items if query.status in {None, item.status})
    return WorkPage(mission_id=view.mission.id, work_items=found, count=len(found))


@work_items.get("/v1/missions/{mission_id}/work/{work_item_id}", scope=Scope.TOWN_READ, revalidates=False, refuses=_FINDING)
def get_work_item(call: Call, mission_id: str, work_item_id: str) -> WorkView:
    """Show an item of work."""
    found = call.town.missions.item(mission_id, work_item_id)
    call.tag_version(found.version)
    return work_view(found)


@work_items.patch(
    "/v1/missions/{mission_id}/work/{work_item_id}",
    scope=Scope.AGENT_MANAGE,
    takes_version=True,
    refuses=(*_CHANGING, VersionMismatch),
)
def update_work_item(call: Call, mission_id: str, work_item_id: str, body: WorkUpdate) -> WorkView:
    """Say what is new about an item of work.

    `ready` begins it again, or without waiting for issues outside of the
    mission; `blocked` holds it until somebody says `ready`; `done` finishes
    it, and what is done stays so.
    """
    updated = call.town.missions.update_item(
        mission_id, work_item_id, by=call.caller, status=body.status, artifacts=body.artifacts, expected=call.expected_version
    )
    return _changed(call, updated)


@work_items.post("/v1/missions/{mission_id}/approve", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def approve_mission_work(call: Call, mission_id: str, body: ApproveRequest | None = None) -> WorkView:
    """Approve the item that waits for a verdict, if it is one only; see `approveWorkItem`."""
    return _approved(call, mission_id, None, body)


@work_items.post("/v1/missions/{mission_id}/work/{work_item_id}/approve", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def approve_work_item(call: Call, mission_id: str, work_item_id: str, body: ApproveRequest | None = None) -> WorkView:
    """Approve an item as it is now: the commit that was seen last, and no later one."""
    return _approved(call, mission_id, work_item_id, body)


@work_items.post("/v1/missions/{mission_id}/reject", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def reject_mission_work(call: Call, mission_id: str, body: RejectRequest) -> WorkView:
    """Have the item changed that waits for a verdict, if it is one only; see `rejectWorkItem`."""
    return _changed(call, call.town.missions.reject(mission_id, None, body.reason, by=call.caller))


@work_items.post("/v1/missions/{mission_id}/work/{work_item_id}/reject", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def reject_work_item(call: Call, mission_id: str, work_item_id: str, body: RejectRequest) -> WorkView:
    """Have an item changed: its author gets the reason as a task."""
    return _changed(call, call.town.missions.reject(mission_id, work_item_id, body.reason, by=call.caller))


@work_items.post("/v1/missions/{mission_id}/redirect", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=(*_CHANGING, AgentNotFound))
def redirect_mission_work(call: Call, mission_id: str, body: RedirectRequest) -> WorkView:
    """Give the only unfinished item to another agent; see `redirectWorkItem`."""
    return _changed(call, call.town.missions.redirect(mission_id, None, body.to, body.reason, by=call.caller))


@work_items.post(
    "/v1/missions/{mission_id}/work/{work_item_id}/redirect",
    scope=Scope.AGENT_MANAGE,
    takes_key=True,
    refuses=(*_CHANGING, AgentNotFound),
)
def redirect_work_item(call: Call, mission_id: str, work_item_id: str, body: RedirectRequest) -> WorkView:
    """Give an item to another agent; whoever has it is called back."""
    return _changed(call, call.town.missions.redirect(mission_id, work_item_id, body.to, body.reason, by=call.caller))


@work_items.post("/v1/missions/{mission_id}/retry", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def retry_mission_work(call: Call, mission_id: str) -> RetriedView:
    """Give another chance to all items that failed, or that wait for help; answers those, which may be none."""
    return _retried(call, mission_id, None)


@work_items.post("/v1/missions/{mission_id}/work/{work_item_id}/retry", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def retry_work_item(call: Call, mission_id: str, work_item_id: str) -> RetriedView:
    """Give an item another chance, with as many attempts as at first."""
    return _retried(call, mission_id, work_item_id)


def _approved(call: Call, mission: str, item: str | None, body: ApproveRequest | None) -> WorkView:
    remark = "" if body is None else body.remark
    return _changed(call, call.town.missions.approve(mission, item, by=call.caller, remark=remark))


def _retried(call: Call, mission: str, item: str | None) -> RetriedView:
    found = call.town.missions.find(mission).id
    retried = call.town.missions.retry(found, item, by=call.caller)
    for each in retried:
        call.changed("work_item", each.id)
    return RetriedView(mission_id=found, work_items=tuple(work_view(each) for each in retried), count=len(retried))


def _changed(call: Call, item: WorkItem) -> WorkView:
    call.tag_version(item.version)
    call.changed("work_item", item.id)
    return work_view(item)
