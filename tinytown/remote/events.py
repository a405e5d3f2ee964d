"""What happened in a town elsewhere: its event streams, what agents did lately, and what their turns printed."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import AgentId, MissionId
from tinytown.domain.output import Printed
from tinytown.errors import AgentNotFound, Unavailable
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.paging import MOST

__all__ = ["RemoteEvents"]

_BREATH = 0.5
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
        return self._page(stream, last=min(count, MOST))[1]

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

    def output_after(self, marks: Mapping[AgentId, str], wait_ms: int | None, count: int = 100) -> list[Printed]:
        """Output of agents after the pieces with these ids, by time, waiting up to `wait_ms` for some to come."""
        end = time.monotonic() + (0 if wait_ms is None else wait_ms / 1000)
        single = next(iter(marks)) if len(marks) == 1 else None
        while True:
            left = max(0.0, end - time.monotonic())
            found = [
                piece
                for agent, mark in marks.items()
                for piece in self._pieces(agent, after=mark, limit=count, wait_secs=left if agent == single else None)
            ]
            if found or not left:
                return sorted(found, key=lambda piece: piece.order)
            self._client.rest(min(_BREATH, max(0.0, end - time.monotonic())))

    def _page(self, stream: str, **query: object) -> tuple[str, list[tuple[str, Event]]]:
        whose = {
            "agent": stream.removeprefix(_OF_AGENT) if stream.startswith(_OF_AGENT) else None,
            "mission": stream.removeprefix(_OF_MISSION) if stream.startswith(_OF_MISSION) else None,
        }
        page = self._client.get("/v1/events", _Page, {**query, **whose})
        return page.last_id, [(told.id, _event(told)) for told in page.events]

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
