"""Events on the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.event import Event, EventKind

__all__ = ["EventPage", "EventView", "event_view"]


class EventView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened; members that do not apply are null."""

    id: str
    """Its place in the stream; hand it back as `since` to go on after it."""
    event_type: EventKind
    message: str
    timestamp: datetime
    agent_id: str | None
    task_id: str | None
    mission_id: str | None
    old_state: str | None
    new_state: str | None
    parent_agent_id: str | None
    child_agent_id: str | None
    scope: str | None
    spawn_mode: str | None


class EventPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some events, oldest first."""

    events: tuple[EventView, ...]
    count: int
    last_id: str
    """Hand it back as `since`, and no event is told twice or left out; it is there even when no event is."""


def event_view(entry: str, event: Event) -> EventView:
    """The event as it is shown."""
    return EventView(
        id=entry,
        event_type=event.event_type,
        message=event.message,
        timestamp=event.timestamp,
        agent_id=event.agent_id,
        task_id=event.task_id,
        mission_id=event.mission_id,
        old_state=_lower(event.old_state),
        new_state=_lower(event.new_state),
        parent_agent_id=event.parent_agent_id,
        child_agent_id=event.child_agent_id,
        scope=event.scope,
        spawn_mode=event.spawn_mode,
    )


def _lower(state: str | None) -> str | None:
    return None if state is None else state.lower()
