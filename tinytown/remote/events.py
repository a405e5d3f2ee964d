"""What happened in a town elsewhere: its event streams, what agents did lately, and what their turns printed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import AgentId, MissionId
from tinytown.domain.output import Printed
from tinytown.errors import AgentNotFound, Unavailable
from tinytown.remote.census import status_told
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import MOST

__all__ = ["RemoteEvents"]

_ONE_BY_ONE = 2
_BREATH = 0.5
"""Seconds before it is asked again if townhall had no place for us to wait."""
_AT_ONCE = 1000
"""The output of so many agents can be waited for."""
_OF_AGENT, _OF_MISSION = "agent ", "mission "


class _Told(Event, frozen=True, kw_only=True):
    id: str


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    events: tuple[_Told, ...]
    last_id: str


class _Piece(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    round: int
    text: str


class _Pieces(msgspec.Struct, frozen=True, kw_only=True):
    pieces: tuple[_Piece, ...]


class _Output(_Piece, frozen=True, kw_only=True):
    agent_id: AgentId


class _Followed(msgspec.Struct, frozen=True, kw_only=True):
    pieces: tuple[_Output, ...]


class _Activity(msgspec.Struct, frozen=True, kw_only=True):
    lines: tuple[str, ...]


class RemoteEvents:
    """Reads through townhall what happened and what was printed."""

    def __init__(self, desk: RemoteDesk) -> None:
        self._client = desk.client

    def stream(self, agent: AgentId | None = None, mission: MissionId | None = None) -> str:
        """What stands for the stream of a mission, else of an agent, else of the town."""
        if mission is not None:
            return f"{_OF_MISSION}{mission}"
        return "" if agent is None else f"{_OF_AGENT}{agent}"

    def recent(self, stream: str, count: int) -> list[tuple[str, Event]]:
        """The newest `count` events with their ids, oldest first."""
        if count <= MOST:
            return self._page(stream, last=count)[1]
        last, found = "0-0", list[tuple[str, Event]]()
        while some := self.after(stream, last, MOST):
            last = some[-1][0]
            found = [*found, *some][-count:]
        return found

    def after(self, stream: str, last: str, count: int) -> list[tuple[str, Event]]:
        """Up to `count` events after the one with id `last`."""
        return self._page(stream, since=last, limit=count)[1]

    def since(self, stream: str, last: str, count: int, wait_ms: int) -> tuple[str, list[tuple[str, Event]]]:
        """As `after`, waiting up to `wait_ms` for one to come; with the id to go on from."""
        begun = time.monotonic()
        try:
            newest, found = self._page(stream, since=last, limit=count, wait_secs=wait_ms / 1000)
        except Unavailable as error:
            if error.code != "busy":
                raise
            newest, found = self._page(stream, since=last, limit=count)
        if not found:
            self._client.rest(min(_BREATH, max(0.0, wait_ms / 1000 - (time.monotonic() - begun))))
        return newest, found

    def last_id(self, stream: str) -> str:
        """The id of the newest event, or the one before any."""
        return self._page(stream, last=0)[0]

    def activities(self, agents: Sequence[AgentId], count: int = 5) -> list[list[str]]:
        """What each of the agents did lately, newest first."""
        if len(agents) > _ONE_BY_ONE:
            known = {agent.id: agent.activity or () for agent in status_told(self._client, None, deep=True).agents}
            return [list(known.get(agent, ())[:count]) for agent in agents]
        told = (self._client.get(f"/v1/agents/{segment(agent, AgentNotFound)}/activity", _Activity) for agent in agents)
        return [list(one.lines[:count]) for one in told]

    def output(self, agent: AgentId, count: int = 100, before: str = "+") -> list[Printed]:
        """The newest `count` pieces of output, oldest first; with `before`, those before the piece with that id."""
        found: list[Printed] = []
        end = None if before == "+" else before.lstrip("(")
        while len(found) < count:
            size = min(count - len(found), MOST)
            older = self._pieces(agent, limit=size, before=end)
            found = older + found
            if len(older) < size:
                break
            end = older[0].id
        return found

    def output_after(self, marks: Mapping[AgentId, str], wait_ms: int, count: int = 100) -> list[Printed]:
        """Output of agents after the pieces with these ids, by time, waiting up to `wait_ms` for some to come."""
        end = time.monotonic() + wait_ms / 1000
        found: list[Printed] = []
        for begin in range(0, len(marks), _AT_ONCE):
            some = dict(list(marks.items())[begin : begin + _AT_ONCE])
            found += self._followed(some, count, 0 if len(marks) > _AT_ONCE else wait_ms / 1000)
        if not found:
            self._client.rest(min(_BREATH, max(0.0, end - time.monotonic())))
        return sorted(found, key=lambda piece: piece.order)

    def _page(self, stream: str, **query: object) -> tuple[str, list[tuple[str, Event]]]:
        whose = {
            "agent": stream.removeprefix(_OF_AGENT) if stream.startswith(_OF_AGENT) else None,
            "mission": stream.removeprefix(_OF_MISSION) if stream.startswith(_OF_MISSION) else None,
        }
        page = self._client.get("/v1/events", _Page, {**query, **whose})
        return page.last_id, [(told.id, _event(told)) for told in page.events]

    def _followed(self, marks: Mapping[AgentId, str], count: int, seconds: float) -> list[Printed]:
        body = {"after": marks, "limit": count}
        try:
            found = self._client.inquire("/v1/logs/follow", _Followed, {**body, "wait_secs": seconds})
        except Unavailable as error:
            if error.code != "busy":
                raise
            found = self._client.inquire("/v1/logs/follow", _Followed, body)
        return [Printed(id=one.id, agent=one.agent_id, round=one.round, data=one.text.encode()) for one in found.pieces]

    def _pieces(self, agent: AgentId, **query: object) -> list[Printed]:
        found = self._client.get(f"/v1/agents/{segment(agent, AgentNotFound)}/logs", _Pieces, query)
        return [Printed(id=piece.id, agent=agent, round=piece.round, data=piece.text.encode()) for piece in found.pieces]


def _event(told: _Told) -> Event:
    """The event as it is stored: townhall tells the states of agents and tasks in small letters."""
    members = {name: getattr(told, name) for name in Event.__struct_fields__}
    for name in ("old_state", "new_state"):
        state = members[name]
        if state is not None and not told.event_type.value.startswith("mission_"):
            members[name] = state.capitalize()
    return Event(**members)
