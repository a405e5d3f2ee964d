"""The outcome: what the state of its items makes of a mission, and when it is looked at next."""

from __future__ import annotations

from datetime import datetime, timedelta

from tinytown.domain.ids import WorkItemId
from tinytown.domain.mission import MissionState
from tinytown.domain.work_item import Waiting, WorkItem, WorkStatus
from tinytown.missions.ends import end, fail_item
from tinytown.missions.gates import wants_review
from tinytown.missions.snapshot import Draft

__all__ = ["conclude", "enforce_limits"]


def enforce_limits(draft: Draft) -> bool:
    """Fail what has taken too long or too much; False when the mission itself has failed."""
    mission = draft.mission
    policy = mission.policy
    started = mission.created_at if mission.started_at is None else mission.started_at
    if policy.timeout_secs and draft.now - started > timedelta(seconds=policy.timeout_secs):
        end(draft, MissionState.FAILED, f"it took longer than its {policy.timeout_secs} seconds")
        return False
    if policy.max_tasks and mission.tasks_made >= policy.max_tasks and _wants_more(draft):
        end(draft, MissionState.FAILED, f"it used up its {policy.max_tasks} tasks")
        return False
    for item in draft:
        if item.deadline_at is not None and draft.now > item.deadline_at and not item.status.is_terminal:
            fail_item(draft, item, f"it was at work for longer than {policy.item_timeout_secs} seconds")
    return True


def _wants_more(draft: Draft) -> bool:
    """Is there work left, and nobody at it?"""
    items = draft.items.values()
    return not any(item.task_id for item in items) and any(
        item.status in {WorkStatus.READY, WorkStatus.PENDING} or wants_review(draft.mission.policy, item) for item in items
    )


def conclude(draft: Draft) -> None:
    """End the mission when there is nothing left to do, else say what it waits for and until when."""
    items = list(draft.items.values())
    if items and all(item.status is WorkStatus.DONE for item in items):
        end(draft, MissionState.COMPLETED)
    elif items and not any(_movable(items).values()):
        end(draft, MissionState.FAILED, f"nothing can go on: {_failures(items)}")
    else:
        draft.change(blocked_reason=_waiting(items), next_wake_at=_next_wake(draft))


def _movable(items: list[WorkItem]) -> dict[WorkItemId, bool]:
    """Which items can still come to a good end; the plan's order has dependencies first."""
    known: dict[WorkItemId, bool] = {}
    done = {item.id for item in items if item.status is WorkStatus.DONE}
    for item in sorted(items, key=lambda each: each.index):
        held = item.status is WorkStatus.PENDING and not all(other in done or known.get(other, True) for other in item.depends_on)
        known[item.id] = not item.status.is_terminal and not held
    return known


def _failures(items: list[WorkItem]) -> str:
    return "; ".join(f"{item.label}: {item.failure_reason}" for item in items if item.status is WorkStatus.FAILED)[:2000]


def _waiting(items: list[WorkItem]) -> str | None:
    """What the mission waits for, when nobody is at work for it and nothing may be begun."""
    if any(item.task_id is not None or item.status is WorkStatus.READY for item in items):
        return None
    words = [f"{item.label}: {item.waiting_for}" for item in items if item.waiting_on not in {None, Waiting.DEPENDENCY}]
    if not words:
        words = [f"{item.label}: {item.waiting_for}" for item in items if item.waiting_on is Waiting.DEPENDENCY]
    return "; ".join(words[:5]) + (f"; and {len(words) - 5} more" if len(words) > 5 else "") if words else None


def _next_wake(draft: Draft) -> datetime | None:
    times = [watch.next_due_at for watch in draft.watches.values() if watch.is_open]
    times += [
        external.next_check_at if external.next_check_at is not None else draft.now
        for item in draft.items.values()
        for external in item.externals
        if not external.closed and not item.status.is_terminal
    ]
    return min(times, default=None)
