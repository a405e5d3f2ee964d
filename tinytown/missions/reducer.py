"""The reducer: the one function by which missions change."""

from __future__ import annotations

from datetime import datetime

from tinytown.domain.errand import MergePull
from tinytown.domain.event import EventKind
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.work_item import WorkItem
from tinytown.missions.commands import (
    AddNote,
    Approve,
    Command,
    Complete,
    ErrandsDone,
    Fail,
    IssueLookFailed,
    IssueSeen,
    LookFailed,
    OverrideWatch,
    Pause,
    ProcessNote,
    PullMoved,
    PullSeen,
    Redirect,
    Reject,
    Resume,
    Retry,
    Snooze,
    Stop,
    Tick,
    UpdateItem,
)
from tinytown.missions.externals import fail_issue_look, look_at_issue
from tinytown.missions.gates import advance
from tinytown.missions.help import Patience, ask_for_help
from tinytown.missions.holding import complete, fail, pause, resume, retry, stop
from tinytown.missions.looks import fail_look, look_at_pull, look_soon
from tinytown.missions.merges import drop_stale_merges
from tinytown.missions.notes import add_note, process_note
from tinytown.missions.operators import approve, override_watch, reject, snooze, update_item
from tinytown.missions.outcome import conclude, enforce_limits
from tinytown.missions.redirecting import redirect
from tinytown.missions.schedule import assign, promote
from tinytown.missions.settle import settle
from tinytown.missions.snapshot import Decision, Draft, Snapshot

__all__ = ["reduce"]


def reduce(before: Snapshot, command: Command, at: datetime, patience: Patience | None = None) -> Decision:
    """What a command makes of a mission.

    Args:
        before: the mission with all that belongs to it.
        command: what was said or seen.
        at: the moment.
        patience: how long things may stand still before help is asked for; the usual when left out.

    Raises:
        WrongState, InvalidValue, AmbiguousReference, WorkItemNotFound, WatchNotFound, VersionMismatch: the command
            is refused, and nothing changes.
    """
    draft = Draft(before, at)
    _apply(draft, command, Patience() if patience is None else patience)
    drop_stale_merges(draft)
    _note_progress(draft)
    return draft.done()


def _apply(draft: Draft, command: Command, patience: Patience) -> None:
    match command:
        case Tick():
            _tick(draft, command, patience)
        case ErrandsDone():
            _errands_done(draft, command)
        case PullSeen():
            _unless_ended(draft, lambda: look_at_pull(draft, command))
        case LookFailed():
            _unless_ended(draft, lambda: fail_look(draft, command))
        case IssueSeen():
            _unless_ended(draft, lambda: look_at_issue(draft, command))
        case IssueLookFailed():
            _unless_ended(draft, lambda: fail_issue_look(draft, command))
        case PullMoved():
            _unless_ended(draft, lambda: look_soon(draft, command))
        case _:
            _obey(draft, command)


def _obey(draft: Draft, command: Command) -> None:
    match command:
        case AddNote():
            add_note(draft, command)
        case ProcessNote():
            process_note(draft, command)
        case Pause():
            pause(draft, command)
        case Resume():
            resume(draft, command)
        case Stop():
            stop(draft, command)
        case Complete():
            complete(draft, command)
        case Fail():
            fail(draft, command)
        case Approve():
            approve(draft, command)
        case Reject():
            reject(draft, command)
        case Redirect():
            redirect(draft, command)
        case Retry():
            retry(draft, command)
        case UpdateItem():
            update_item(draft, command)
        case Snooze():
            snooze(draft, command)
        case OverrideWatch():
            override_watch(draft, command)


def _tick(draft: Draft, command: Tick, patience: Patience) -> None:
    """Let time pass: what agents did always counts; new work, and help, are for missions that run."""
    if draft.mission.state.is_terminal:
        return
    settle(draft, command.facts)
    if draft.mission.state is not MissionState.RUNNING:
        return
    if not enforce_limits(draft):
        return
    for item in draft:
        advance(draft, item)
    promote(draft)
    unmet = assign(draft, command.facts.roster)
    conclude(draft)
    if not draft.mission.state.is_terminal:
        ask_for_help(draft, command.facts, unmet, patience)


def _unless_ended(draft: Draft, step: object) -> None:
    """What GitHub says comes too late for a mission that has ended, and waits for one that is held."""
    if not draft.mission.state.is_terminal and draft.mission.hold is not Hold.STOPPED:
        assert callable(step)
        step()


def _errands_done(draft: Draft, command: ErrandsDone) -> None:
    refused = [errand for errand, _ in command.refused]
    gone = [*command.errands, *refused]
    draft.change(errands=tuple(errand for errand in draft.mission.errands if errand not in gone))
    for errand, why in command.refused:
        draft.say(EventKind.MISSION_EVENT, f"could not be done ({errand.__struct_config__.tag}): {why}")
        if isinstance(errand, MergePull):
            for item in draft:
                if item.pull == errand.pull and item.merge_asked == errand.head and not item.status.is_terminal:
                    draft.change_item(item, merge_refused=why)
    for errand in command.errands:
        if isinstance(errand, MergePull):  # GitHub has merged it: look at once
            look_soon(draft, PullMoved(ref=errand.pull))


def _note_progress(draft: Draft) -> None:
    """Remember when something last moved, which is what a standstill is measured by."""
    old = draft.before.items
    moved = any(item is not old[key] and _place(item) != _place(old[key]) for key, item in draft.items.items())
    if moved or draft.before.mission.state is not draft.mission.state:
        draft.change(last_progress_at=draft.now)


def _place(item: WorkItem) -> tuple[object, ...]:
    return item.status, item.waiting_on, item.task_id, item.head, item.attempts
