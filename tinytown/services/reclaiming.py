"""Reclaiming: the work of agents that work no more, listed or moved, never lost on the way."""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum

import msgspec

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import Task, TaskState
from tinytown.errors import InvalidValue, TaskNotFound, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.desk import Desk
from tinytown.services.tasks import TaskService

__all__ = ["OrphanReason", "Reclaimed", "Reclaimer", "Went"]

MOST = 100_000


class Went(StrEnum):
    """Where a message or task of an agent went."""

    LISTED = "listed"
    """It is where it was."""
    BACKLOG = "backlog"
    """To the backlog."""
    AGENT = "agent"
    """To another agent."""
    SETTLED = "settled"
    """Off the list: its task has ended, or is another's."""
    CANCELLED = "cancelled"
    """The task is no longer wanted."""
    DELETED = "deleted"
    """The task is forgotten."""


class OrphanReason(StrEnum):
    """Why nobody is at an open task."""

    AGENT_MISSING = "agent_missing"
    """Its agent is not registered any more."""
    AGENT_TERMINAL = "agent_terminal"
    """Its agent is stopped for good, or in error."""


class Reclaimed(msgspec.Struct, frozen=True, kw_only=True):
    """A message or task of an agent that works no more, and where it went; the task as it was before."""

    agent: Agent
    message: Message | None = None
    task: Task | None = None
    went: Went = Went.LISTED
    reason: OrphanReason | None = None


class Reclaimer:
    """Moves what lies with agents that are gone; done twice, it moves nothing twice."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService) -> None:
        self._desk = desk
        self._agents = agents
        self._tasks = tasks

    def reclaim(self, *, to: str | None = None, to_backlog: bool = False, of: str | None = None, most: int = MOST) -> list[Reclaimed]:
        """The mail of agents that are stopped or in error: moved to an agent, its tasks to the backlog, or only listed.

        Args:
            to: the agent that gets everything.
            to_backlog: whether tasks go to the backlog; other mail stays.
            of: only the mail of this agent.
            most: messages that are looked at.

        Raises:
            AgentNotFound: there is no such agent; then nothing moves.
            InvalidValue: there are two destinations.
            WrongState: the agent `of` works.
        """
        _refuse_two(to=to is not None, to_backlog=to_backlog)
        target = None if to is None else self._agents.find(to).id
        found: list[Reclaimed] = []
        for agent in self._ended(of):
            for source, entry, message in self._desk.store.mail.entries(agent.id, min(most, 10_000)):
                if len(found) >= most:
                    return found
                if message is not None:
                    found.append(self._reclaim_one(agent, source, entry, message, target, to_backlog=to_backlog))
        return found

    def orphans(self, most: int = MOST) -> list[Reclaimed]:
        """Open tasks whose agent is gone, stopped for good, or in error."""
        agents = {agent.id: agent for agent in self._agents.all()}

        def reason(task: Task) -> OrphanReason | None:
            agent = None if task.assigned_to is None else agents.get(task.assigned_to)
            if agent is None:
                return OrphanReason.AGENT_MISSING
            is_terminal = agent.state is AgentState.ERROR or (agent.state is AgentState.STOPPED and not agent.is_wakeable)
            return OrphanReason.AGENT_TERMINAL if is_terminal else None

        found: list[Reclaimed] = []
        for state in (TaskState.ASSIGNED, TaskState.RUNNING):
            for task in self._tasks.matching(state, limit=most - len(found), keep=lambda task: reason(task) is not None):
                agent = agents.get(AgentId(str(task.assigned_to)), _missing(task))
                found.append(Reclaimed(agent=agent, task=task, reason=reason(task)))
        return found

    def rescue_orphans(
        self, *, to_backlog: bool = False, cancel: bool = False, delete: bool = False, to: str | None = None, most: int = MOST
    ) -> list[Reclaimed]:
        """Do something about orphans: to the backlog, to an agent, cancelled or deleted; else only list them.

        Raises:
            AgentNotFound: there is no such agent; then nothing moves.
            InvalidValue: two things are to be done.
        """
        _refuse_two(to=to is not None, to_backlog=to_backlog, cancel=cancel, delete=delete)
        target = None if to is None else self._tasks.wanted(to)
        done: list[Reclaimed] = []
        for orphan in self.orphans(most):
            assert orphan.task is not None
            went = Went.LISTED
            with suppress(WrongState, TaskNotFound):  # it came to an end in between, and is no orphan any more
                if to_backlog or target is not None:
                    self._tasks.requeue(orphan.task.id, None if to_backlog else target)
                    went = Went.BACKLOG if to_backlog else Went.AGENT
                elif cancel:
                    self._tasks.cancel(orphan.task.id, f"its agent {orphan.agent.name} is {orphan.agent.state}")
                    went = Went.CANCELLED
                elif delete:
                    self._desk.store.tasks.delete(self._tasks.cancel(orphan.task.id, "deleted"))
                    went = Went.DELETED
                done.append(msgspec.structs.replace(orphan, went=went))
        return done

    def _ended(self, of: str | None) -> list[Agent]:
        """The agents that work no more, or the one that is asked for."""
        ended = {AgentState.STOPPED, AgentState.ERROR}
        if of is None:
            return [agent for agent in self._agents.all() if agent.state in ended]
        chosen = self._agents.find(of)
        if chosen.state not in ended:
            raise WrongState(f"agent {chosen.name}", chosen.state.value, "reclaimed from")
        return [chosen]

    def _reclaim_one(
        self, agent: Agent, source: str, entry: bytes, message: Message, target: AgentId | None, *, to_backlog: bool
    ) -> Reclaimed:
        mail = self._desk.store.mail
        is_task = message.type is Kind.TASK_ASSIGN and isinstance(message.task_id, str)
        task = self._desk.store.tasks.get(message.task_id) if is_task else None  # type: ignore[arg-type]
        owned = task is not None and not task.state.is_terminal and task.assigned_to == agent.id
        went = Went.LISTED
        if is_task and not owned and (to_backlog or target is not None):
            mail.settle(source, entry, message, agent.id, "the task is no longer its")
            went = Went.SETTLED
        elif to_backlog and message.type in {Kind.TASK, Kind.TASK_ASSIGN}:
            if task is not None:
                task = self._tasks.requeue(task.id)
            else:
                task = self._tasks.new(message.body, by=message.sender)
                self._desk.store.tasks.add(task)
            mail.settle(source, entry, message, agent.id, "reclaimed to the backlog")
            went = Went.BACKLOG
        elif target is not None:
            if task is not None:
                task = self._tasks.requeue(task.id, target)
                mail.settle(source, entry, message, agent.id, "reclaimed")
            else:
                mail.move(source, entry, msgspec.structs.replace(message, recipient=target), agent.id)
            went = Went.AGENT
        return Reclaimed(agent=agent, message=message, task=task, went=went)


def _refuse_two(**ways: bool) -> None:
    chosen = [name for name, given in ways.items() if given]
    if len(chosen) > 1:
        raise InvalidValue(chosen[0], f"excludes {' and '.join(chosen[1:])}")


def _missing(task: Task) -> Agent:
    gone = SUPERVISOR_ID if task.assigned_to is None else task.assigned_to
    at = task.updated_at
    return Agent(id=gone, name="(missing)", cli="", state=AgentState.STOPPED, created_at=at, last_heartbeat=at, last_active_at=at)
