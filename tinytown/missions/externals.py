"""Externals: issues outside of a mission that its items depend on, shown and waited for."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from tinytown.domain.event import EventKind
from tinytown.domain.objective import Ref
from tinytown.domain.pull_request import IssueState
from tinytown.domain.work_item import External
from tinytown.missions.commands import IssueLookFailed, IssueSeen
from tinytown.missions.snapshot import Draft

__all__ = ["due_now", "fail_issue_look", "is_due", "look_at_issue"]

FAILED = timedelta(minutes=5)
"""How long after a look that failed the next one is taken."""
_SHORTEST = timedelta(minutes=1)


def due_now(externals: tuple[External, ...], ref: Ref, now: datetime) -> tuple[External, ...]:
    """The externals with the one that is meant to be looked at now."""
    return tuple(msgspec.structs.replace(each, next_check_at=now) if each.ref.key == ref.key else each for each in externals)


def is_due(external: External, now: datetime) -> bool:
    """Is it to be looked at now?"""
    return not external.closed and (external.next_check_at is None or external.next_check_at <= now)


def look_at_issue(draft: Draft, command: IssueSeen) -> None:
    """Take in what became of an issue that items wait for."""
    issue = command.issue
    state = "missing" if issue is None else issue.state.value
    closed = issue is not None and issue.state is IssueState.CLOSED
    again = draft.now + timedelta(seconds=draft.mission.policy.watch_interval_secs)
    for item in draft:
        for external in item.externals:
            if external.ref.key == command.ref.key and not external.closed:
                seen = msgspec.structs.replace(
                    external, state=state, closed=closed, checked_at=draft.now, next_check_at=None if closed else again, failures=0,
                    last_error=None,
                )  # fmt: skip
                if seen.state != external.state:
                    draft.say(EventKind.MISSION_EVENT, f"{item.label}: {external.ref}, which it depends on, is {state}")
                _put(draft, external, seen)


def fail_issue_look(draft: Draft, command: IssueLookFailed) -> None:
    """Take in that GitHub could not be asked about an issue."""
    pause = FAILED if command.retry_after is None else max(command.retry_after, _SHORTEST)
    for item in draft:
        for external in item.externals:
            if external.ref.key == command.ref.key and is_due(external, draft.now):
                failed = {"next_check_at": draft.now + pause, "failures": external.failures + 1, "last_error": command.error}
                _put(draft, external, msgspec.structs.replace(external, **failed))


def _put(draft: Draft, old: External, new: External) -> None:
    for item in draft:
        if old in item.externals:
            draft.change_item(item, externals=tuple(new if each == old else each for each in item.externals))
