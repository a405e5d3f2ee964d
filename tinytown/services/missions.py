"""Missions: beginning them, looking at them, and everything that people say to them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MissionId, WatchId, WorkItemId, is_id_prefix, new_id, new_mission_id
from tinytown.domain.mission import Mission, MissionState, Policy
from tinytown.domain.note import Note, NoteId
from tinytown.domain.objective import Ref
from tinytown.domain.task import mended
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem, WorkStatus
from tinytown.errors import AmbiguousReference, InvalidValue, MissionNotFound, RecordChanged, WatchNotFound, WrongState
from tinytown.missions import commands
from tinytown.missions.beginning import begin
from tinytown.missions.commands import Command
from tinytown.missions.notes import item_meant
from tinytown.missions.operators import one_to_judge
from tinytown.missions.snapshot import Decision, Draft, Snapshot
from tinytown.planning.graph import Plan
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.mission_ledger import MissionLedger
from tinytown.services.mission_reading import MissionReader, MissionView, item_of
from tinytown.services.roster import facts_about

__all__ = ["MissionService", "Moved"]

_LONGEST_NOTE = 100_000


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """A mission that was paused, resumed, stopped or ended, and its state before."""

    before: MissionState
    mission: Mission


class MissionService(MissionReader):
    """What people do with missions; every reference is an id, or at least four characters of its beginning."""

    def __init__(self, desk: Desk, agents: AgentService, ledger: MissionLedger) -> None:
        super().__init__(desk, ledger)
        self._agents = agents

    def policy(self, **changes: object) -> Policy:
        """The policy that the town's settings make, with changes.

        Raises:
            InvalidValue: a change makes no sense.
        """
        mission = self._desk.settings.mission
        usual = {
            "max_parallel_items": mission.max_parallel_items,
            "reviewer_required": mission.reviewer_required,
            "auto_merge": mission.auto_merge,
            "watch_interval_secs": mission.watch_interval_secs,
        }
        try:
            return msgspec.convert({**usual, **changes}, Policy)
        except msgspec.ValidationError as error:
            raise InvalidValue("policy", str(error)) from None

    def start(
        self, plan: Plan, policy: Policy | None = None, *, by: AgentId = SUPERVISOR_ID, identity: MissionId | None = None
    ) -> MissionView:
        """Store a running mission with all its work; its first tick comes at once.

        With `identity`, an id that the caller made, doing it again is harmless.

        Raises:
            InvalidValue: the plan is empty, or its policy makes no sense.
            KeyReused: the identity is that of another mission.
        """
        if not plan.items:
            raise InvalidValue("plan", "there is nothing to do: every objective is skipped")
        used = self.policy(**plan.policy) if policy is None else policy
        decision = begin(plan, used, new_mission_id() if identity is None else identity, by, self._desk.now())
        return self._viewed(self._ledger.open(decision))

    def note(self, reference: str, body: str, *, sender: str = "conductor") -> Note:
        """Say something to a mission; the next tick deals with it.

        Raises:
            InvalidValue: nothing is said, or more than 100,000 characters.
            WrongState: the mission has ended.
        """
        said = mended(body).strip()
        if not said or len(said) > _LONGEST_NOTE:
            raise InvalidValue("note", "the text is empty" if not said else f"the text is longer than {_LONGEST_NOTE} characters")
        mission = self.find(reference)
        if mission.state.is_terminal:
            raise WrongState(f"mission {mission.short_id}", mission.state.value, "told anything")
        note = Note(id=NoteId(new_id()), mission_id=mission.id, sender=sender, body=said, created_at=self._desk.now())
        self._do(mission.id, commands.AddNote(note=note))
        return note

    def pause(self, reference: str, reason: str = "", *, by: str) -> Moved:
        """Begin nothing new; what agents are at goes on, and counts."""
        return self._move(reference, commands.Pause(by=by, reason=reason))

    def resume(self, reference: str, *, by: str) -> Moved:
        """Go on; what stalls is tried again. Harmless when it runs."""
        return self._move(reference, commands.Resume(by=by))

    def stop(self, reference: str, *, by: str, force: bool = False) -> Moved:
        """Take everything back; with `force` the mission has failed, else it can be resumed."""
        return self._move(reference, commands.Stop(by=by, force=force))

    def complete(self, reference: str, *, by: str) -> Moved:
        """Say that a mission is completed; what is unfinished is cancelled."""
        return self._move(reference, commands.Complete(by=by))

    def fail(self, reference: str, reason: str, *, by: str) -> Moved:
        """Give a mission up."""
        return self._move(reference, commands.Fail(by=by, reason=reason))

    def delete(self, reference: str, *, force: bool = False, by: str = "conductor") -> Mission:
        """Forget a mission that has ended; with `force` any, after ending it.

        Raises:
            WrongState: it has not ended.
        """
        mission = self.find(reference)
        if not mission.state.is_terminal:
            if not force:
                raise WrongState(f"mission {mission.short_id}", mission.state.value, "deleted: stop it first, or use force")
            self._do(mission.id, commands.Fail(by=by, reason=f"deleted by {by}"))
        for _ in range(RETRIES):
            snapshot = self._store.load(mission.id)
            if snapshot is None:
                return mission
            self._ledger.run_errands(snapshot)
            for task in self._store.open_tasks(mission.id):
                self._ledger.cancel(task, "its mission was deleted")
            snapshot = self._ledger.load(mission.id)
            if self._store.delete(snapshot) in {"deleted", "missing"}:
                return snapshot.mission
        raise RecordChanged(f"mission {mission.id}")

    def approve(self, reference: str, item: str | None, *, by: str, agent: AgentId | None = None, remark: str = "") -> WorkItem:
        """Approve an item as it is now; None: the one that waits for a verdict. Errors as `operators.approve`."""
        return self._change_item(reference, item, lambda _, which: commands.Approve(by=by, item=which, agent=agent, remark=remark))

    def reject(self, reference: str, item: str | None, reason: str, *, by: str, agent: AgentId | None = None) -> WorkItem:
        """Have an item changed; None: the one that waits for a verdict. Errors as `operators.approve`."""
        return self._change_item(reference, item, lambda _, which: commands.Reject(by=by, reason=reason, item=which, agent=agent))

    def redirect(self, reference: str, item: str | None, to: str, reason: str = "", *, by: str) -> WorkItem:
        """Give an item to another agent; None: the only one that is not finished.

        Raises:
            AgentNotFound: there is no such agent.
            WrongState: the item cannot be redirected, or the agent can take no work.
        """
        agent: Agent = self._agents.find(to)
        mission = self.find(reference).id
        which = item_meant(Draft(self._ledger.load(mission), self._desk.now()), item).id

        def make(snapshot: Snapshot) -> Command:
            return commands.Redirect(by=by, agent=agent, facts=facts_about(self._desk, snapshot), item=which, reason=reason)

        return self._ledger.apply(mission, make, ring=True).after.items[which]

    def retry(self, reference: str, item: str | None = None, *, by: str) -> tuple[WorkItem, ...]:
        """Give an item another chance, or all that failed or wait for help; answers those."""
        mission = self.find(reference).id
        which = None if item is None else self._item_id(mission, item)
        decision = self._do(mission, commands.Retry(by=by, item=which))
        return tuple(after for key, after in decision.after.items.items() if _items_before(decision).get(key) != after)

    def update_item(
        self,
        reference: str,
        item: str,
        *,
        by: str,
        status: WorkStatus | None = None,
        artifacts: Sequence[str] = (),
        expected: int | None = None,
    ) -> WorkItem:
        """Say how an item stands, or add to what it has made; errors as `operators.update_item`."""
        mission = self.find(reference).id
        which = self._item_id(mission, item)
        update = commands.UpdateItem(by=by, item=which, status=status, artifacts=tuple(artifacts), expected=expected)
        return self._do(mission, update).after.items[which]

    def snooze(self, reference: str, watch: str, span: timedelta, *, by: str) -> Watch:
        """Look at a watch only after a while."""
        mission, which = self._watch_id(reference, watch)
        return self._do(mission, commands.Snooze(by=by, watch=which, span=span)).after.watches[which]

    def override_watch(self, reference: str, watch: str, reason: str, *, by: str) -> Watch:
        """Let nothing wait for a watch any more; whose word that is, and why, is kept with it."""
        mission, which = self._watch_id(reference, watch)
        return self._do(mission, commands.OverrideWatch(by=by, watch=which, reason=reason)).after.watches[which]

    def pull_moved(self, ref: Ref) -> int:
        """Somebody says that there is news of an issue or pull request; answers how many missions look at it now."""
        looking = 0
        for mission in self._store.waiting_for(ref.key):
            with suppress(MissionNotFound):  # it was deleted meanwhile
                self._do(mission, commands.PullMoved(ref=ref))
                looking += 1
        return looking

    def _do(self, mission: MissionId, command: Command) -> Decision:
        return self._ledger.apply(mission, lambda _: command, ring=True)

    def _move(self, reference: str, command: Command) -> Moved:
        decision = self._do(self.find(reference).id, command)
        assert decision.before is not None
        return Moved(before=decision.before.mission.state, mission=decision.after.mission)

    def _change_item(self, reference: str, item: str | None, make: Callable[[Snapshot, WorkItemId], Command]) -> WorkItem:
        mission = self.find(reference).id
        which = self._waiting_id(mission) if item is None else self._item_id(mission, item)
        return self._ledger.apply(mission, lambda snapshot: make(snapshot, which), ring=True).after.items[which]

    def _waiting_id(self, mission: MissionId) -> WorkItemId:
        return one_to_judge(Draft(self._ledger.load(mission), self._desk.now())).id

    def _item_id(self, mission: MissionId, item: str) -> WorkItemId:
        return item_of(tuple(self._ledger.load(mission).items.values()), item).id

    def _watch_id(self, reference: str, watch: str) -> tuple[MissionId, WatchId]:
        snapshot = self._ledger.load(self.find(reference).id)
        wanted = watch.strip().lower()
        found = [key for key in snapshot.watches if is_id_prefix(wanted) and key.startswith(wanted)]
        if len(found) > 1:
            raise AmbiguousReference(watch, tuple(found))
        if not found:
            raise WatchNotFound(watch)
        return snapshot.mission.id, found[0]


def _items_before(decision: Decision) -> dict[WorkItemId, WorkItem]:
    return {} if decision.before is None else dict(decision.before.items)
