"""The watches of missions on the wire."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.watch import TriggerAction, Watch, WatchKind, WatchStatus

__all__ = ["OverrideView", "WatchPage", "WatchView", "watch_view"]


class OverrideView(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's word that a watch need not be waited for."""

    by: str
    at: datetime
    reason: str


class WatchView(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is looked at again and again."""

    id: str
    mission_id: str
    work_item_id: str
    kind: WatchKind
    target_ref: str
    """The pull request, as `owner/repo#N`."""
    interval_secs: int
    next_due_at: datetime
    status: WatchStatus
    on_trigger: TriggerAction
    last_check_at: datetime | None
    consecutive_failures: int
    """Looks in a row that came to nothing."""
    last_error: str | None
    finding: str
    """What it saw last, in words."""
    head: str | None
    """The commit for which that holds."""
    override: OverrideView | None
    superseded: bool
    """The item has another pull request by now."""
    since: datetime | None
    """When that commit was first seen."""
    seen: tuple[str, ...]
    """What has triggered already: ids of comments, and commits."""
    triggered: int
    """How often it saw what it was set for."""
    version: int
    """Counts the changes."""


class WatchPage(msgspec.Struct, frozen=True, kw_only=True):
    """The watches of a mission."""

    mission_id: str
    watches: tuple[WatchView, ...]
    count: int


def watch_view(watch: Watch) -> WatchView:
    """The watch as it is shown."""
    over = watch.override
    return WatchView(
        id=watch.id,
        mission_id=watch.mission_id,
        work_item_id=watch.work_item_id,
        kind=watch.kind,
        target_ref=watch.target_ref,
        interval_secs=watch.interval_secs,
        next_due_at=watch.next_due_at,
        status=watch.status,
        on_trigger=watch.on_trigger,
        last_check_at=watch.last_check_at,
        consecutive_failures=watch.consecutive_failures,
        last_error=watch.last_error,
        finding=watch.finding,
        head=watch.head,
        override=None if over is None else OverrideView(by=over.by, at=over.at, reason=over.reason),
        superseded=watch.superseded,
        since=watch.since,
        seen=watch.seen,
        triggered=watch.triggered,
        version=watch.version,
    )
