"""How the work items of a mission look: a table, and below each what it waits for or why it failed."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING

from tinytown.cli.output import age, clean, counted, duration, shortened, state_styled, table_lines
from tinytown.domain.ids import short
from tinytown.domain.work_item import WorkItem, WorkStatus

if TYPE_CHECKING:
    from tinytown.services.mission_reading import MissionView

__all__ = ["holder", "item_lines", "remarks"]

SHOWN = 20
_HEADERS = ("ID", "STATUS", "KIND", "ROLE", "AGENT", "TRIES", "ITEM")


def item_lines(view: MissionView, names: dict[str, str], now: datetime, *, whole: bool) -> list[str]:
    """The items in the order of the plan; unless `whole`, of very many only the first that are not finished."""
    chosen = list(view.items)
    if not whole and len(chosen) > SHOWN:
        chosen = [item for item in chosen if not item.status.is_terminal][:SHOWN]
    limit = view.mission.policy.max_attempts
    table = table_lines([_row(item, names, limit) for item in chosen], _HEADERS)
    lines = [_counts(view.items), table[0]]
    for item, line in zip(chosen, table[1:], strict=True):
        lines += [line, *(f"    {remark}" for remark in remarks(item, names, now, whole=whole))]
    if len(chosen) < len(view.items):
        lines.append(f"… {counted(len(view.items), 'item')} in all: --work shows them")
    return lines


def holder(item: WorkItem, names: dict[str, str]) -> str | None:
    """Who has its task; with what, if that is not making it."""
    if item.assigned_to is None:
        return None
    name = names.get(item.assigned_to, f"{short(item.assigned_to)} (gone)")
    return name if item.task_kind is None or item.task_kind.value == "work" else f"{name} ({item.task_kind.value})"


def remarks(item: WorkItem, names: dict[str, str], now: datetime, *, whole: bool) -> list[str]:
    """What there is to say of an item beyond its row."""
    said: list[str] = []
    if item.waiting_on is not None:
        look = "" if item.next_check_at is None else f", looked at {_ahead(item.next_check_at, now)}"
        since = "" if item.waiting_since is None else f", {age(item.waiting_since, now)} by now"
        said.append(f"waits ({item.waiting_on.value}) for {clean(item.waiting_for)}{since}{look}")
    if item.pull is not None:
        said.append(f"pull request {item.pull}{'' if item.head is None else f' at {item.head[:8]}'}{_judged(item)}")
    elif item.review is not None:
        said.append(_judged(item).lstrip(", "))
    if item.merge_refused is not None:
        said.append(f"GitHub does not merge it: {clean(item.merge_refused)}")
    if item.failure_reason is not None:
        said.append(f"{'failed' if item.status is WorkStatus.FAILED else 'last time'}: {clean(item.failure_reason)}")
    if item.fix is not None and not item.status.is_terminal:
        said.append(f"to be mended: {shortened(item.fix)}")
    if item.meant_for is not None:
        said.append(f"meant for {names.get(item.meant_for, short(item.meant_for))}")
    return [*said, *_details(item, names)] if whole else said


def _details(item: WorkItem, names: dict[str, str]) -> list[str]:
    author = None if item.author is None else names.get(item.author, f"{short(item.author)} (gone)")
    facts = {
        "author": author,
        "task": item.task_id,
        "branch": item.branch,
        "page": item.url,
        "after": ", ".join(short(other) for other in item.depends_on) or None,
        "outside": ", ".join(f"{each.ref} ({'settled' if each.closed else each.state})" for each in item.externals) or None,
        "priority": str(item.priority) if item.priority else None,
        "made": ", ".join(item.artifact_refs) or None,
        "until": None if item.deadline_at is None else f"{item.deadline_at:%Y-%m-%d %H:%M:%S} UTC",
    }
    return [f"{name} {clean(fact)}" for name, fact in facts.items() if fact is not None]


def _row(item: WorkItem, names: dict[str, str], limit: int) -> tuple[str | None, ...]:
    tries = f"{item.attempts}/{limit + item.extra_attempts}" if item.attempts else None
    status = state_styled(item.status.value)
    return (item.short_id, status, item.kind.value, item.owner_role, holder(item, names), tries, shortened(item.label))


def _counts(items: tuple[WorkItem, ...]) -> str:
    counts = Counter(item.status.value for item in items)
    order = ("done", "running", "assigned", "ready", "blocked", "pending", "failed", "cancelled")
    return f"{counted(len(items), 'item')}: {', '.join(f'{counts[word]} {word}' for word in order if counts[word])}"


def _judged(item: WorkItem) -> str:
    review = item.review
    if review is None:
        return ""
    word = "approved" if review.verdict.value == "approve" else "rejected"
    stale = word == "approved" and not item.reviewer_approved
    remark = f": {shortened(review.remark)}" if review.remark else ""
    return f", {word} by {clean(review.by)}{' for an earlier commit' if stale else ''}{remark}"


def _ahead(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"in {duration(moment - now)}"
