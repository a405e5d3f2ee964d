"""What a task does for a work item of a mission, and what a review comes to."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["MissionTask", "Verdict"]


class MissionTask(StrEnum):
    """What a task does for its item."""

    WORK = "work"
    """Makes it."""
    REVIEW = "review"
    """Reads it, and gives a verdict."""
    FIX = "fix"
    """Mends what a check, a reviewer or a person found."""

    @property
    def tag(self) -> str:
        """The tag that says so."""
        return "mission-work-item" if self is MissionTask.WORK else f"mission-{self.value}-task"


class Verdict(StrEnum):
    """What a review came to."""

    APPROVE = "approve"
    """It may be merged."""
    REJECT = "reject"
    """It has to be mended first."""
