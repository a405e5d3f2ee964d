"""What is asked of the work of missions."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.domain.work_item import WorkStatus

__all__ = ["ApproveRequest", "RedirectRequest", "RejectRequest", "WorkQuery", "WorkUpdate"]

Artifact = Annotated[str, msgspec.Meta(min_length=1, max_length=2000, examples=["https://github.com/acme/shop/pull/17"])]


class WorkQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which work is asked for."""

    status: WorkStatus | None = None
    """Only work in this state."""


class WorkUpdate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is new about an item of work."""

    status: WorkStatus | None = None
    """`ready` (again), `blocked` or `done`; the others are not for callers to set."""
    artifacts: Annotated[tuple[Artifact, ...], msgspec.Meta(max_length=100, description="They are added to those that it has.")] = ()


class ApproveRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of work that is approved."""

    remark: Annotated[str, msgspec.Meta(max_length=10_000)] = ""


class RejectRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What has to change."""

    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=100_000, examples=["the limit is off by one: see the last test"])]


class RedirectRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is to have it, and why."""

    to: Annotated[str, msgspec.Meta(max_length=300, description="A name, a nickname, or (the beginning of) an id.", examples=["grace"])]
    reason: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
