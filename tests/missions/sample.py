"""A sample: plans for missions, and what a mission looks like that is stuck."""

from __future__ import annotations

from collections.abc import Mapping

from tests.missions.books import Books
from tinytown.domain.objective import IssueRef
from tinytown.domain.work_item import WorkItem, WorkKind
from tinytown.planning.graph import Plan, PlannedItem

__all__ = ["plan", "story"]


def plan(name: str, *items: str, externals: Mapping[str, tuple[IssueRef, ...]] = {}) -> Plan:
    """A plan of items such as `d<b,c`: d, after b and c."""
    kinds = {"a": WorkKind.DESIGN, "e": WorkKind.FOLLOWUP, "c": WorkKind.TEST, "z": WorkKind.REVIEW}
    planned = []
    for item in items:
        key, _, before = item.partition("<")
        depends = tuple(f"{name}#{other}" for other in before.split(",") if other)
        planned.append(
            PlannedItem(
                key=f"{name}#{key}", title=f"item {name}-{key}", kind=kinds.get(key, WorkKind.IMPLEMENT), depends_on=depends,
                externals=externals.get(key, ()), source_ref=f"acme/app#{ord(key)}",
            )
        )  # fmt: skip
    return Plan(items=tuple(planned))


def story(books: Books) -> str:
    """What a mission that is stuck looks like."""
    snapshot = books.read()
    mission = snapshot.mission

    def told(item: WorkItem) -> str:
        waits = f"{item.waiting_on} ({item.waiting_for}), next {item.next_check_at}"
        return f"{item.label}: {item.status} {waits}, task {item.task_kind}, fix {item.fix!r}"

    lines = [f"{mission.state} {mission.hold} {mission.blocked_reason} help {mission.help}", *map(told, snapshot.items.values())]
    lines += [
        f"{watch.kind} {watch.status} {watch.finding} {watch.next_due_at}" for watch in snapshot.watches.values() if not watch.superseded
    ]
    return "\n".join(lines)
