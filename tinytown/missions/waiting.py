"""What an item waits for: set in one place, so that it always says since when and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from tinytown.domain.event import EventKind
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.missions.snapshot import Draft

__all__ = ["begin_again", "next_look", "wait"]

_UNBOUNDED = {Waiting.MERGE, Waiting.OPERATOR, Waiting.HELP}
"""What may take people any time, and does not count against the item."""


def wait(draft: Draft, item: WorkItem, on: Waiting, words: str, until: datetime | None = None) -> WorkItem:
    """Have an item wait, and say for what; waiting on for the same keeps the time since when."""
    same = item.waiting_on is on and item.waiting_for == words
    status = WorkStatus.PENDING if on is Waiting.DEPENDENCY and item.status is WorkStatus.PENDING else WorkStatus.BLOCKED
    if item.waiting_on is not on:
        draft.say(EventKind.MISSION_WORK_BLOCKED, f"{item.label} waits for {words}", old=item.status.value, new=status.value)
    return draft.change_item(
        item,
        status=status,
        waiting_on=on,
        waiting_for=words,
        waiting_since=item.waiting_since if same else draft.now,
        next_check_at=until,
        deadline_at=_deadline(draft, item, on),
    )


def begin_again(draft: Draft, item: WorkItem, *, fix: str | None) -> WorkItem:
    """Have an item wait for nothing but an agent: to make it, or to mend it."""
    return draft.change_item(
        item, status=WorkStatus.READY, waiting_on=None, waiting_for="", waiting_since=draft.now, next_check_at=None, fix=fix
    )


def _deadline(draft: Draft, item: WorkItem, on: Waiting) -> datetime | None:
    """Until when it may wait for that: what nobody is asked about has an end, also after a wait that had none."""
    if on in _UNBOUNDED:
        return None
    span = draft.mission.policy.item_timeout_secs
    return item.deadline_at if item.deadline_at is not None or on is Waiting.DEPENDENCY or not span else draft.now + timedelta(seconds=span)


def next_look(watches: list[Watch]) -> datetime | None:
    """When the first of the watches is looked at next."""
    return min((watch.next_due_at for watch in watches if watch.is_open), default=None)
