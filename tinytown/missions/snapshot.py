"""A mission with all that belongs to it at one moment, and what a step makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TypeVar

import msgspec

from tinytown.domain.errand import AddTask, Errand
from tinytown.domain.event import Event, EventKind
from tinytown.domain.ids import AgentId, TaskId, WatchId, WorkItemId
from tinytown.domain.mission import Mission
from tinytown.domain.note import Note, NoteId
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem
from tinytown.errors import TownError

__all__ = ["Decision", "Draft", "Snapshot"]

R = TypeVar("R", WorkItem, Watch, Note)


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A mission, its work in the order of the plan, its watches, and the notes that nobody has dealt with."""

    mission: Mission
    items: Mapping[WorkItemId, WorkItem]
    watches: Mapping[WatchId, Watch]
    notes: Mapping[NoteId, Note]

    @property
    def is_driven(self) -> bool:
        """Is there something to do for it? After its end, too, until the errands are done and the notes are read."""
        mission = self.mission
        return mission.is_active or bool(mission.errands) or any(note.processed_at is None for note in self.notes.values())

    @property
    def engaged(self) -> dict[AgentId, WorkItemId]:
        """Which agents have a task of it, and for which item."""
        return {item.assigned_to: item.id for item in self.items.values() if item.task_id is not None and item.assigned_to is not None}

    @property
    def refs(self) -> set[str]:
        """The issues and pull requests whose news matter to it."""
        if self.mission.state.is_terminal:
            return set()
        looked_at = {watch.target.key for watch in self.watches.values() if watch.is_open}
        awaited = {external.ref.key for item in self.items.values() for external in item.externals if not external.closed}
        return looked_at | awaited


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What a step came to: the mission before and after it, and what there is to tell."""

    before: Snapshot | None
    after: Snapshot
    events: tuple[Event, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        """Is there nothing to store?"""
        return self.before is not None and self.before == self.after and not self.events


class Draft:
    """A mission while a step works on it: the only place where its records change."""

    def __init__(self, before: Snapshot, now: datetime) -> None:
        self.before = before
        self.now = now
        self.mission = before.mission
        self.items = dict(before.items)
        self.watches = dict(before.watches)
        self._watches_by_item: dict[WorkItemId, list[WatchId]] | None = None
        self.notes = dict(before.notes)
        self.events: list[Event] = []

    def __iter__(self) -> Iterator[WorkItem]:
        return iter(list(self.items.values()))

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Do something whole or not at all: what was changed before an error is undone, and the error goes on."""
        mission, kept = self.mission, (dict(self.items), dict(self.watches), dict(self.notes), list(self.events))
        try:
            yield
        except TownError:
            self.mission = mission
            self.items, self.watches, self.notes, self.events = kept
            raise

    def change(self, **changes: object) -> None:
        """Change the mission's own record."""
        self.mission = self.mission.changed(**changes)

    def change_item(self, item: WorkItem | WorkItemId, **changes: object) -> WorkItem:
        """Change an item; answers it as it is then."""
        key = item if isinstance(item, str) else item.id
        self.items[key] = msgspec.structs.replace(self.items[key], **changes)
        return self.items[key]

    def change_watch(self, watch: Watch, **changes: object) -> Watch:
        """Change a watch; answers it as it is then."""
        self.watches[watch.id] = msgspec.structs.replace(self.watches[watch.id], **changes)
        return self.watches[watch.id]

    def put_watch(self, watch: Watch) -> None:
        """Watch something, as that watch says: a new one, or one that was known in place of what it was."""
        if watch.id not in self.watches:
            self._watches_by_item = None
        self.watches[watch.id] = watch

    def ask(self, *errands: Errand) -> None:
        """Have something done, each thing once."""
        self.change(errands=(*self.mission.errands, *(errand for errand in errands if errand not in self.mission.errands)))

    def is_unstored(self, task: TaskId) -> bool:
        """Is the task still to be stored?"""
        return any(isinstance(errand, AddTask) and errand.task.id == task for errand in self.mission.errands)

    def watches_of(self, item: WorkItem) -> list[Watch]:
        """What is watched of the pull request that the item has now."""
        if self._watches_by_item is None:
            self._watches_by_item = {}
            for watch in self.watches.values():
                self._watches_by_item.setdefault(watch.work_item_id, []).append(watch.id)
        return [watch for key in self._watches_by_item.get(item.id, ()) if not (watch := self.watches[key]).superseded]

    def say(
        self,
        kind: EventKind,
        message: str,
        *,
        agent: AgentId | None = None,
        task: TaskId | None = None,
        old: str | None = None,
        new: str | None = None,
    ) -> None:
        """Tell of something in the mission's log."""
        self.events.append(
            Event(
                event_type=kind,
                message=message[:1000],
                timestamp=self.now,
                agent_id=agent,
                task_id=task,
                mission_id=self.mission.id,
                old_state=old,
                new_state=new,
            )
        )

    def done(self) -> Decision:
        """What the step came to; versions are raised where something changed."""
        before, now = self.before, self.now
        items = {key: _raised(before.items.get(key), item, now) for key, item in self.items.items()}
        watches = {key: _raised(before.watches.get(key), watch, None) for key, watch in self.watches.items()}
        notes = {key: _raised(before.notes.get(key), note, None) for key, note in self.notes.items()}
        mission = self.mission
        same = mission == before.mission and items == before.items and watches == before.watches and notes == before.notes
        if not same or self.events:
            mission = msgspec.structs.replace(mission, version=before.mission.version + 1, updated_at=now)
        return Decision(
            before=before, after=Snapshot(mission=mission, items=items, watches=watches, notes=notes), events=tuple(self.events)
        )


def _raised(before: R | None, after: R, at: datetime | None) -> R:
    """The record one version on, if it has changed."""
    if before is None or before is after or before == after:
        return after
    dated = {} if at is None else {"updated_at": at}
    return msgspec.structs.replace(after, version=before.version + 1, **dated)
