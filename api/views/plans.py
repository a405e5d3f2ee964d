"""Plans on the wire: what a mission would do, before anything is begun."""

from __future__ import annotations

from typing import Any

import msgspec

from tinytown.api.requests.missions import DocObjective, IssueObjective
from tinytown.api.views.missions import objective_view
from tinytown.domain.mission import Policy
from tinytown.domain.work_item import WorkKind
from tinytown.planning.graph import Plan, PlannedItem, layers
from tinytown.planning.render import to_mermaid

__all__ = ["AwaitedView", "PlanView", "PlannedView", "plan_view"]


class AwaitedView(msgspec.Struct, frozen=True, kw_only=True):
    """An issue outside of the mission that must be settled before."""

    ref: str
    url: str


class PlannedView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to be done."""

    key: str
    """`owner/repo#N`, or `path#part` of a document."""
    step: int
    """What has the same number can be done at the same time."""
    title: str
    kind: WorkKind
    role: str | None
    depends_on: tuple[str, ...]
    """The keys of what must be done before."""
    externals: tuple[AwaitedView, ...]
    priority: int
    source_ref: str | None
    url: str | None
    body: str
    acceptance: tuple[str, ...]


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """What a mission would do, in an order in which it can be done."""

    objectives: tuple[IssueObjective | DocObjective, ...]
    items: tuple[PlannedView, ...]
    warnings: tuple[str, ...]
    manifest_policy: dict[str, Any]
    """What the manifest says of how it is gone about."""
    policy: Policy
    """How it would be gone about."""
    mermaid: str
    """The graph, for Mermaid to draw."""


def plan_view(plan: Plan, policy: Policy) -> PlanView:
    """The plan as it is shown."""
    steps = {item.key: number for number, layer in enumerate(layers(plan.items), start=1) for item in layer}
    return PlanView(
        objectives=tuple(objective_view(each) for each in plan.objectives),
        items=tuple(_planned(item, steps[item.key]) for item in plan.items),
        warnings=plan.warnings,
        manifest_policy=plan.policy,
        policy=policy,
        mermaid=to_mermaid(plan),
    )


def _planned(item: PlannedItem, step: int) -> PlannedView:
    return PlannedView(
        key=item.key,
        step=step,
        title=item.title,
        kind=item.kind,
        role=item.role,
        depends_on=item.depends_on,
        externals=tuple(AwaitedView(ref=str(ref), url=ref.url) for ref in item.externals),
        priority=item.priority,
        source_ref=item.source_ref,
        url=item.url,
        body=item.body,
        acceptance=item.acceptance,
    )
