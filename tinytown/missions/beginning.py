"""The beginning: what a plan becomes when it is begun."""

from __future__ import annotations

from datetime import datetime

from tinytown.domain.event import EventKind
from tinytown.domain.ids import AgentId, MissionId, WorkItemId, derived_id
from tinytown.domain.mission import Mission, MissionState, Policy
from tinytown.domain.work_item import External, WorkItem
from tinytown.missions.schedule import promote
from tinytown.missions.snapshot import Decision, Draft, Snapshot
from tinytown.missions.texts import branch_of
from tinytown.planning.graph import Plan

__all__ = ["begin"]


def begin(plan: Plan, policy: Policy, identity: MissionId, by: AgentId, at: datetime) -> Decision:
    """A running mission with the work of a plan; nothing is stored yet."""
    ids = {item.key: WorkItemId(derived_id(identity, item.key)) for item in plan.items}
    mission = Mission(
        id=identity, objective_refs=plan.objectives, state=MissionState.RUNNING, policy=policy, created_by=by, created_at=at, updated_at=at,
        started_at=at, last_progress_at=at,
    )  # fmt: skip
    items = {
        ids[item.key]: WorkItem(
            id=ids[item.key],
            mission_id=identity,
            index=index,
            title=item.title,
            kind=item.kind,
            depends_on=tuple(ids[key] for key in item.depends_on),
            externals=tuple(External(ref=ref) for ref in item.externals),
            owner_role=item.role,
            priority=item.priority,
            source_ref=item.source_ref,
            url=item.url,
            body=item.body,
            acceptance=item.acceptance,
            branch=branch_of(ids[item.key], item.source_ref, item.title),
            created_at=at,
            updated_at=at,
        )
        for index, item in enumerate(plan.items)
    }
    draft = Draft(Snapshot(mission=mission, items=items, watches={}, notes={}), at)
    draft.say(EventKind.MISSION_STATE_CHANGED, f"begun with {len(items)} items", old="planning", new="running")
    promote(draft)
    return Decision(before=None, after=Snapshot(mission=draft.mission, items=draft.items, watches={}, notes={}), events=tuple(draft.events))
