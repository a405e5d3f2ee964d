"""How the watches of a mission look: a table, and below each what is wrong or was overridden."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tinytown.cli.output import age, clean, counted, duration, shortened, state_styled, table_lines
from tinytown.domain.watch import Watch

if TYPE_CHECKING:
    from tinytown.services.mission_reading import MissionView

__all__ = ["watch_lines"]

SHOWN = 8
_HEADERS = ("ID", "PULL REQUEST", "WATCH", "STATUS", "NEXT LOOK", "FINDING")


def watch_lines(view: MissionView, now: datetime, *, whole: bool) -> list[str]:
    """The watches; unless `whole`, those that are open, or only how many there are."""
    chosen = list(view.watches) if whole else [watch for watch in view.watches if watch.is_open and not watch.superseded]
    if not chosen:
        return [f"{len(view.watches)} done: --watch shows them"] if view.watches else []
    if not whole and len(chosen) > SHOWN:
        troubled = [watch for watch in chosen if watch.consecutive_failures]
        return [f"{counted(len(chosen), 'open watch', 'open watches')}, {len(troubled)} in trouble: --watch shows them"]
    table = table_lines([_row(watch, now) for watch in chosen], _HEADERS)
    lines = [table[0]]
    for watch, line in zip(chosen, table[1:], strict=True):
        lines += [line, *(f"    {remark}" for remark in _remarks(watch, now))]
    return lines


def _row(watch: Watch, now: datetime) -> tuple[str | None, ...]:
    status = "superseded" if watch.superseded else "overridden" if watch.override is not None else watch.status.value
    return (watch.id[:8], watch.target_ref, watch.kind.value, state_styled(status), _next(watch, now), shortened(watch.finding))


def _next(watch: Watch, now: datetime) -> str | None:
    if not watch.is_open or watch.superseded:
        return None
    return "now" if watch.next_due_at <= now else f"in {duration(watch.next_due_at - now)}"


def _remarks(watch: Watch, now: datetime) -> list[str]:
    said: list[str] = []
    if watch.last_error is not None and watch.consecutive_failures:
        said.append(f"{counted(watch.consecutive_failures, 'look')} in vain: {clean(watch.last_error)}")
    if watch.override is not None:
        over = watch.override
        said.append(f"overridden by {clean(over.by)} {age(over.at, now)} ago: {clean(over.reason)}")
    return said
