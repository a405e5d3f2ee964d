"""The graph of a mission as lines: what depends on something stands further to the right."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tinytown.cli.commands.mission_items_sheet import holder
from tinytown.cli.commands.mission_sheets import objectives_in_words, standing
from tinytown.cli.output import clean, duration, shortened, state_styled
from tinytown.domain.work_item import WorkItem, WorkStatus

if TYPE_CHECKING:
    from tinytown.services.mission_reading import MissionView

__all__ = ["graph_lines"]

MARKS = {
    WorkStatus.PENDING: "·", WorkStatus.READY: "○", WorkStatus.ASSIGNED: "◐", WorkStatus.RUNNING: "●", WorkStatus.BLOCKED: "◆",
    WorkStatus.DONE: "✓", WorkStatus.FAILED: "✗", WorkStatus.CANCELLED: "-",
}  # fmt: skip
DEEPEST = 6
FEWEST = 4


def graph_lines(view: MissionView, names: dict[str, str], now: datetime, height: int) -> list[str]:
    """The graph in at most so many lines; when they are too few, what is finished is left out first."""
    head = _head(view, now)
    room = max(FEWEST, height - len(head))
    items = list(view.items)
    depths = _depths(items)
    shown = items
    if len(items) > room:
        shown = [item for item in items if not item.status.is_terminal or item.status is WorkStatus.FAILED][: room - 1]
    lines = [_line(item, depths[item.id], names) for item in shown]
    left = len(items) - len(shown)
    return [*head, *lines, *([click.style(f"… and {left} more", dim=True)] if left else [])]


def _head(view: MissionView, now: datetime) -> list[str]:
    mission = view.mission
    done = sum(item.status is WorkStatus.DONE for item in view.items)
    until = now if mission.ended_at is None else mission.ended_at
    took = duration(until - mission.created_at)
    about = shortened(objectives_in_words(mission), 60)
    head = [f"{mission.short_id}  {state_styled(standing(mission))}  {done}/{len(view.items)} done  {took}  {about}"]
    if mission.help is not None:
        head.append(click.style(f"needs help: {clean(mission.help.reason)}", fg="yellow"))
    elif mission.blocked_reason is not None:
        head.append(clean(mission.blocked_reason))
    return head


def _line(item: WorkItem, depth: int, names: dict[str, str]) -> str:
    word = item.status.value
    mark = state_styled(word, MARKS[item.status])
    return f"{'  ' * min(depth, DEEPEST)}{mark} {state_styled(word)}  {shortened(item.label, 60)}{_remark(item, names)}"


def _remark(item: WorkItem, names: dict[str, str]) -> str:
    who = holder(item, names)
    said = [] if who is None else [who]
    if item.waiting_on is not None and who is None:
        said.append(f"waits for {clean(item.waiting_for)}")
    if item.pull is not None and item.status is not WorkStatus.DONE:
        said.append(str(item.pull))
    if item.failure_reason is not None and item.status is WorkStatus.FAILED:
        said.append(clean(item.failure_reason))
    return click.style(f"  {', '.join(said)}", dim=True) if said else ""


def _depths(items: list[WorkItem]) -> dict[str, int]:
    """How long the longest chain before each item is; the order of the plan has dependencies first."""
    depths: dict[str, int] = {}
    for item in items:
        depths[item.id] = 1 + max((depths.get(other, -1) for other in item.depends_on), default=-1)
    return depths
