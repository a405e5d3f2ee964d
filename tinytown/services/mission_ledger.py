"""The ledger of missions: the one place where a command becomes a stored change, and its errands are done."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from tinytown.domain.errand import CancelTask
from tinytown.domain.ids import MissionId, TaskId
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import KeyReused, LeaseLost, MissionNotFound, RecordChanged
from tinytown.missions.commands import Command, ErrandsDone
from tinytown.missions.gates import wants_review
from tinytown.missions.help import Patience
from tinytown.missions.reducer import reduce
from tinytown.missions.snapshot import Decision, Snapshot
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.errands import ErrandRunner

if TYPE_CHECKING:
    from tinytown.github import GitHub

__all__ = ["MissionLedger", "is_hungry"]


class MissionLedger:
    """Applies commands to missions: load, reduce, compare and store, then do the errands."""

    def __init__(self, desk: Desk, errands: ErrandRunner) -> None:
        self._desk = desk
        self._errands = errands
        self._store = desk.store.missions
        mission = desk.settings.mission
        self._patience = Patience(
            still=mission.patience,
            repeat=timedelta(seconds=mission.help_repeat_interval_secs),
            cap=mission.help_repeat_backoff_cap,
            failures=mission.watch_max_failures,
        )

    def load(self, mission: MissionId) -> Snapshot:
        """The mission as it is.

        Raises:
            MissionNotFound: it is gone.
        """
        snapshot = self._store.load(mission)
        if snapshot is None:
            raise MissionNotFound(mission)
        return snapshot

    def open(self, decision: Decision) -> Snapshot:
        """Store a new mission; answers the stored one, when it had been stored before.

        Raises:
            KeyReused: another mission has its id.
        """
        mission = decision.after.mission
        if self._put(decision, ring=True) == "changed":
            return decision.after
        known = self.load(mission.id)
        if known.mission.objective_refs != mission.objective_refs:
            raise KeyReused
        return known

    def apply(
        self,
        mission: MissionId,
        make: Callable[[Snapshot], Command],
        *,
        known: Snapshot | None = None,
        lease: str = "",
        ring: bool = False,
        github: Callable[[], GitHub] | None = None,
    ) -> Decision:
        """Apply a command, which is made anew of what is stored whenever somebody else was quicker.

        Args:
            mission: which.
            make: makes the command of the mission as it is.
            known: the mission as it was a moment ago; it is read anew if it has changed since.
            lease: the token of the lease that a tick must still have.
            ring: have the mission looked at at once.
            github: for errands that need it.

        Raises:
            MissionNotFound: it is gone.
            LeaseLost: another drives the mission by now; nothing was changed.
            TownError: the command is refused; see `reduce`.
        """
        for _ in range(RETRIES):
            before, known = self.load(mission) if known is None else known, None
            decision = reduce(before, make(before), self._desk.now(), self._patience)
            if decision.changes_nothing:
                return decision
            answer = self._put(decision, lease=lease, ring=ring)
            if answer == "changed":
                self.run_errands(decision.after, lease=lease, github=github)
                return decision
            if answer == "not leased":
                raise LeaseLost(mission)
            if answer == "missing":
                raise MissionNotFound(mission)
        raise RecordChanged(f"mission {mission}")

    def cancel(self, task: TaskId, why: str) -> None:
        """Cancel a task of a mission, if it is still open."""
        self._errands.run((CancelTask(task, why),))

    def run_errands(self, snapshot: Snapshot, *, lease: str = "", github: Callable[[], GitHub] | None = None) -> None:
        """Do what the mission has decided and nobody has done yet."""
        if not snapshot.mission.errands:
            return
        ran = self._errands.run(snapshot.mission.errands, github)
        if ran.done or ran.refused:
            done = ErrandsDone(errands=ran.done, refused=ran.refused)
            self.apply(snapshot.mission.id, lambda _: done, known=snapshot, lease=lease, github=github)

    def _put(self, decision: Decision, *, lease: str = "", ring: bool = False) -> str:
        within = timedelta(0) if ring else self._desk.settings.mission.tick_interval  # should the bell be lost
        return self._store.store(decision, within=within, lease=lease, ring=ring, hungry=is_hungry(decision.after))


def is_hungry(snapshot: Snapshot) -> bool:
    """Has it work that an agent could begin?"""
    policy = snapshot.mission.policy
    return snapshot.mission.is_active and any(
        item.task_id is None and (item.status is WorkStatus.READY or wants_review(policy, item)) for item in snapshot.items.values()
    )
