"""Ends: how items and missions come to theirs, and that nothing goes on after it."""

from __future__ import annotations

from tinytown.domain.errand import MergePull, Notify, Withdraw
from tinytown.domain.event import EventKind
from tinytown.domain.ids import derived_id
from tinytown.domain.mission import MissionState
from tinytown.domain.notification import News, Notification, NotificationId
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import WorkItem, WorkStatus
from tinytown.missions.links import take_back
from tinytown.missions.snapshot import Draft

__all__ = ["call_off_merges", "end", "fail_item", "withdraw_help"]


def fail_item(draft: Draft, item: WorkItem, why: str) -> WorkItem:
    """Give an item up; whoever is at it is called back."""
    item = take_back(draft, item, f"the item was given up: {why}")
    for watch in draft.watches_of(item):
        draft.change_watch(watch, status=WatchStatus.DONE)
    draft.say(EventKind.MISSION_EVENT, f"{item.label} failed: {why}", agent=item.author, old=item.status.value, new="failed")
    return draft.change_item(
        item, status=WorkStatus.FAILED, failure_reason=why, waiting_on=None, waiting_for="", waiting_since=None, next_check_at=None,
        deadline_at=None,
    )  # fmt: skip


def end(draft: Draft, state: MissionState, why: str = "") -> None:
    """End the mission: what is unfinished is cancelled, nobody is at it any more, and people are told."""
    call_off_merges(draft)
    for item in draft:
        if not item.status.is_terminal:
            free = take_back(draft, item, f"the mission has {state.value}")
            draft.change_item(
                free, status=WorkStatus.CANCELLED, waiting_on=None, waiting_for="", waiting_since=None, next_check_at=None, deadline_at=None
            )
    for watch in list(draft.watches.values()):
        if watch.is_open:
            draft.change_watch(watch, status=WatchStatus.DONE)
    withdraw_help(draft, f"the mission has {state.value}")
    old = draft.mission.state.value
    draft.change(state=state, hold=None, ended_at=draft.now, next_wake_at=None, blocked_reason=why or None)
    draft.say(EventKind.MISSION_STATE_CHANGED, f"mission {state.value}{f': {why}' if why else ''}", old=old, new=state.value)
    draft.ask(Notify(_news(draft, state, why)))


def call_off_merges(draft: Draft) -> None:
    """Have nothing be merged that was to be, and has not been: GitHub was away, or the merge is about to be asked for."""
    merges = [errand for errand in draft.mission.errands if isinstance(errand, MergePull)]
    if not merges:
        return
    draft.change(errands=tuple(errand for errand in draft.mission.errands if errand not in merges))
    for item in draft:
        if any(item.pull == merge.pull and item.merge_asked == merge.head for merge in merges):
            draft.change_item(item, merge_asked=None)


def withdraw_help(draft: Draft, why: str) -> None:
    """Take back a request for help that no longer holds."""
    if draft.mission.help is not None:
        draft.ask(Withdraw(draft.mission.help.message_id, why))
        draft.change(help=None)


def _news(draft: Draft, state: MissionState, why: str) -> Notification:
    mission = draft.mission
    done = sum(item.status is WorkStatus.DONE for item in draft.items.values())
    completed = state is MissionState.COMPLETED
    news = News.MISSION_COMPLETED if completed else News.MISSION_FAILED
    lines = [f"{done} of {len(draft.items)} items are done.", *([why] if why else [])]
    lines += [
        f"{item.status.value}: {item.label}{f' ({item.failure_reason})' if item.failure_reason else ''}" for item in draft.items.values()
    ][:30]
    return Notification(
        id=NotificationId(derived_id(mission.id, news)),
        news=news,
        title=f"Mission {mission.short_id} {'is completed' if completed else 'has failed'}",
        body="\n".join(lines),
        at=draft.now,
        mission_id=mission.id,
    )
