"""What is asked of missions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import WorkStatus

__all__ = [
    "DocObjective", "FailMissionRequest", "ForceQuery", "IssueObjective", "MissionEventsQuery", "MissionQuery", "MissionRequest",
    "MissionsQuery", "Policy", "SnoozeRequest", "StopMissionRequest", "WatchesQuery", "WorkQuery", "WorkUpdate",
]  # fmt: skip

Artifact = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, examples=["https://github.com/acme/shop/pull/17"])]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class IssueObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="issue"):
    """An issue to be settled."""

    owner: Name
    repo: Name
    number: Annotated[int, msgspec.Meta(ge=1)]


class DocObjective(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="doc"):
    """A document that says what is to be done."""

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=1000, examples=["docs/plan.md"])]


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a mission is gone about."""

    max_parallel_items: Annotated[int, msgspec.Meta(ge=1)] = 2
    reviewer_required: bool = True
    auto_merge: bool = False
    watch_interval_secs: Annotated[int, msgspec.Meta(ge=1)] = 180


class MissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new mission."""

    objectives: Annotated[tuple[IssueObjective | DocObjective, ...], msgspec.Meta(min_length=1, max_length=100)]
    policy: Policy = Policy()


class MissionsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which missions are asked for."""

    active_only: Annotated[bool, msgspec.Meta(description="Only those that are planned, run or are blocked.")] = True


class MissionQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much of a mission is asked for."""

    include_work: bool = False
    """With the items of its work."""
    include_watches: bool = False
    """With what is watched for it."""
    include_events: bool = False
    """With what happened in it lately."""


class ForceQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether a mission goes that is still active."""

    force: bool = False
    """Even if it has not ended."""


class StopMissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a mission is stopped."""

    force: Annotated[bool, msgspec.Meta(description="Give it up, so that it cannot be resumed.")] = False


class FailMissionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a mission is given up."""

    reason: Annotated[str, msgspec.Meta(min_length=1)] | None = None


class WorkQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which work is asked for."""

    status: WorkStatus | None = None
    """Only work in this state."""


class WorkUpdate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is new about an item of work."""

    status: WorkStatus | None = None
    artifacts: Annotated[tuple[Artifact, ...], msgspec.Meta(max_length=100, description="They are added to those that it has.")] = ()


class WatchesQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which watches are asked for."""

    status: WatchStatus | None = None
    """Only watches in this state."""


class SnoozeRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long a watch is not looked at."""

    duration_secs: Annotated[int, msgspec.Meta(ge=60)]


class MissionEventsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many events are asked for."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=100, description="How many at most: 1 to 100.")] = 20
