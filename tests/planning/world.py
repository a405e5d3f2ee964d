"""What the tests of planning speak of: issues, repositories, and a GitHub that only knows what it was told."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue
from tinytown.errors import InvalidValue
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.planning.references import parse_issue
from tinytown.planning.repository import Repository

__all__ = ["HOME", "KnownIssues", "issue", "item_of", "keys", "ref"]

HOME = Repository("acme", "shop")


def ref(text: str) -> IssueRef:
    """`#4` is of acme/shop."""
    return parse_issue(text, HOME)


def issue(name: str, body: str = "", **members: Any) -> Issue:
    """An issue, open unless said otherwise."""
    known = {"title": f"Part {name.rpartition('#')[2]}", "fetched_at": datetime(2026, 1, 1, tzinfo=UTC), **members}
    return Issue(ref=ref(name), body=body, **known)


def keys(plan: Plan) -> list[str]:
    """The plan's order."""
    return [item.key for item in plan.items]


def item_of(plan: Plan, name: str) -> PlannedItem:
    """The item of that key, or of that issue."""
    key = str(ref(name)) if name.startswith("#") else name
    return next(item for item in plan.items if item.key == key)


class KnownIssues:
    """A GitHub with these issues; others are refused, and some answers are errors."""

    def __init__(self, issues: Sequence[Issue] = (), *, errors: dict[str, Exception] | None = None) -> None:
        self._issues = {issue.ref.key: issue for issue in issues}
        self._errors = {} if errors is None else {ref(name).key: error for name, error in errors.items()}
        self._lock = threading.Lock()
        self.asked: list[str] = []

    def issue(self, ref: IssueRef) -> Issue:
        """The issue of that name."""
        with self._lock:
            self.asked.append(str(ref))
        if ref.key in self._errors:
            raise self._errors[ref.key]
        if ref.key not in self._issues:
            raise InvalidValue("issue", f"GitHub knows no {ref}")
        return self._issues[ref.key]
