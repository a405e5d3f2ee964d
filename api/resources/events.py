"""Events: what happened in the town, and what happens."""

from __future__ import annotations

import re
from datetime import timedelta

from tinytown.api.answers import Streamed
from tinytown.api.call import Call
from tinytown.api.ending import is_ending
from tinytown.api.event_stream import EventStream
from tinytown.api.operation import Tag
from tinytown.api.problems import Fault, Refusal
from tinytown.api.requests.events import EVENT_ID, EventsQuery, StreamQuery
from tinytown.api.views.events import EventPage, event_view
from tinytown.domain.ids import MissionId
from tinytown.domain.scope import Scope
from tinytown.errors import AgentNotFound, AmbiguousReference
from tinytown.services.chronicle import Chapter

__all__ = ["events"]

events = Tag("Events", "What happened in the town, in order; a town keeps about a thousand events, an agent a hundred.")

AT_ONCE = 100


@events.get("/v1/events", scope=Scope.TOWN_READ, refuses=(AgentNotFound, AmbiguousReference))
def list_events(call: Call, query: EventsQuery) -> EventPage:
    """List events, or wait for one.

    Without `since`, the newest are told. With `wait_secs` the answer waits for
    the first event, should there be none; it is empty when nothing happened
    in time. Ask again with the `last_id` of the answer as `since`.
    """
    if query.since is not None and query.last is not None:
        raise _excluding("last", "since")
    chronicle, stream = call.town.chronicle, _stream(call, query.agent, query.mission)
    newest = query.limit if query.last is None else query.last
    chapter = chronicle.newest(stream, newest) if query.since is None else chronicle.after(stream, query.since, query.limit)
    if not chapter.events and query.wait_secs:
        with call.waiting(query.wait_secs) as whiles:
            for span in whiles:
                chapter = chronicle.after(stream, chapter.last_id, query.limit, wait=span)
                if chapter.events:
                    break
    told = tuple(event_view(entry, event) for entry, event in chapter.events)
    return EventPage(events=told, count=len(told), last_id=chapter.last_id)


@events.get("/v1/events/stream", scope=Scope.TOWN_READ, media_type="text/event-stream", refuses=(AgentNotFound, AmbiguousReference))
def stream_events(call: Call, query: StreamQuery) -> Streamed:
    """Follow events as they happen (Server-Sent Events).

    Each event has its stream id, its `event_type` as the name, and as its data
    the JSON that `listEvents` tells of it. A client that comes back with
    `Last-Event-ID` (or `since`) misses nothing. Streams end by themselves after
    some minutes, and when townhall or its Redis goes away; clients come back.
    The places are few: when all are taken, the answer is 503 with Retry-After.
    """
    given = call.request.get_header("Last-Event-ID")
    if given is not None and not re.match(EVENT_ID, given):
        raise Refusal(422, "Last-Event-ID must be the id of an event.", errors=(Fault(header="Last-Event-ID", detail="no id of an event"),))
    chronicle, stream = call.town.chronicle, _stream(call, query.agent, query.mission)
    begin = given if given is not None else query.since
    last = chronicle.newest(stream, 0).last_id if begin is None else begin
    if call.request.method == "HEAD":
        return Streamed(iter(()), "text/event-stream")

    def read(after: str, wait: timedelta) -> Chapter:
        return chronicle.after(stream, after, AT_ONCE, wait=wait)

    seat = call.hall.streams.take()
    return Streamed(EventStream(read, last, seat, call.town.desk.clock, is_ending), "text/event-stream")


def _stream(call: Call, agent: str | None, mission: str | None) -> str:
    if agent is not None and mission is not None:
        raise _excluding("mission", "agent")
    return call.town.chronicle.stream(agent=agent, mission=None if mission is None else MissionId(mission))


def _excluding(one: str, other: str) -> Refusal:
    detail = f"The parameters {one!r} and {other!r} exclude each other."
    return Refusal(422, detail, errors=(Fault(parameter=one, detail=f"excludes {other!r}"),))
