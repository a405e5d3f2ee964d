"""Ticks: driving one mission a step further, under a lease; whatever goes wrong with it stays with it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.errand import MergePull
from tinytown.domain.ids import MissionId, TaskId, new_id
from tinytown.domain.mission import MissionState
from tinytown.domain.note import Note
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.errors import GitHubRefused, GitHubUnavailable, LeaseLost, MissionNotFound, TownError
from tinytown.missions.commands import Command, IssueLookFailed, IssueSeen, LookFailed, ProcessNote, PullSeen, Tick
from tinytown.missions.directives import Verb, directive
from tinytown.missions.externals import is_due
from tinytown.missions.snapshot import Decision, Snapshot
from tinytown.services.desk import Desk
from tinytown.services.finding import find_agent
from tinytown.services.mission_ledger import MissionLedger, is_hungry
from tinytown.services.roster import facts_about

if TYPE_CHECKING:
    from tinytown.github import GitHub

__all__ = ["MissionTicker", "Ticked"]

_ROUNDS = 3
"""So often what a look brings is acted on, and looked at again, within one tick."""
_AT_ONCE = 500
_SHORTEST = timedelta(seconds=1)

_log = logging.getLogger(__name__)


class Ticked(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick did: notes dealt with, looks taken, and items that moved; `driven` is False when another has the mission."""

    mission_id: MissionId
    driven: bool
    notes: int = 0
    looks: int = 0
    moved: int = 0
    state: MissionState | None = None


class MissionTicker:
    """Drives missions; any number may, of which one at a time drives each."""

    def __init__(self, desk: Desk, ledger: MissionLedger, github: Callable[[], GitHub]) -> None:
        self._desk = desk
        self._ledger = ledger
        self._github = github
        self._store = desk.store.missions
        self._settings = desk.settings.mission

    def ring_due(self) -> int:
        """Ring for the missions that are due; answers for how many it rang."""
        now = self._desk.store.turns.now_ms()
        missions = self._store.due(now, _AT_ONCE)
        return self._store.ring(missions, self._settings.tick_interval) if missions else 0

    def driven(self) -> list[MissionId]:
        """The missions that are driven: those that have not ended and are not stopped."""
        return self._store.active()

    def wanting(self) -> list[MissionId]:
        """Those of them that are due, or that somebody rang for."""
        due = self._store.due(self._desk.store.turns.now_ms(), _AT_ONCE)
        wanted = {*due, *self._store.rung()}
        return [mission for mission in self._store.active() if mission in wanted]

    def tick_all(self) -> list[Ticked]:
        """Tick every active mission once; the error of one is logged, and stops no other."""
        ticked: list[Ticked] = []
        for mission in self._store.active():
            try:
                ticked.append(self.tick(mission))
            except MissionNotFound:
                continue
            except TownError as error:
                if error.status >= 503:
                    raise
                _log.error("mission %s: %s", mission, error, extra={"action": "mission.failed"})
        return ticked

    def tick(self, mission: MissionId) -> Ticked:
        """Drive a mission a step further, unless another is at it.

        Raises:
            MissionNotFound: it is gone.
            RedisUnavailable: the lease runs out, and the next tick goes on.
        """
        token = new_id()
        answer = self._store.take(mission, token, self._settings.lock_ttl)
        if answer == "missing":
            raise MissionNotFound(mission)
        if answer == "busy":
            return Ticked(mission_id=mission, driven=False)
        drive = _Drive(self._desk, self._ledger, self._github, mission, token)
        again = self._settings.tick_interval
        try:
            ticked = drive.run()
            again = _SHORTEST if drive.wants_more else self._again(mission)
        except LeaseLost:
            _log.warning("mission %s: another drives it by now", mission, extra={"action": "mission.lease_lost"})
            return Ticked(mission_id=mission, driven=False)
        finally:
            left = self._store.leave(mission, token, again)
        return ticked if left else Ticked(mission_id=mission, driven=False)

    def _again(self, mission: MissionId) -> timedelta:
        """In what time the mission is to be looked at next."""
        record = self._store.get(mission)
        if record is None or record.next_wake_at is None:
            return self._settings.tick_interval
        return min(self._settings.tick_interval, max(_SHORTEST, record.next_wake_at - self._desk.now()))


class _Drive:
    """One tick of one mission, while its lease holds."""

    def __init__(self, desk: Desk, ledger: MissionLedger, github: Callable[[], GitHub], mission: MissionId, token: str) -> None:
        self._desk = desk
        self._ledger = ledger
        self._github = github
        self._mission = mission
        self._token = token
        self._lease = desk.settings.mission.lock_ttl
        self._renewed_at = desk.clock.monotonic()
        self.wants_more = False
        """Is there more to do at once?"""

    def run(self) -> Ticked:
        """Notes, then looks, then what follows from them."""
        tasks = self._desk.store.missions.open_tasks(self._mission)
        snapshot = self._ledger.load(self._mission)
        self._call_back_orphans(tasks, snapshot)
        before = {key: (item.status, item.waiting_on, item.task_id) for key, item in snapshot.items.items()}
        if snapshot.mission.errands:
            self._ledger.run_errands(snapshot, lease=self._token, github=self._github)
            snapshot = self._ledger.load(self._mission)
        notes = self._heed_notes(snapshot)
        after = self._ledger.load(self._mission) if notes else snapshot
        looks = 0
        for _ in range(_ROUNDS):
            looked = self._look(after)
            looks += looked
            ticked = self._apply(lambda now: Tick(facts=facts_about(self._desk, now)), None if looked else after)
            after = ticked.after
            if any(isinstance(errand, MergePull) for errand in after.mission.errands):  # it is merged by now: look at once
                after = self._ledger.load(self._mission)
            has_due = after.mission.state is MissionState.RUNNING and self._has_due(after)
            # Agents that got free during a step were not told of work that came up in it.
            self.wants_more = has_due or (is_hungry(after) and ticked.before is not None and not is_hungry(ticked.before))
            if not has_due:
                break
        moved = sum(before.get(key) != (item.status, item.waiting_on, item.task_id) for key, item in after.items.items())
        return Ticked(mission_id=self._mission, driven=True, notes=notes, looks=looks, moved=moved, state=after.mission.state)

    def _apply(self, make: Callable[[Snapshot], Command], known: Snapshot | None = None) -> Decision:
        self._keep_lease()
        return self._ledger.apply(self._mission, make, known=known, lease=self._token, github=self._github)

    def _keep_lease(self) -> None:
        now = self._desk.clock.monotonic()
        if now - self._renewed_at > self._lease.total_seconds() / 3:
            if not self._desk.store.missions.renew(self._mission, self._token, self._lease):
                raise LeaseLost(self._mission)
            self._renewed_at = now

    def _call_back_orphans(self, tasks: list[TaskId], snapshot: Snapshot) -> None:
        """Cancel tasks that no item leads to. They were read before the items: a link is always stored before its task."""
        if tasks:
            linked = {item.task_id for item in snapshot.items.values()}
            for task in tasks:
                if task not in linked:
                    self._ledger.cancel(task, "the mission does not wait for it any more")

    def _heed_notes(self, snapshot: Snapshot) -> int:
        pending = [note for note in snapshot.notes.values() if note.processed_at is None]
        for note in pending:
            self._apply(lambda now, note=note: self._note_command(now, note))  # type: ignore[misc]
        return len(pending)

    def _note_command(self, snapshot: Snapshot, note: Note) -> ProcessNote:
        facts, asked = facts_about(self._desk, snapshot), directive(note.body)
        agent, trouble = None, ""
        if asked.verb is Verb.REDIRECT:
            try:
                agent = find_agent(self._desk.store.agents, asked.agent)
            except TownError as error:
                if error.status >= 503:
                    raise
                trouble = str(error)
        return ProcessNote(note=note.id, facts=facts, agent=agent, trouble=trouble)

    def _look(self, snapshot: Snapshot) -> int:
        """Look at what is due: each pull request and each issue once, however many watch it."""
        if snapshot.mission.state is not MissionState.RUNNING:
            return 0
        now = self._desk.now()
        pulls = {watch.target.key: watch.target for watch in snapshot.watches.values() if watch.is_due(now)}
        issues = {
            external.ref.key: external.ref
            for item in snapshot.items.values()
            if not item.status.is_terminal
            for external in item.externals
            if is_due(external, now)
        }
        for pull in pulls.values():
            command = self._pull_command(pull)
            self._apply(lambda _, command=command: command)  # type: ignore[misc]
        for issue in issues.values():
            seen = self._issue_command(issue)
            self._apply(lambda _, seen=seen: seen)  # type: ignore[misc]
        return len(pulls) + len(issues)

    def _pull_command(self, ref: PullRef) -> PullSeen | LookFailed:
        self._keep_lease()
        try:
            return PullSeen(pull=self._github().pull(ref))
        except GitHubUnavailable as error:
            return LookFailed(ref=ref, error=str(error), retry_after=_span(error.retry_after))
        except GitHubRefused as error:
            return LookFailed(ref=ref, error=str(error), is_none=error.reason == "not_found")

    def _issue_command(self, ref: IssueRef) -> IssueSeen | IssueLookFailed:
        self._keep_lease()
        try:
            return IssueSeen(ref=ref, issue=self._github().issue(ref))
        except GitHubUnavailable as error:
            return IssueLookFailed(ref=ref, error=str(error), retry_after=_span(error.retry_after))
        except GitHubRefused as error:
            if error.reason == "not_found":
                return IssueSeen(ref=ref, issue=None)
            return IssueLookFailed(ref=ref, error=str(error))

    def _has_due(self, snapshot: Snapshot) -> bool:
        now = self._desk.now()
        return any(watch.is_due(now) for watch in snapshot.watches.values())


def _span(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
