"""What the checks of a commit have come to: status first, a conclusion only of what has finished, the newest run only."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tinytown.domain.pull_request import Check, CheckState
from tinytown.github.shapes import Context

__all__ = ["FoundCheck", "newest"]

GOOD = {"SUCCESS", "NEUTRAL", "SKIPPED"}
UNFINISHED = {"PENDING", "EXPECTED"}
"""Words of statuses of the older kind; of check runs everything but COMPLETED is unfinished."""

EXCERPT = 2000
ACTIONS = "github-actions"


class FoundCheck(msgspec.Struct, frozen=True, kw_only=True):
    """A check, and where more of it is to be had."""

    check: Check
    run: int | None = None
    """The check run's number."""
    has_log: bool = False
    """Whether it is a job of GitHub Actions, whose log can be read under the same number."""


def newest(contexts: Sequence[Context | None]) -> list[FoundCheck]:
    """Of each check the newest run, in the order of their names.

    GitHub lists runs that were superseded, too. Workflows of the same name
    for other events are checks of their own, and so are those of other apps.
    """
    found: dict[tuple[str, ...], tuple[tuple[int, str, int], Context]] = {}
    for position, context in enumerate(contexts):
        if context is not None:
            age = (context.database_id or 0, "" if context.created_at is None else context.created_at.isoformat(), position)
            key = _identity(context)
            if key not in found or found[key][0] < age:
                found[key] = (age, context)
    return sorted((_found(context) for _, context in found.values()), key=lambda each: (each.check.name, each.check.url))


def _identity(context: Context) -> tuple[str, ...]:
    if context.kind == "StatusContext":
        return ("status", context.context)
    suite = context.check_suite
    app = "" if suite is None or suite.app is None else suite.app.slug
    run = None if suite is None else suite.workflow_run
    workflow = "" if run is None or run.workflow is None else run.workflow.name
    return ("run", app, workflow, "" if run is None or run.event is None else run.event, context.name)


def _found(context: Context) -> FoundCheck:
    if context.kind == "StatusContext":
        return FoundCheck(check=_status(context))
    state = _state(context.conclusion or "") if context.status == "COMPLETED" else CheckState.PENDING
    if context.status == "COMPLETED" and not context.conclusion:
        state = CheckState.FAILURE  # finished, and nobody says how: that is no success
    check = Check(
        name=context.name or "unnamed check",
        state=state,
        conclusion=((context.conclusion if context.status == "COMPLETED" else context.status) or "").lower(),
        url=context.details_url or "",
    )
    suite = context.check_suite
    is_job = suite is not None and suite.app is not None and suite.app.slug == ACTIONS
    return FoundCheck(check=check, run=context.database_id, has_log=is_job)


def _status(context: Context) -> Check:
    state = CheckState.PENDING if context.state in UNFINISHED else _state(context.state)
    said = (context.description or "")[-EXCERPT:] if state is CheckState.FAILURE else ""
    return Check(
        name=context.context or "unnamed status", state=state, conclusion=context.state.lower(), url=context.target_url or "", excerpt=said
    )


def _state(word: str) -> CheckState:
    return CheckState.SUCCESS if word in GOOD else CheckState.FAILURE
