"""A turn: one run of an agent's program over a batch of its mail."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["COMPLETED", "OUTCOMES", "SKIPPED", "TurnReason"]

COMPLETED = "completed"
"""How a turn is counted that ended well."""

SKIPPED = "skipped"
"""How a turn is counted that found nothing for a program to do."""


class TurnReason(StrEnum):
    """Why a turn did not end well."""

    EXIT_STATUS = "exit_status"
    """The program ended with a status other than 0."""
    NOT_FOUND = "not_found"
    """There is no such program; trying again cannot help."""
    TIMEOUT = "timeout"
    """The turn took longer than its time limit."""
    NO_OUTPUT = "no_output"
    """The program was silent for longer than its limit."""
    RATE_LIMITED = "rate_limited"
    """The provider asked to wait; it counts no attempt."""
    LOST_LEASE = "lost_lease"
    """The worker could not keep its lease; another may have the agent."""
    WORKER_LOST = "worker_lost"
    """The worker died in the middle of the turn."""
    CANCELLED = "cancelled"
    """Somebody ended the turn; it counts no attempt."""
    UNFINISHED = "unfinished"
    """The program ended well but reported nothing about its task."""


OUTCOMES = (COMPLETED, SKIPPED, *(reason.value for reason in TurnReason))
"""All that turns are counted by."""
