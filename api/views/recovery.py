"""Recovery on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from tinytown.api.requests.recovery import OrphanAction
from tinytown.domain.message import Kind
from tinytown.domain.task import TaskState
from tinytown.services.reclaiming import OrphanReason, Reclaimed, Went

__all__ = ["Destination", "OrphanView", "OrphansView", "ReclaimView", "ReclaimedView", "RecoverView", "orphans_view", "reclaim_view"]

SUMMARY_LENGTH = 200


class Destination(StrEnum):
    """Where reclaimed work goes."""

    LISTED = "listed"
    """Nowhere: it is only told what there is."""
    BACKLOG = "backlog"
    """Tasks to the backlog; other mail stays."""
    AGENT = "agent"
    """To an agent."""


class RecoverView(msgspec.Struct, frozen=True, kw_only=True):
    """What was brought back."""

    checked: int
    """How many agents there are."""
    recovered: int
    """How many of them had a turn that was dead; their mail is back."""
    agents: tuple[str, ...]
    """The names of those."""
    rung: int
    """How many agents were woken again, because a wake-up was lost."""
    asked: int
    """How many tasks are on their way again, because their assignment was lost."""


class ReclaimedView(msgspec.Struct, frozen=True, kw_only=True):
    """A message of an agent that works no more, and where it went."""

    agent_id: str
    agent_name: str
    message_id: str
    type: Kind
    summary: str
    task_id: str | None
    went: Went


class ReclaimView(msgspec.Struct, frozen=True, kw_only=True):
    """What was found in the mailboxes of agents that work no more."""

    reclaimed: int
    """How many messages were dealt with; 0 when they are only listed."""
    destination: Destination
    to: str | None
    """The name of the agent that got them."""
    items: tuple[ReclaimedView, ...]
    count: int
    """How many messages were found; when that is the limit, there may be more."""


class OrphanView(msgspec.Struct, frozen=True, kw_only=True):
    """An open task that nobody is at, as it was before."""

    task_id: str
    assigned_to: str | None
    state: TaskState
    reason: OrphanReason
    title: str
    went: Went


class OrphansView(msgspec.Struct, frozen=True, kw_only=True):
    """Open tasks that nobody is at, and what was done about them."""

    action: OrphanAction
    count: int
    """How many were found; when that is the limit, there may be more."""
    orphans: tuple[OrphanView, ...]


def reclaim_view(found: Sequence[Reclaimed], destination: Destination, to: str | None) -> ReclaimView:
    """What was reclaimed as it is shown."""
    items = tuple(_item(one) for one in found)
    return ReclaimView(
        reclaimed=sum(one.went is not Went.LISTED for one in found), destination=destination, to=to, items=items, count=len(items)
    )


def orphans_view(found: Sequence[Reclaimed], action: OrphanAction) -> OrphansView:
    """Orphans as they are shown."""
    return OrphansView(action=action, count=len(found), orphans=tuple(_orphan(one) for one in found))


def _item(one: Reclaimed) -> ReclaimedView:
    assert one.message is not None, "mail is reclaimed"
    return ReclaimedView(
        agent_id=one.agent.id,
        agent_name=one.agent.name,
        message_id=one.message.id,
        type=one.message.type,
        summary=one.message.summarised()[:SUMMARY_LENGTH],
        task_id=one.message.task_id if isinstance(one.message.task_id, str) else None if one.task is None else one.task.id,
        went=one.went,
    )


def _orphan(one: Reclaimed) -> OrphanView:
    assert one.task is not None, "orphans are tasks"
    assert one.reason is not None, "there is a reason for each"
    return OrphanView(
        task_id=one.task.id,
        assigned_to=one.task.assigned_to,
        state=one.task.state,
        reason=one.reason,
        title=one.task.title[:SUMMARY_LENGTH],
        went=one.went,
    )
