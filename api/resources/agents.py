"""Agents: who is in the town, and what they are told to do."""

from __future__ import annotations

from typing import Any

import msgspec

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.paging import cursor_after, position_of
from tinytown.api.requests.agents import AgentsQuery, AgentWaitQuery, KillRequest, PruneRequest, RestartRequest, SpawnRequest
from tinytown.api.views.agents import (
    ActivityView,
    AgentPageView,
    AgentStepView,
    AgentView,
    AgentWaitView,
    PrunedView,
    ResultView,
    SpawnedView,
    Status,
    StayedView,
    agent_step,
    agent_view,
    agent_views,
    spawned_view,
)  # fmt: skip
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import AgentId
from tinytown.domain.scope import Scope
from tinytown.domain.task import TaskState
from tinytown.errors import (
    AgentExists,
    AgentNotFound,
    AmbiguousReference,
    InvalidName,
    InvalidValue,
    RecordChanged,
    TimedOut,
    VersionMismatch,
    WrongState,
)  # fmt: skip
from tinytown.services.agent_reading import Sought
from tinytown.services.task_pages import Sought as SoughtTasks

__all__ = ["agents"]

agents = Tag("Agents", "Named virtual actors: an identity and a mailbox each, with no process of their own.")

_FINDING = (AgentNotFound, AmbiguousReference)
_STEP: dict[str, Any] = {
    "scope": Scope.AGENT_MANAGE,
    "takes_key": True,
    "takes_version": True,
    "refuses": (*_FINDING, WrongState, VersionMismatch, RecordChanged),
}
_GOES_ON = {202: AgentStepView}


@agents.get("/v1/agents", scope=Scope.TOWN_READ)
def list_agents(call: Call, query: AgentsQuery) -> AgentPageView:
    """List agents, by name.

    Whoever comes or goes between two pages moves nobody else to another page.
    """
    sought = Sought(states=query.state, role=query.role, cli=query.cli)
    page = call.town.agents.page(sought, position_of(query.cursor, str), query.limit)
    return AgentPageView(
        agents=agent_views(call.town, page.agents),
        count=len(page.agents),
        total=page.total,
        next_cursor=None if page.next is None else cursor_after(page.next),
    )


@agents.post("/v1/agents", scope=Scope.AGENT_MANAGE, status=201, takes_key=True, refuses=(AgentExists, InvalidName, InvalidValue))
def spawn_agent(call: Call, body: SpawnRequest) -> SpawnedView:
    """Register an agent.

    No process is started: a running worker does its turns, whenever mail asks for one.
    """
    try:
        agent = _spawned(call, body)
    except InvalidValue as error:
        raise InvalidValue("role_id" if error.field == "role" else error.field, error.why) from error
    call.created(f"/v1/agents/{agent.id}")
    call.tag_version(agent.version)
    call.changed("agent", agent.id)
    return spawned_view(call.town, agent)


@agents.post("/v1/agents/prune", scope=Scope.AGENT_MANAGE, takes_key=True, refuses=(RecordChanged,))
def prune_agents(call: Call, body: PruneRequest | None = None) -> PrunedView:
    """Forget agents that are stopped or in error, or all of them.

    Their open tasks go to the backlog first. An agent with other mail stays
    unless `throw_away_mail` says otherwise; one whose turn runs always stays.
    """
    wanted = PruneRequest() if body is None else body
    gone, stayed = call.town.recovery.prune(everyone=wanted.all, throw_away_mail=wanted.throw_away_mail)
    for agent in gone:
        call.changed("agent", agent.id)
    return PrunedView(
        removed=len(gone),
        agents=tuple(agent.name for agent in gone),
        stayed=tuple(StayedView(name=agent.name, reason=why) for agent, why in stayed),
    )


@agents.get("/v1/agents/{agent}", scope=Scope.TOWN_READ, revalidates=False, refuses=_FINDING)
def get_agent(call: Call, agent: str) -> AgentView:
    """Show an agent.

    The ETag is of its record; how much mail it has changes without it.
    """
    found = call.town.agents.find(agent)
    call.tag_version(found.version)
    return agent_view(call.town, found)


@agents.post("/v1/agents/{agent}/kill", answers=_GOES_ON, **_STEP)
def kill_agent(call: Call, agent: str, body: KillRequest | None = None) -> AgentStepView:
    """Stop an agent: at once when nothing runs, else after its turn.

    202 and `draining` while its turn still runs; 200 and `stopped` when it has really stopped.
    """
    stopped = call.town.agents.kill(agent, now=body is not None and body.now, expected=call.expected_version)
    return _stopping(call, stopped, agent)


@agents.post("/v1/agents/{agent}/close", answers=_GOES_ON, **_STEP)
def close_agent(call: Call, agent: str) -> AgentStepView:
    """Let an agent work through the mail that it has, and stop then.

    202 and `draining` while it does; 200 and `stopped` when there was nothing to do.
    """
    return _stopping(call, call.town.agents.close(agent, expected=call.expected_version), agent)


@agents.post("/v1/agents/{agent}/restart", **_STEP)
def restart_agent(call: Call, agent: str, body: RestartRequest | None = None) -> AgentStepView:
    """Bring back an agent that is stopped or in error; its mail wakes it again."""
    rounds = None if body is None else body.max_rounds
    return _stepped(call, call.town.agents.restart(agent, max_rounds=rounds, expected=call.expected_version), agent, "restarted")


@agents.post("/v1/agents/{agent}/interrupt", answers=_GOES_ON, **_STEP)
def interrupt_agent(call: Call, agent: str) -> AgentStepView:
    """Pause an agent; its mail waits until it is resumed.

    202 while its running turn, which is asked to end, has not ended yet.
    """
    paused = call.town.agents.interrupt(agent, expected=call.expected_version)
    if call.town.agents.in_turn(paused.id):
        call.answer_with(202)
    return _stepped(call, paused, agent, "paused")


@agents.post("/v1/agents/{agent}/resume", **_STEP)
def resume_agent(call: Call, agent: str) -> AgentStepView:
    """Let a paused agent go on."""
    return _stepped(call, call.town.agents.resume(agent, expected=call.expected_version), agent, "resumed")


@agents.get("/v1/agents/{agent}/wait", scope=Scope.TOWN_READ, revalidates=False, refuses=_FINDING)
def wait_for_agent(call: Call, agent: str, query: AgentWaitQuery) -> AgentWaitView:
    """Wait for an agent to stop, or to have done all that was asked of it.

    `timed_out` says whether the time was up first: then ask again.
    """
    found, timed_out = call.town.agents.find(agent), True
    with call.waiting(query.timeout_secs) as whiles:
        for a_while in whiles:
            try:
                found = call.town.agents.wait_until(found.id, query.until, a_while)
            except TimedOut:
                continue
            timed_out = False
            break
    if timed_out:
        found = call.town.agents.get(found.id)
    call.tag_version(found.version)
    return AgentWaitView(**msgspec.structs.asdict(agent_view(call.town, found)), timed_out=timed_out)


@agents.get("/v1/agents/{agent}/result", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_agent_result(call: Call, agent: str) -> ResultView:
    """Show what an agent completed last; looks through the 10,000 tasks of the town that were completed last."""
    found = call.town.agents.find(agent)
    done = call.town.tasks.page(SoughtTasks(states=(TaskState.COMPLETED,), agent=found.id), limit=1).tasks
    task = done[0] if done else None
    return ResultView(
        agent=found.name,
        task_id=None if task is None else task.id,
        description=None if task is None else task.description,
        result=None if task is None else task.result,
        completed_at=None if task is None else task.completed_at,
    )


@agents.get("/v1/agents/{agent}/activity", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_agent_activity(call: Call, agent: str) -> ActivityView:
    """Show what an agent did lately: up to ten lines, for an hour."""
    found = call.town.agents.find(agent)
    return ActivityView(agent=found.name, lines=tuple(call.town.events.activity(found.id, 10)))


def _spawned(call: Call, body: SpawnRequest) -> Agent:
    return call.town.agents.spawn(
        body.name,
        cli=body.cli,
        model=body.model,
        role=body.role_id,
        nickname=body.nickname,
        parent=None if body.parent_agent_id is None else _parent(call, body.parent_agent_id),
        max_rounds=body.max_rounds,
        spawn_mode=body.spawn_mode,
        identity=None if call.derived_id is None else AgentId(call.derived_id),
    )


def _parent(call: Call, reference: str) -> AgentId:
    """The parent of a new agent; one that is not there is a mistake in the body, and not of the path."""
    try:
        return call.town.agents.find(reference).id
    except (AgentNotFound, AmbiguousReference) as error:
        raise InvalidValue("parent_agent_id", error.detail) from error


def _stopping(call: Call, agent: Agent, named: str) -> AgentStepView:
    if agent.state is AgentState.STOPPED:
        return _stepped(call, agent, named, "stopped")
    call.answer_with(202)
    return _stepped(call, agent, named, "draining")


def _stepped(call: Call, agent: Agent, named: str, status: Status) -> AgentStepView:
    call.tag_version(agent.version)
    call.changed("agent", agent.id)
    return agent_step(call.town, agent, named, status)
