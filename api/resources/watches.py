"""Watches: what is looked at for a mission, and what people say about that."""

from __future__ import annotations

from datetime import timedelta

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.watches import OverrideRequest, SnoozeRequest, WatchesQuery
from tinytown.api.views.watches import WatchPage, WatchView, watch_view
from tinytown.domain.scope import Scope
from tinytown.domain.watch import Watch
from tinytown.errors import AmbiguousReference, InvalidValue, MissionNotFound, RecordChanged, WatchNotFound, WrongState

__all__ = ["watches"]

watches = Tag("Watches", "What is looked at again and again for a mission: checks, comments and mergeability of its pull requests.")

_CHANGING = (MissionNotFound, WatchNotFound, AmbiguousReference, RecordChanged, WrongState)


@watches.get("/v1/missions/{mission_id}/watches", scope=Scope.TOWN_READ, refuses=(MissionNotFound, AmbiguousReference))
def list_watch_items(call: Call, mission_id: str, query: WatchesQuery) -> WatchPage:
    """List what is watched for a mission."""
    view = call.town.missions.view(mission_id)
    found = tuple(watch_view(watch) for watch in view.watches if query.status in {None, watch.status})
    return WatchPage(mission_id=view.mission.id, watches=found, count=len(found))


@watches.post("/v1/missions/{mission_id}/watches/{watch_id}/snooze", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=_CHANGING)
def snooze_watch(call: Call, mission_id: str, watch_id: str, body: SnoozeRequest) -> WatchView:
    """Look at something again only after a while."""
    span = timedelta(seconds=body.duration_secs)
    return _changed(call, call.town.missions.snooze(mission_id, watch_id, span, by=call.caller))


@watches.post(
    "/v1/missions/{mission_id}/watches/{watch_id}/override",
    scope=Scope.AGENT_MANAGE,
    takes_key=True,
    refuses=(*_CHANGING, InvalidValue),
)
def override_watch(call: Call, mission_id: str, watch_id: str, body: OverrideRequest) -> WatchView:
    """Let nothing wait for a watch any more.

    Whose word that is, and why, is kept with it; what it saw stays as it is.
    """
    return _changed(call, call.town.missions.override_watch(mission_id, watch_id, body.reason, by=call.caller))


def _changed(call: Call, watch: Watch) -> WatchView:
    call.changed("watch", watch.id)
    return watch_view(watch)
