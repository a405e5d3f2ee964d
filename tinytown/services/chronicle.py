"""The chronicle: what happened, for readers who go on where they were."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.event import Event
from tinytown.services.agents import AgentService
from tinytown.services.desk import Desk

if TYPE_CHECKING:
    from tinytown.domain.ids import MissionId

__all__ = ["Chapter", "Chronicle"]


class Chapter(msgspec.Struct, frozen=True, kw_only=True):
    """Some events with their ids, oldest first, and the id after which to read on."""

    events: tuple[tuple[str, Event], ...]
    last_id: str


class Chronicle:
    """Reads event streams; an id that was seen is never told again."""

    def __init__(self, desk: Desk, agents: AgentService) -> None:
        self._desk = desk
        self._agents = agents
        self._log = desk.store.events

    def stream(self, *, agent: str | None = None, mission: MissionId | None = None) -> str:
        """The stream of a mission, else of an agent, else of the town.

        Raises:
            AgentNotFound: there is no such agent.
        """
        return self._log.stream(None if agent is None else self._agents.find(agent).id, mission)

    def newest(self, stream: str, count: int) -> Chapter:
        """The newest events."""
        last = self._log.last_id(stream)  # asked for first: what comes in between is read, or told the next time
        found = self._log.recent(stream, count) if count else []
        return Chapter(events=tuple(found), last_id=found[-1][0] if found else last)

    def after(self, stream: str, last: str, count: int, *, wait: timedelta = timedelta()) -> Chapter:
        """Up to `count` events after the one with that id; when there are none, those that come within the wait."""
        last, found = self._log.since(stream, last, count, max(1, int(wait.total_seconds() * 1000)))
        return Chapter(events=tuple(found), last_id=last)
