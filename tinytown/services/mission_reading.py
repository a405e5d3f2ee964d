"""Reading missions: finding them, and looking at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import MissionId, is_id_prefix
from tinytown.domain.mission import Mission, MissionState
from tinytown.domain.note import Note
from tinytown.domain.task import TaskState
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem, WorkStatus
from tinytown.errors import AmbiguousReference, MissionNotFound, WorkItemNotFound
from tinytown.missions.snapshot import Snapshot
from tinytown.services.desk import Desk
from tinytown.services.mission_ledger import MissionLedger

__all__ = ["MissionLine", "MissionReader", "MissionView", "item_of"]

_OPEN = (MissionState.PLANNING, MissionState.RUNNING, MissionState.BLOCKED)


class MissionView(msgspec.Struct, frozen=True, kw_only=True):
    """A mission with all that belongs to it, for people: items in the order of the plan, pending notes first."""

    mission: Mission
    items: tuple[WorkItem, ...]
    watches: tuple[Watch, ...]
    notes: tuple[Note, ...]
    last_tick_at: datetime | None = None


class MissionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A mission in a list: how many items it has, how many are done, failed and waiting."""

    mission: Mission
    items_total: int
    items_done: int
    items_failed: int
    items_waiting: int


class MissionReader:
    """Finds missions and shows them; every reference is an id, or at least four characters of its beginning."""

    def __init__(self, desk: Desk, ledger: MissionLedger) -> None:
        self._desk = desk
        self._ledger = ledger
        self._store = desk.store.missions

    def find(self, reference: str) -> Mission:
        """The mission that is meant.

        Raises:
            MissionNotFound: there is none.
            AmbiguousReference: several begin like that.
        """
        wanted = reference.strip().lower()
        ids = self._store.ids_starting(wanted) if is_id_prefix(wanted) else []
        if len(ids) > 1:
            raise AmbiguousReference(reference, tuple(ids))
        found = self._store.get(ids[0]) if ids else None
        if found is None:
            raise MissionNotFound(reference)
        return found

    def view(self, reference: str) -> MissionView:
        """The mission with all that belongs to it."""
        return self._viewed(self._ledger.load(self.find(reference).id))

    def list(self, *, active_only: bool = True) -> Sequence[MissionLine]:
        """The missions that have not ended, or all; the newest first."""
        ids = self._store.ids(_OPEN if active_only else tuple(MissionState))
        found = [snapshot for mission in ids if (snapshot := self._store.load(mission)) is not None]
        return sorted((_line(snapshot) for snapshot in found), key=lambda line: (line.mission.created_at, line.mission.id), reverse=True)

    def page(
        self, *, active_only: bool = True, after: tuple[datetime, MissionId] | None = None, limit: int = 50
    ) -> tuple[Sequence[MissionLine], bool]:
        """Some of that list: those that come after a mission, by its beginning and id; and whether there are more."""
        lines = self.list(active_only=active_only)
        left = [line for line in lines if after is None or (line.mission.created_at, line.mission.id) < after]
        return left[:limit], len(left) > limit

    def item(self, reference: str, item: str) -> WorkItem:
        """One work item of a mission.

        Raises:
            WorkItemNotFound: it has none that is called that.
            AmbiguousReference: several are.
        """
        view = self.view(reference)
        return item_of(view.items, item)

    def events(self, reference: str, count: int = 20) -> Sequence[tuple[str, Event]]:
        """What happened in a mission, with ids, newest first."""
        stream = self._desk.store.events.stream(mission=self.find(reference).id)
        return list(reversed(self._desk.store.events.recent(stream, count)))

    def ticked_at(self, missions: Sequence[MissionId]) -> Sequence[datetime | None]:
        """When each mission was last driven; None: never."""
        return [None if at is None else datetime.fromtimestamp(at / 1000, UTC) for at in self._store.last_tick(missions)]

    def to_be_done(self, mission: Mission) -> int:
        """How much was decided for a mission that may not have been done yet."""
        return len(mission.errands)

    def _viewed(self, snapshot: Snapshot) -> MissionView:
        """As it stands, with tasks that were taken up since the last tick shown as running."""
        running = {
            task.id
            for task in self._desk.store.tasks.get_readable([item.task_id for item in snapshot.items.values() if item.task_id is not None])
            if task.state is TaskState.RUNNING
        }
        items = [
            msgspec.structs.replace(item, status=WorkStatus.RUNNING)
            if item.status is WorkStatus.ASSIGNED and item.task_id in running
            else item
            for item in snapshot.items.values()
        ]
        notes = sorted(snapshot.notes.values(), key=lambda note: (note.processed_at is not None, -note.created_at.timestamp()))
        return MissionView(
            mission=snapshot.mission,
            items=tuple(items),
            watches=tuple(snapshot.watches.values()),
            notes=tuple(notes),
            last_tick_at=self.ticked_at([snapshot.mission.id])[0],
        )


def _line(snapshot: Snapshot) -> MissionLine:
    items = list(snapshot.items.values())
    return MissionLine(
        mission=snapshot.mission,
        items_total=len(items),
        items_done=sum(item.status is WorkStatus.DONE for item in items),
        items_failed=sum(item.status is WorkStatus.FAILED for item in items),
        items_waiting=sum(item.waiting_on is not None for item in items),
    )


def item_of(items: Sequence[WorkItem], reference: str) -> WorkItem:
    """The item that is meant by (the beginning of) its id, or by its source.

    Raises:
        WorkItemNotFound: none is.
        AmbiguousReference: several are.
    """
    wanted = reference.strip().lower()
    found = [item for item in items if (is_id_prefix(wanted) and item.id.startswith(wanted)) or _source(item) == wanted]
    if not found and wanted.startswith("#"):
        found = [item for item in items if _source(item).endswith(wanted)]
    if not found:
        raise WorkItemNotFound(reference)
    if len(found) > 1:
        raise AmbiguousReference(reference, tuple(f"{item.short_id} {item.label}" for item in found))
    return found[0]


def _source(item: WorkItem) -> str:
    return "" if item.source_ref is None else item.source_ref.lower()
