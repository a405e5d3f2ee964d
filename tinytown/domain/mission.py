"""A mission: a larger aim that is worked towards by many tasks; its words."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MissionState", "TriggerAction", "WatchKind", "WatchStatus", "WorkKind", "WorkStatus"]


class MissionState(StrEnum):
    """How far a mission has come."""

    PLANNING = "planning"
    """Its work is being laid out."""
    RUNNING = "running"
    """Its work is being done."""
    BLOCKED = "blocked"
    """It waits for somebody or something."""
    COMPLETED = "completed"
    """All its work is done."""
    FAILED = "failed"
    """It was given up."""


class WorkKind(StrEnum):
    """What kind of work an item of a mission is."""

    DESIGN = "design"
    """Finding out how."""
    IMPLEMENT = "implement"
    """Making it."""
    TEST = "test"
    """Trying it out."""
    REVIEW = "review"
    """Reading what others made."""
    MERGE_GATE = "merge_gate"
    """Seeing to it that it may be merged."""
    FOLLOWUP = "followup"
    """What is left to do afterwards."""


class WorkStatus(StrEnum):
    """How far an item of work has come."""

    PENDING = "pending"
    """Other work must be done before."""
    READY = "ready"
    """It may be begun."""
    ASSIGNED = "assigned"
    """An agent has it."""
    RUNNING = "running"
    """An agent is at it."""
    BLOCKED = "blocked"
    """It waits for somebody or something."""
    DONE = "done"
    """It is finished."""


class WatchKind(StrEnum):
    """What is watched of a pull request."""

    PR_CHECKS = "pr_checks"
    """Its checks."""
    BUGBOT_COMMENTS = "bugbot_comments"
    """Comments of programs."""
    REVIEW_COMMENTS = "review_comments"
    """Comments of people."""
    MERGEABILITY = "mergeability"
    """Whether it can be merged."""


class WatchStatus(StrEnum):
    """Whether something is being watched."""

    ACTIVE = "active"
    """It is looked at again and again."""
    SNOOZED = "snoozed"
    """It is looked at again later."""
    DONE = "done"
    """It is not looked at any more."""


class TriggerAction(StrEnum):
    """What follows when a watch sees what it was set for."""

    CREATE_FIX_TASK = "create_fix_task"
    """Somebody is asked to mend it."""
    NOTIFY_REVIEWER = "notify_reviewer"
    """The reviewer is told."""
    ADVANCE_PIPELINE = "advance_pipeline"
    """The next work begins."""
