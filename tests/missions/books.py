"""What must be true of a mission after every step, read from the records and not from any index."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tinytown.domain.errand import AddTask, CancelTask, MergePull
from tinytown.domain.event import EventKind
from tinytown.domain.ids import MissionId, TaskId, WorkItemId
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.missions.snapshot import Snapshot
from tinytown.store.records import decode_task
from tinytown.town import Town

__all__ = ["Books", "tasks_of"]

_BEGUN = {WorkStatus.READY, WorkStatus.ASSIGNED, WorkStatus.RUNNING, WorkStatus.BLOCKED, WorkStatus.DONE}
_KEPT = 450
_LOOKED_AT = {Waiting.CI, Waiting.MERGE}


def tasks_of(town: Town) -> list[Task]:
    """All tasks that there are."""
    store = town.desk.store
    ids = [TaskId(raw.decode()) for raw in store.connection.call("ZRANGE", store.keys.task_ids, 0, -1)]
    keys = [store.keys.task(one) for one in ids]
    raws = store.connection.call("MGET", *keys) if keys else []
    return [decode_task(raw, key) for raw, key in zip(raws, keys, strict=True)]


class Books:
    """One mission as it was at every step; `moved` are tasks that somebody gave to another agent by hand."""

    def __init__(self, town: Town, mission: MissionId) -> None:
        self._town = town
        self.mission = mission
        self.moved: set[TaskId] = set()
        self._done: dict[WorkItemId, WorkItem] = {}
        self._ended: Snapshot | None = None
        self._version = 0

    def read(self) -> Snapshot:
        """The mission as it is stored."""
        snapshot = self._town.desk.store.missions.load(self.mission)
        assert snapshot is not None
        return snapshot

    def check(self, tasks: list[Task]) -> None:
        """Fail where one of the promises is broken."""
        now = self.read()
        mine = [task for task in tasks if f"mission:{self.mission}" in task.tags]
        self._check_ends(now)
        self._check_tasks(now, mine)
        self._check_driven(now)
        for item in now.items.values():
            self._check_item(now, item)
        live = sum(item.task_id is not None for item in now.items.values())
        assert live <= now.mission.policy.max_parallel_items

    def check_looks(self) -> None:
        """After a tick that went to its end: what waits for a look says when that is."""
        now = self.read()
        if now.mission.state is not MissionState.RUNNING:
            return
        for item in now.items.values():
            dues = [watch.next_due_at for watch in now.watches.values() if watch.work_item_id == item.id and watch.is_open]
            if item.waiting_on in _LOOKED_AT or (item.waiting_on is Waiting.REVIEW and item.pull is not None):
                assert item.next_check_at == min(dues) or min(dues) <= self._town.desk.now(), (
                    f"{item.waiting_on}: {item.next_check_at}, {dues}"
                )
            if item.waiting_on is Waiting.DEPENDENCY and (open_ones := [each for each in item.externals if not each.closed]):
                assert item.next_check_at == min(each.next_check_at for each in open_ones if each.next_check_at is not None)

    def check_events(self) -> None:
        """Every event of an item's end, and of the mission's, was told once; the oldest of very many may be forgotten."""
        events = [event for _, event in self._town.missions.events(self.mission, 100_000)]
        told = Counter((event.event_type, event.message.split(" is done")[0]) for event in events)
        states = [event.new_state for event in events if event.event_type is EventKind.MISSION_STATE_CHANGED]
        ends = [state for state in states if state in {MissionState.COMPLETED, MissionState.FAILED}]
        now = self.read()
        for item in now.items.values():
            times = told[EventKind.MISSION_WORK_COMPLETED, item.label]
            assert times == (item.status is WorkStatus.DONE) or (times == 0 and len(events) >= _KEPT), item.label
        assert ends == ([now.mission.state] if now.mission.state.is_terminal else [])

    def _check_ends(self, now: Snapshot) -> None:
        """What is done stays done, and after the end of a mission only errands and notes change."""
        assert now.mission.version >= self._version
        self._version = now.mission.version
        for key, item in self._done.items():
            assert now.items[key] == item, "what is done stays done"
        self._done |= {key: item for key, item in now.items.items() if item.status is WorkStatus.DONE}
        if self._ended is not None:
            assert (now.mission.state, now.items) == (self._ended.mission.state, self._ended.items)
        if now.mission.state.is_terminal:
            self._ended = now
        if now.mission.state.is_terminal or now.mission.hold is Hold.STOPPED:
            assert not any(isinstance(errand, MergePull) for errand in now.mission.errands), "merges after its end"

    def _check_tasks(self, now: Snapshot, tasks: list[Task]) -> None:
        cancelled = {errand.task_id for errand in now.mission.errands if isinstance(errand, CancelTask)}
        unstored = {errand.task.id for errand in now.mission.errands if isinstance(errand, AddTask)}
        live: dict[str, list[Task]] = {}
        for task in tasks:
            if not task.state.is_terminal and task.id not in cancelled:
                live.setdefault(str(task.work_item_id), []).append(task)
        for key, ones in live.items():
            item = now.items[WorkItemId(key)]
            assert len(ones) == 1, f"{len(ones)} live tasks of {item.label}"
            assert ones[0].id == item.task_id, f"a live task of {item.label} that it does not know"
            assert f"mission-task:{item.task_kind}" in ones[0].tags
        if now.mission.state.is_terminal and not now.mission.errands:
            assert live == {}, "a mission that has ended has live tasks"
        hands = self._town.desk.store.missions.hands()
        for item in now.items.values():
            if item.task_id is None:
                assert item.id not in hands.values(), f"a hand is kept for {item.label}"
                continue
            assert hands.get(item.assigned_to) == item.id, f"{item.label}: its agent has {hands}"  # type: ignore[arg-type]
            if item.task_kind is MissionTask.REVIEW and item.task_id not in self.moved:
                assert item.assigned_to != item.author, "an author reviews"
        known = {task.id for task in tasks} | unstored
        assert len(known) <= now.mission.tasks_made

    def _check_driven(self, now: Snapshot) -> None:
        """What is still to be done is looked at some time, or has a bell."""
        store = self._town.desk.store
        pending = now.mission.errands or any(note.processed_at is None for note in now.notes.values())
        if not now.mission.is_active and not pending:
            return
        due: Any = store.connection.call("ZSCORE", store.keys.missions_due, self.mission)
        assert due is not None, f"a mission that is {now.mission.state} ({now.mission.hold}) is never looked at, with {now.mission.errands}"

    def _check_item(self, now: Snapshot, item: WorkItem) -> None:
        if item.status in _BEGUN or item.task_id is not None:
            unmet = [now.items[key].label for key in item.depends_on if now.items[key].status is not WorkStatus.DONE]
            assert not unmet, f"{item.label} is {item.status} before {unmet}"
            assert item.status is WorkStatus.DONE or all(each.closed for each in item.externals)
        if item.status is WorkStatus.BLOCKED:
            assert item.waiting_on is not None, f"{item.label} waits for nothing"
        if item.waiting_on is not None:
            assert item.status in {WorkStatus.BLOCKED, WorkStatus.PENDING}, f"{item.status} and waits for {item.waiting_for}"
            assert item.waiting_for.strip()
            assert item.waiting_since is not None
        at_work = item.status in {WorkStatus.ASSIGNED, WorkStatus.RUNNING}
        assert not at_work or item.task_kind in {MissionTask.WORK, MissionTask.FIX}
        if item.task_id is not None and not at_work:
            assert (item.status, item.task_kind) == (WorkStatus.BLOCKED, MissionTask.REVIEW)
        assert not item.status.is_terminal or item.task_id is None
