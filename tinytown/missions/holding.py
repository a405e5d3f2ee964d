"""Holding: pausing, stopping and resuming a mission, completing it and giving it up."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.event import EventKind
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.errors import WrongState
from tinytown.missions.commands import Complete, Fail, Pause, Resume, Retry, Stop
from tinytown.missions.ends import call_off_merges, end, withdraw_help
from tinytown.missions.links import take_back
from tinytown.missions.snapshot import Draft
from tinytown.missions.submissions import drop_pull, is_closed
from tinytown.missions.waiting import begin_again, wait

__all__ = ["complete", "fail", "pause", "refuse_terminal", "resume", "retry", "retry_item", "stop"]


def refuse_terminal(draft: Draft, step: str) -> None:
    """Refuse a step after the end.

    Raises:
        WrongState: the mission has ended.
    """
    if draft.mission.state.is_terminal:
        raise WrongState(f"mission {draft.mission.short_id}", draft.mission.state.value, step)


def pause(draft: Draft, command: Pause) -> None:
    """Begin nothing new and look at nothing; what agents are at goes on, and counts."""
    if draft.mission.state is not MissionState.RUNNING:
        raise WrongState(f"mission {draft.mission.short_id}", _state(draft), "paused")
    _held(draft, Hold.PAUSED, f"paused by {command.by}{f': {command.reason}' if command.reason else ''}")


def stop(draft: Draft, command: Stop) -> None:
    """Take everything back; with `force` the mission has failed, else it can be resumed."""
    refuse_terminal(draft, "stopped")
    if command.force:
        end(draft, MissionState.FAILED, f"stopped by {command.by} for good")
        return
    call_off_merges(draft)
    for item in draft:
        if item.task_id is None:
            continue
        kind = item.task_kind
        again = take_back(draft, item, "the mission was stopped")
        if kind is not MissionTask.REVIEW:
            begin_again(draft, draft.change_item(again, attempts=max(0, again.attempts - 1)), fix=again.fix)
    _held(draft, Hold.STOPPED, f"stopped by {command.by}")


def resume(draft: Draft, command: Resume) -> None:
    """Go on; what stalls is tried again. No check's result is made up."""
    refuse_terminal(draft, "resumed")
    if draft.mission.state is not MissionState.RUNNING:
        old = _state(draft)
        started = draft.now if draft.mission.started_at is None else draft.mission.started_at
        draft.change(state=MissionState.RUNNING, hold=None, blocked_reason=None, started_at=started)
        draft.say(EventKind.MISSION_STATE_CHANGED, f"resumed by {command.by}", old=old, new="running")
    withdraw_help(draft, f"{command.by} resumed the mission")
    retry(draft, Retry(by=command.by))
    for watch in list(draft.watches.values()):
        if watch.is_open:
            draft.change_watch(watch, next_due_at=draft.now, consecutive_failures=0, status=WatchStatus.ACTIVE)
    span = draft.mission.policy.item_timeout_secs
    for item in draft:
        if item.deadline_at is not None and span:
            draft.change_item(item, deadline_at=draft.now + timedelta(seconds=span))


def retry(draft: Draft, command: Retry) -> list[WorkItem]:
    """Give items another chance: the one that is meant, or all that failed or wait for help."""
    refuse_terminal(draft, "told to try again")
    if command.item is not None:
        return [retry_item(draft, draft.items[command.item])]
    return [retry_item(draft, item) for item in draft if _is_stuck(item)]


def _is_stuck(item: WorkItem) -> bool:
    """Would it stay as it is until somebody says to try again?"""
    refused = item.waiting_on is Waiting.MERGE and item.merge_refused is not None
    return item.task_id is None and (item.status is WorkStatus.FAILED or item.waiting_on is Waiting.HELP or refused)


def retry_item(draft: Draft, item: WorkItem) -> WorkItem:
    """Give one item another chance, with as many attempts as at first.

    Raises:
        WrongState: it is done or cancelled, somebody is at it, or other work must be done before.
    """
    if item.status in {WorkStatus.DONE, WorkStatus.CANCELLED, WorkStatus.PENDING} or item.task_id is not None:
        raise WrongState(f"work item {item.short_id}", item.status.value, "tried again")
    withdraw_help(draft, "it is tried again")
    item = draft.change_item(
        item, extra_attempts=max(item.extra_attempts, item.attempts), reviews_unclear=0, merge_asked=None, merge_refused=None
    )
    draft.say(EventKind.MISSION_EVENT, f"{item.label} is tried again", old=item.status.value)
    if item.waiting_on is Waiting.HELP or item.waiting_on is Waiting.MERGE:
        return wait(draft, item, Waiting.CI, "another look", draft.now)
    if item.status in {WorkStatus.FAILED, WorkStatus.BLOCKED} and (item.status is WorkStatus.FAILED or item.waiting_on is Waiting.OPERATOR):
        reason = item.failure_reason if item.status is WorkStatus.FAILED else item.waiting_for
        if is_closed(draft, item):  # nothing comes of it any more, unless somebody names it again
            item = drop_pull(draft, item)
        for watch in draft.watches_of(item):
            draft.change_watch(watch, status=WatchStatus.ACTIVE, next_due_at=draft.now, consecutive_failures=0)
        return begin_again(draft, item, fix=item.fix if item.fix is not None else reason)
    return item


def complete(draft: Draft, command: Complete) -> None:
    """End the mission as completed on somebody's word; what is unfinished is cancelled."""
    refuse_terminal(draft, "completed")
    end(draft, MissionState.COMPLETED, f"{command.by} said so")


def fail(draft: Draft, command: Fail) -> None:
    """Give the mission up."""
    refuse_terminal(draft, "given up")
    end(draft, MissionState.FAILED, command.reason)


def _held(draft: Draft, hold: Hold, words: str) -> None:
    old = _state(draft)
    withdraw_help(draft, words)
    draft.change(state=MissionState.BLOCKED, hold=hold, blocked_reason=words, next_wake_at=None)
    draft.say(EventKind.MISSION_STATE_CHANGED, words, old=old, new=hold.value)


def _state(draft: Draft) -> str:
    mission = draft.mission
    return mission.state.value if mission.hold is None else mission.hold.value
