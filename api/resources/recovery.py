"""Recovery: work that nobody is at, and bringing it back."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.recovery import OrphanAction, OrphansRequest, ReclaimRequest
from tinytown.api.views.recovery import Destination, OrphansView, ReclaimView, RecoverView, orphans_view, reclaim_view
from tinytown.domain.scope import Scope
from tinytown.errors import AgentNotFound, AmbiguousReference, InvalidValue, RecordChanged, TaskNotFound, WrongState
from tinytown.services.reclaiming import Went

__all__ = ["recovery"]

recovery = Tag("Recovery", "Work of workers that died, and of agents that work no more.")

_REFUSES = (AgentNotFound, AmbiguousReference, InvalidValue, RecordChanged, TaskNotFound, WrongState)


@recovery.post("/v1/recover", scope=Scope.AGENT_MANAGE, refuses=(RecordChanged,))
def recover(call: Call) -> RecoverView:
    """Bring back what died.

    This is what the clock does every few seconds: turns whose worker died are
    ended and their mail is put back; where a wake-up was lost, it is given
    again. A turn that is alive is never touched, however long it is silent.
    """
    swept = call.town.recovery.sweep()
    names = call.town.desk.names(set(swept.reaped))
    for agent in swept.reaped:
        call.changed("agent", agent)
    return RecoverView(
        checked=sum(call.town.agents.count().values()),
        recovered=len(swept.reaped),
        agents=tuple(names.get(agent, agent) for agent in swept.reaped),
        rung=swept.rung,
        asked=swept.asked,
    )


@recovery.post("/v1/reclaim", scope=Scope.AGENT_MANAGE, refuses=_REFUSES)
def reclaim(call: Call, body: ReclaimRequest | None = None) -> ReclaimView:
    """Move the mail of agents that are stopped or in error.

    To the backlog, to another agent, or, without a destination, nowhere: then
    nothing is touched, only listed. `from` names a single agent.
    """
    asked = ReclaimRequest() if body is None else body
    target = None if asked.to is None else call.town.agents.find(asked.to)
    found = call.town.recovery.reclaim(
        to=None if target is None else target.id, to_backlog=asked.to_backlog, of=asked.source, most=asked.limit
    )
    for one in found:
        if one.went is not Went.LISTED and one.message is not None:
            call.changed("message", one.message.id)
    destination = Destination.BACKLOG if asked.to_backlog else Destination.LISTED if target is None else Destination.AGENT
    return reclaim_view(found, destination, None if target is None else target.name)


@recovery.post("/v1/reclaim/orphan-tasks", scope=Scope.AGENT_MANAGE, refuses=_REFUSES)
def reclaim_orphan_tasks(call: Call, body: OrphansRequest | None = None) -> OrphansView:
    """Deal with open tasks whose agent is gone, stopped for good, or in error.

    `list` touches nothing; `to_backlog` (or `backlog`), `to_agent`, `cancel`
    and `delete` do what they say, and a task that ends in the meantime is left.
    """
    asked = OrphansRequest() if body is None else body
    action = OrphanAction.TO_BACKLOG if asked.action is OrphanAction.BACKLOG else asked.action
    if (asked.to is not None) != (action is OrphanAction.TO_AGENT):
        raise InvalidValue("to", "it goes with the action `to_agent`, and only with that")
    found = call.town.recovery.rescue_orphans(
        to_backlog=action is OrphanAction.TO_BACKLOG,
        cancel=action is OrphanAction.CANCEL,
        delete=action is OrphanAction.DELETE,
        to=asked.to,
        most=asked.limit,
    )
    for one in found:
        if one.went is not Went.LISTED and one.task is not None:
            call.changed("task", one.task.id)
    return orphans_view(found, action)
