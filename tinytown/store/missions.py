"""Missions in Redis: each with its work, watches and notes, stored whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import AgentId, MissionId, TaskId, WorkItemId
from tinytown.domain.mission import Mission, MissionState
from tinytown.domain.note import Note, NoteId
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem
from tinytown.errors import InvalidValue, RecordUnreadable
from tinytown.missions.snapshot import Decision, Snapshot
from tinytown.store.agents import MISSION_EVENTS, TOWN_EVENTS, readable
from tinytown.store.bells import CONTROL, tick_mission_bell
from tinytown.store.connection import Arg, Connection, Reply, text
from tinytown.store.keys import Keys
from tinytown.store.records import encode, read
from tinytown.store.scripts import Scripts

__all__ = ["MissionStore"]

T = TypeVar("T")
_NOTES_KEPT = 100
_USUAL = timedelta(seconds=30)
_SOON = timedelta(seconds=1)
"""How soon to look again at a mission that somebody else is driving."""

_mission = msgspec.json.Decoder(Mission)
_item = msgspec.json.Decoder(WorkItem)
_watch = msgspec.json.Decoder(Watch)
_note = msgspec.json.Decoder(Note)


class MissionStore:
    """Reads and writes missions; each write compares versions first."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def get(self, mission: MissionId) -> Mission | None:
        """The mission's own record."""
        key = self._keys.mission(mission)
        raw = read(self._connection, key)
        return None if raw is None else _decoded(_mission, raw, key)

    def load(self, mission: MissionId) -> Snapshot | None:
        """The mission with all that belongs to it.

        The record is read first: should something change in between, its version
        is too old for whatever is made of it.
        """
        keys = self._keys
        record = self.get(mission)
        if record is None:
            return None
        hashes = [keys.mission_work(mission), keys.mission_watches(mission), keys.mission_notes(mission)]
        work, watches, notes = self._connection.calls([("HGETALL", key) for key in hashes])
        items = sorted(_values(_item, work, hashes[0]), key=lambda item: item.index)
        looked_at = sorted(_values(_watch, watches, hashes[1]), key=lambda watch: (watch.work_item_id, watch.kind))
        said = sorted(_values(_note, notes, hashes[2]), key=lambda note: (note.created_at, note.id))
        return Snapshot(
            mission=record,
            items={item.id: item for item in items},
            watches={watch.id: watch for watch in looked_at},
            notes={note.id: note for note in said},
        )

    def ids(self, states: Sequence[MissionState]) -> list[MissionId]:
        """The missions in some states."""
        found = self._connection.calls([("SMEMBERS", self._keys.missions_in(state)) for state in states])
        return [MissionId(text(raw)) for members in found for raw in members]

    def active(self) -> list[MissionId]:
        """The missions that are driven."""
        return sorted(MissionId(text(raw)) for raw in self._connection.call("SMEMBERS", self._keys.active_missions))

    def ids_starting(self, prefix: str, limit: int = 10) -> list[MissionId]:
        """The ids that begin with the given characters."""
        found = self._connection.call("ZRANGEBYLEX", self._keys.mission_ids, f"[{prefix}", f"[{prefix}\xff", "LIMIT", 0, limit)
        return [MissionId(text(raw)) for raw in found]

    def waiting_for(self, ref: str) -> list[MissionId]:
        """The missions to which news of an issue or pull request matter, by its `key`."""
        found = self._connection.call("ZRANGEBYLEX", self._keys.mission_refs, f"[{ref}\0", f"[{ref}\0\xff")
        return [MissionId(text(raw).rsplit("\0", 1)[1]) for raw in found]

    def hands(self) -> dict[AgentId, WorkItemId]:
        """Which agent has which item, of whatever mission."""
        flat = self._connection.call("HGETALL", self._keys.hands)
        return {AgentId(text(flat[i])): WorkItemId(text(flat[i + 1])) for i in range(0, len(flat), 2)}

    def open_tasks(self, mission: MissionId) -> list[TaskId]:
        """The open tasks of a mission."""
        return [TaskId(text(raw)) for raw in self._connection.call("SMEMBERS", self._keys.mission_tasks(mission))]

    def last_tick(self, missions: Sequence[MissionId]) -> list[float | None]:
        """When each mission was last driven, in milliseconds since the epoch; None: never."""
        scores = self._connection.calls([("ZSCORE", self._keys.missions_ticked, mission) for mission in missions]) if missions else []
        return [None if score is None else float(score) for score in scores]

    def store(self, decision: Decision, *, within: timedelta = _USUAL, lease: str = "", ring: bool = False, hungry: bool = False) -> str:
        """Store what a step came to; answers as `change_mission.lua`.

        Args:
            decision: the mission before and after it, and the events.
            lease: the token of the lease that the writer must have.
            within: in what time to look at it, unless that is known already.
            ring: whether to look at it at once.
            hungry: whether it has work and no agent for it.
        """
        keys, mission = self._keys, decision.after.mission
        old = mission.state if decision.before is None else decision.before.mission.state
        bell = tick_mission_bell(mission.id)
        answer = self._scripts.word(
            "change_mission",
            [
                keys.mission(mission.id), keys.mission_work(mission.id), keys.mission_watches(mission.id), keys.mission_notes(mission.id),
                keys.active_missions, keys.missions_in(old), keys.missions_in(mission.state), keys.mission_ids, keys.missions_due,
                keys.mission_refs, keys.hands, keys.dispatch_lock(mission.id), keys.mission_bells, keys.bell_messages(CONTROL),
                keys.bell_queue(CONTROL), keys.hungry_missions, keys.events, keys.mission_events(mission.id),
            ],
            [
                mission.id, "" if decision.before is None else decision.before.mission.version, encode(mission), lease,
                "1" if decision.after.is_driven else "0", _ms(within), bell.id if ring else "", bell.body,
                "1" if hungry else "0", *_lists(decision), TOWN_EVENTS, MISSION_EVENTS,
            ],
        )  # fmt: skip
        return readable(answer, keys.mission(mission.id))

    def delete(self, snapshot: Snapshot) -> str:
        """Forget a mission; answers as `delete_mission.lua`."""
        keys, mission = self._keys, snapshot.mission
        answer = self._scripts.word(
            "delete_mission",
            [
                keys.mission(mission.id), keys.mission_work(mission.id), keys.mission_watches(mission.id), keys.mission_notes(mission.id),
                keys.mission_tasks(mission.id), keys.mission_events(mission.id), keys.dispatch_lock(mission.id), keys.active_missions,
                keys.missions_in(mission.state), keys.mission_ids, keys.missions_due, keys.missions_ticked, keys.mission_bells,
                keys.mission_refs, keys.hungry_missions,
            ],
            [mission.id, mission.version, *(f"{ref}\0{mission.id}" for ref in snapshot.refs)],
        )  # fmt: skip
        return readable(answer, keys.mission(mission.id))

    def take(self, mission: MissionId, token: str, lease: timedelta) -> str:
        """Take the lease on driving a mission; answers as `take_mission.lua`."""
        keys = self._keys
        names = [keys.dispatch_lock(mission), keys.mission(mission), keys.mission_bells, keys.missions_due]
        return self._scripts.word("take_mission", names, [mission, token, _ms(lease), _ms(_SOON)])

    def renew(self, mission: MissionId, token: str, lease: timedelta) -> bool:
        """Keep the lease; False when it has run out."""
        return self._scripts.word("renew_mission", [self._keys.dispatch_lock(mission)], [token, _ms(lease)]) == "renewed"

    def leave(self, mission: MissionId, token: str, again: timedelta) -> bool:
        """Give the lease up, and say in what time to look again; False when it had run out."""
        keys = self._keys
        names = [keys.dispatch_lock(mission), keys.missions_due, keys.missions_ticked, keys.mission(mission), keys.active_missions]
        return self._scripts.word("leave_mission", names, [mission, token, _ms(again)]) == "left"

    def due(self, now_ms: int, count: int) -> list[MissionId]:
        """The missions that should have been looked at by now, the longest overdue first."""
        found = self._connection.call("ZRANGEBYSCORE", self._keys.missions_due, "-inf", now_ms, "LIMIT", 0, count)
        return [MissionId(text(raw)) for raw in found]

    def rung(self) -> list[MissionId]:
        """The missions that were rung for, and that nobody has looked at since."""
        return [MissionId(text(raw)) for raw in self._connection.call("HKEYS", self._keys.mission_bells)]

    def ring(self, missions: Sequence[MissionId], again: timedelta) -> int:
        """Ring for missions that are due, and look again after that time; answers for how many it rang."""
        keys = self._keys
        names = [keys.missions_due, keys.active_missions, keys.mission_bells, keys.bell_messages(CONTROL), keys.bell_queue(CONTROL)]
        calls: list[tuple[Sequence[str], Sequence[Arg]]] = []
        for mission in missions:
            bell = tick_mission_bell(mission)
            calls.append((names, [mission, _ms(again), bell.id, bell.body]))
        return sum(text(answer) == "rung" for answer in self._scripts.run_many("ring_mission", calls))


def _lists(decision: Decision) -> list[Arg]:
    """The counted lists of `change_mission.lua`: what differs between before and after."""
    before, after = decision.before, decision.after
    old_items = {} if before is None else before.items
    old_watches = {} if before is None else before.watches
    old_notes = {} if before is None else before.notes
    old_refs = set() if before is None else before.refs
    had, has = {} if before is None else before.engaged, after.engaged
    mission = after.mission.id
    pairs: list[Arg] = []
    _count(pairs, [(key, encode(item)) for key, item in after.items.items() if old_items.get(key) != item])
    _count(pairs, [(key, encode(watch)) for key, watch in after.watches.items() if old_watches.get(key) != watch])
    _count(pairs, [(key, encode(note)) for key, note in after.notes.items() if old_notes.get(key) != note])
    _count(pairs, [(key,) for key in _forgotten(after.notes.values())])
    _count(pairs, [(f"{ref}\0{mission}",) for ref in sorted(after.refs - old_refs)])
    _count(pairs, [(f"{ref}\0{mission}",) for ref in sorted(old_refs - after.refs)])
    _count(pairs, [(agent, item) for agent, item in had.items() if has.get(agent) != item])
    _count(pairs, [(agent, item) for agent, item in has.items() if had.get(agent) != item])
    _count(pairs, [_event(event) for event in decision.events])
    return pairs


def _count(pairs: list[Arg], entries: Sequence[Sequence[Arg]]) -> None:
    pairs.append(len(entries))
    for entry in entries:
        pairs.extend(entry)


def _event(event: Event) -> tuple[Arg, Arg]:
    return event.event_type.value, encode(event)


def _forgotten(notes: Iterable[Note]) -> list[NoteId]:
    """The oldest of the notes that were dealt with, beyond those that are kept."""
    dealt_with = [note.id for note in notes if note.processed_at is not None]
    return dealt_with[: max(0, len(dealt_with) - _NOTES_KEPT)]


def _values(decoder: msgspec.json.Decoder[T], flat: Reply, key: str) -> list[T]:
    return [_decoded(decoder, flat[i], key) for i in range(1, len(flat), 2)]


def _decoded(decoder: msgspec.json.Decoder[T], raw: bytes, key: str) -> T:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, InvalidValue) as error:
        raise RecordUnreadable(key, f"{error}; `tt migrate` converts records of older versions") from error


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
