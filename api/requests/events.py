"""What is asked about events."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.api.paging import Limit

__all__ = ["EVENT_ID", "EventsQuery", "StreamQuery"]

EVENT_ID = r"\A[0-9]{1,19}(-[0-9]{1,19})?\Z"

Since = Annotated[
    str, msgspec.Meta(pattern=EVENT_ID, description="The id of the last event that was seen; those after it are told.", examples=["0-0"])
]
OfAgent = Annotated[str, msgspec.Meta(max_length=300, description="Only what happened to this agent: a name, a nickname or an id.")]
OfMission = Annotated[str, msgspec.Meta(max_length=100, description="Only what happened in this mission; excludes `agent`.")]


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events are asked for: those after an id, or the newest."""

    since: Since | None = None
    last: Annotated[int, msgspec.Meta(ge=0, le=500, description="The newest so many; excludes `since`.")] | None = None
    agent: OfAgent | None = None
    mission: OfMission | None = None
    limit: Limit = 50
    wait_secs: Annotated[
        float,
        msgspec.Meta(ge=0, le=300, description="How long to wait for an event when there is none; cut to what a request may take."),
    ] = 0


class StreamQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which events are asked for: those after an id, or those that happen from now on."""

    since: Since | None = None
    agent: OfAgent | None = None
    mission: OfMission | None = None
