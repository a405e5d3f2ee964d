"""The missions of a town elsewhere: finding them, and looking at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import chain

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import Mission
from tinytown.domain.note import Note
from tinytown.domain.work_item import WorkItem
from tinytown.errors import MissionNotFound
from tinytown.remote.client import segment
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.events import RemoteEvents
from tinytown.remote.missions_told import Told, item_told, mission_told, told_as, watch_told
from tinytown.remote.paging import pages
from tinytown.services.mission_reading import MissionLine, MissionView, item_of

__all__ = ["RemoteMissionReader", "path_of"]


class _Line(msgspec.Struct, frozen=True, kw_only=True):
    mission: Told
    work_item_count: int
    completed_count: int
    failed_count: int
    waiting_count: int


class _Page(msgspec.Struct, frozen=True, kw_only=True):
    missions: tuple[_Line, ...]
    next_cursor: str | None


class _Detail(msgspec.Struct, frozen=True, kw_only=True):
    mission: Told
    work_items: tuple[Told, ...] | None = None
    watches: tuple[Told, ...] | None = None
    notes: tuple[Note, ...] | None = None


class RemoteMissionReader:
    """Finds missions through townhall and shows them."""

    def __init__(self, desk: RemoteDesk, events: RemoteEvents) -> None:
        self._client = desk.client
        self._events = events
        self._to_be_done: dict[MissionId, int] = {}

    def find(self, reference: str) -> Mission:
        """The mission that is meant.

        Raises:
            MissionNotFound: there is none.
            AmbiguousReference: several begin like that.
        """
        return self._told(self._client.get(path_of(reference), _Detail).mission)

    def view(self, reference: str) -> MissionView:
        """The mission with all that belongs to it."""
        everything = {"include_work": True, "include_watches": True, "include_notes": True}
        found = self._client.get(path_of(reference), _Detail, everything)
        ticked = found.mission.get("last_tick_at")
        return MissionView(
            mission=self._told(found.mission),
            items=tuple(map(item_told, found.work_items or ())),
            watches=tuple(map(watch_told, found.watches or ())),
            notes=() if found.notes is None else found.notes,
            last_tick_at=None if ticked is None else told_as(datetime, ticked),
        )

    def list(self, *, active_only: bool = True) -> Sequence[MissionLine]:
        """The missions that have not ended, or all; the newest first."""
        found = pages(self._client, "/v1/missions", _Page, {"active_only": active_only, "include_missions": True})
        return [
            MissionLine(
                mission=self._told(line.mission),
                items_total=line.work_item_count,
                items_done=line.completed_count,
                items_failed=line.failed_count,
                items_waiting=line.waiting_count,
            )
            for line in chain.from_iterable(page.missions for page in found)
        ]

    def item(self, reference: str, item: str) -> WorkItem:
        """One work item of a mission.

        Raises:
            WorkItemNotFound: it has none that is called that.
            AmbiguousReference: several are.
        """
        return item_of(self.view(reference).items, item)

    def events(self, reference: str, count: int = 20) -> Sequence[tuple[str, Event]]:
        """What happened in a mission, with ids, newest first."""
        return list(reversed(self._events.recent(self._events.stream(mission=self.find(reference).id), count)))

    def to_be_done(self, mission: Mission) -> int:
        """How much was decided for a mission that may not have been done yet, when it was last looked at."""
        return self._to_be_done.get(mission.id, 0)

    def _told(self, told: Told) -> Mission:
        mission = mission_told(told)
        self._to_be_done[mission.id] = int(told.get("to_be_done", 0))
        return mission


def path_of(reference: str) -> str:
    """Where a mission is.

    Raises:
        MissionNotFound: nothing can be called that.
    """
    return f"/v1/missions/{segment(reference, MissionNotFound)}"
