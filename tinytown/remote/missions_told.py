"""Missions as townhall tells them, as the records that they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from tinytown.domain.mission import Mission
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import WorkItem
from tinytown.errors import RecordUnreadable

__all__ = ["Told", "issue_of", "item_told", "mission_told", "told_as", "watch_told"]

T = TypeVar("T")
Told = Mapping[str, Any]
"""The members of a JSON object."""

_GITHUB_PARTS = 2


def mission_told(told: Told) -> Mission:
    """The mission; what is still to be done for it is known to its town only."""
    return told_as(Mission, told)


def item_told(told: Told) -> WorkItem:
    """The work item."""
    externals = [{**each, "ref": _members(issue_of(each["ref"]))} for each in told.get("externals", ())]
    pull = told.get("pull")
    return told_as(WorkItem, {**told, "externals": externals, "pull": None if pull is None else _members(_pull_of(pull["ref"]))})


def watch_told(told: Told) -> Watch:
    """The watch."""
    return told_as(Watch, {**told, "target": _members(_pull_of(told["target_ref"]))})


def issue_of(text: str) -> IssueRef:
    """The issue that `owner/repo#N` means, with its host in front if that is not GitHub's."""
    return IssueRef(**_parts(text))


def told_as(kind: type[T], told: object) -> T:
    """What was told, as a record of that kind.

    Raises:
        RecordUnreadable: it does not fit.
    """
    try:
        return msgspec.convert(told, kind)
    except msgspec.ValidationError as error:
        raise RecordUnreadable(kind.__name__, f"{error}; the townhall may be of another version") from error


def _pull_of(text: str) -> PullRef:
    return PullRef(**_parts(text))


def _parts(text: str) -> dict[str, Any]:
    where, _, number = text.rpartition("#")
    parts = where.split("/")
    if len(parts) not in {_GITHUB_PARTS, _GITHUB_PARTS + 1} or not (number.isascii() and number.isdigit()):
        raise RecordUnreadable(text[:80], "it names no issue or pull request; the townhall may be of another version")
    found: dict[str, Any] = {"owner": parts[-2], "repo": parts[-1], "number": int(number)}
    return found if len(parts) == _GITHUB_PARTS else {**found, "host": parts[0]}


def _members(record: object) -> Any:
    return msgspec.to_builtins(record)
