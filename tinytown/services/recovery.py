"""Recovery: finding work that nobody is at, and bringing it back; forgetting what is old."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tinytown.clock import to_ms
from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.event import EventKind, agent_moved
from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import Task, TaskState
from tinytown.errors import RecordChanged, RecordUnreadable, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.tasks import AUTO, TaskService
from tinytown.services.turns import TurnService

__all__ = ["Reclaimed", "RecoveryService", "Swept"]

_AT_ONCE = 500
RECEIPTS_KEPT = timedelta(days=7)


class Swept(msgspec.Struct, frozen=True, kw_only=True):
    """What a sweep did: turns reaped, bells rung again, assignments asked for again."""

    reaped: tuple[AgentId, ...] = ()
    rung: int = 0
    asked: int = 0

    @property
    def total(self) -> int:
        """How many things it mended."""
        return len(self.reaped) + self.rung + self.asked


class Reclaimed(msgspec.Struct, frozen=True, kw_only=True):
    """A message or task of an agent that works no more, and where it went."""

    agent: Agent
    message: Message | None = None
    task: Task | None = None
    went: str = "listed"


class RecoveryService:
    """Sweeps, reclaims and forgets; all of it is safe to do twice, or by two at once."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService, turns: TurnService) -> None:
        self._desk = desk
        self._agents = agents
        self._tasks = tasks
        self._turns = turns

    def sweep(self) -> Swept:
        """Bring back turns whose lease ran out; ring again where a bell got no answer."""
        store = self._desk.store
        now = store.turns.now_ms()
        reaped = [agent for agent in store.turns.expired(now, _AT_ONCE) if self._reap(agent)]
        rung = [agent for agent in store.turns.overdue(now, _AT_ONCE) if store.turns.ring_again(agent) == "rung"]
        asked = 0
        for task in store.tasks.get_readable(store.tasks.overdue_assignments(now, _AT_ONCE)):
            asked += store.tasks.ring_again(task.id, AUTO if task.wanted is None else task.wanted) == "rung"
        self._finish_draining()
        return Swept(reaped=tuple(reaped), rung=len(rung), asked=asked)

    def mark_cold(self) -> list[AgentId]:
        """Mark agents as cold that wait while there is no worker at all."""
        store = self._desk.store
        if any("agents" in worker.queues for worker in store.workers.all()):
            return []
        marked: list[AgentId] = []
        for agent in store.agents.get_readable(store.agents.ids_in(AgentState.IDLE, AgentState.STARTING)):
            now = self._desk.now()
            if now - agent.last_active_at < timedelta(seconds=max(2, self._desk.settings.clock.sweep_secs)):
                continue  # spawned a moment ago: a worker may be on its way
            cold = agent.moved(AgentState.COLD, now, last_active_at=agent.last_active_at)
            event = agent_moved(agent, cold, EventKind.AGENT_STATE_CHANGED)
            if store.agents.change(agent, cold, quiet=True, event=event).startswith("changed"):
                marked.append(agent.id)
        return marked

    def stop_idle(self, agents: set[AgentId]) -> list[AgentId]:
        """Move agents whose worker goes for want of work from idle through draining to stopped; mail wakes them."""
        stopped: list[AgentId] = []
        for agent_id in agents:
            for _ in range(RETRIES):
                agent = self._desk.store.agents.get(agent_id)
                if agent is None or agent.state is not AgentState.IDLE:
                    break
                now = self._desk.now()
                draining = agent.moved(AgentState.DRAINING, now, stop_reason=StopReason.IDLE_TIMEOUT)
                event = agent_moved(agent, draining, EventKind.AGENT_STATE_CHANGED)
                if not self._desk.store.agents.change(agent, draining, quiet=True, event=event).startswith("changed"):
                    continue
                after = draining.moved(AgentState.STOPPED, now, stop_reason=StopReason.IDLE_TIMEOUT)
                event = agent_moved(draining, after, EventKind.AGENT_STOPPED)
                if self._desk.store.agents.change(draining, after, quiet=True, event=event).startswith("changed"):
                    stopped.append(agent_id)
                    break
        return stopped

    def forget_old(self) -> int:
        """Delete tasks that ended longer ago than `[retention] finished_tasks_days`, and old receipts."""
        store = self._desk.store
        forgotten = 0
        days = self._desk.settings.retention.finished_tasks_days
        if days:
            before = to_ms(self._desk.now() - timedelta(days=days))
            for state in (TaskState.COMPLETED, TaskState.FAILED, TaskState.CANCELLED):
                for task in store.tasks.get_readable(store.tasks.ids_in_since(state, before, _AT_ONCE)):
                    forgotten += store.tasks.delete(task) == "deleted"
        store.mail.forget_settled(int(RECEIPTS_KEPT.total_seconds() * 1000))
        return forgotten

    def prune(self, *, everyone: bool = False, throw_away_mail: bool = False) -> tuple[list[Agent], list[tuple[Agent, str]]]:
        """Forget agents that are stopped or in error, or all of them; answers those, and who stayed and why.

        Their open tasks go to the backlog first. An agent with mail stays unless
        `throw_away_mail`; one whose turn runs always stays.
        """
        ended = {AgentState.STOPPED, AgentState.ERROR}
        gone: list[Agent] = []
        stayed: list[tuple[Agent, str]] = []
        for agent in self._agents.all():
            if not everyone and agent.state not in ended:
                continue
            answer = self._forget(agent, throw_away_mail=throw_away_mail)
            if answer in {"deleted", "missing"}:
                gone.append(agent)
            else:
                stayed.append((agent, answer))
        return gone, stayed

    def reclaim(self, *, to: str | None = None, to_backlog: bool = False, of: str | None = None) -> list[Reclaimed]:
        """The mail of agents that are stopped or in error: moved to an agent, its tasks to the backlog, or only listed."""
        dead = [agent for agent in self._agents.all() if agent.state in {AgentState.STOPPED, AgentState.ERROR}]
        if of is not None:
            chosen = self._agents.find(of)
            if chosen.state not in {AgentState.STOPPED, AgentState.ERROR}:
                raise WrongState(f"agent {chosen.name}", chosen.state.value, "reclaimed from")
            dead = [chosen]
        target = None if to is None else self._agents.find(to).id
        found: list[Reclaimed] = []
        for agent in dead:
            for source, entry, message in self._desk.store.mail.entries(agent.id, 10_000):
                if message is None:
                    continue
                found.append(self._reclaim_one(agent, source, entry, message, target, to_backlog=to_backlog))
        return found

    def orphans(self) -> list[Reclaimed]:
        """Open tasks whose agent is gone, stopped for good, or in error."""
        found: list[Reclaimed] = []
        agents = {agent.id: agent for agent in self._agents.all()}
        for state in (TaskState.ASSIGNED, TaskState.RUNNING):
            for task in self._tasks.matching(state, limit=100_000):
                agent = agents.get(task.assigned_to) if task.assigned_to is not None else None
                if agent is None or agent.state is AgentState.ERROR or (agent.state is AgentState.STOPPED and not agent.is_wakeable):
                    found.append(Reclaimed(agent=_missing(task) if agent is None else agent, task=task))
        return found

    def rescue_orphans(
        self, *, to_backlog: bool = False, cancel: bool = False, delete: bool = False, to: str | None = None
    ) -> list[Reclaimed]:
        """Do something about orphans: to the backlog, to an agent, cancelled or deleted; else only list them."""
        done: list[Reclaimed] = []
        for orphan in self.orphans():
            assert orphan.task is not None
            went = "listed"
            if to_backlog or to is not None:
                self._tasks.requeue(orphan.task.id, None if to_backlog else to)
                went = "to the backlog" if to_backlog else f"to {to}"
            elif cancel:
                self._tasks.cancel(orphan.task.id, f"its agent {orphan.agent.name} is {orphan.agent.state}")
                went = "cancelled"
            elif delete:
                cancelled = self._tasks.cancel(orphan.task.id, "deleted")
                self._desk.store.tasks.delete(cancelled)
                went = "deleted"
            done.append(msgspec.structs.replace(orphan, went=went))
        return done

    def _reap(self, agent: AgentId) -> bool:
        """Reap one turn; an agent whose record is damaged must not keep the others waiting."""
        try:
            return self._turns.reap(agent)
        except (RecordUnreadable, RecordChanged):
            return False

    def _finish_draining(self) -> None:
        """Stop agents that were to stop after their last turn, and whose last turn is over."""
        store = self._desk.store
        draining = store.agents.get_readable(store.agents.ids_in(AgentState.DRAINING))
        for agent, turn in zip(draining, store.turns.info([agent.id for agent in draining]), strict=True):
            if turn.state != "idle" or (turn.waiting and not turn.hold):
                continue
            reason = StopReason.REQUESTED if agent.stop_reason is None else agent.stop_reason
            after = agent.moved(AgentState.STOPPED, self._desk.now(), stop_reason=reason, current_task=None)
            hold = "stopped" if reason is StopReason.REQUESTED else "="
            store.agents.change(agent, after, hold=hold, quiet=True, event=agent_moved(agent, after, EventKind.AGENT_STOPPED))

    def _reclaim_one(
        self, agent: Agent, source: str, entry: bytes, message: Message, target: AgentId | None, *, to_backlog: bool
    ) -> Reclaimed:
        mail = self._desk.store.mail
        is_task = message.type is Kind.TASK_ASSIGN and isinstance(message.task_id, str)
        task = self._desk.store.tasks.get(message.task_id) if is_task else None  # type: ignore[arg-type]
        owned = task is not None and not task.state.is_terminal and task.assigned_to == agent.id
        went = "listed"
        if is_task and not owned and (to_backlog or target is not None):
            mail.settle(source, entry, message, agent.id, "the task is no longer its")
            went = "settled: the task has ended, or is another's"
        elif to_backlog and message.type in {Kind.TASK, Kind.TASK_ASSIGN}:
            if task is not None:
                task = self._tasks.requeue(task.id)
            else:
                task = self._tasks.new(message.body, by=message.sender)
                self._desk.store.tasks.add(task)
            mail.settle(source, entry, message, agent.id, "reclaimed to the backlog")
            went = "to the backlog"
        elif target is not None:
            if task is not None:
                task = self._tasks.requeue(task.id, target)
                mail.settle(source, entry, message, agent.id, "reclaimed")
            else:
                mail.move(source, entry, msgspec.structs.replace(message, recipient=target), agent.id)
            went = "moved"
        return Reclaimed(agent=agent, message=message, task=task, went=went)

    def _forget(self, agent: Agent, *, throw_away_mail: bool) -> str:
        for _ in range(RETRIES):
            fresh = self._desk.store.agents.get(agent.id)
            if fresh is None:
                return "missing"
            if self._desk.store.turns.info([agent.id])[0].state == "running":
                return "running"
            entries = self._desk.store.mail.entries(agent.id, 10_000, dead=True)
            if not throw_away_mail and any(self._is_kept(agent, source, message) for source, _, message in entries):
                return "mail"
            for task in self._desk.store.tasks.open_of(agent.id):
                self._tasks.requeue(task)
            for source, entry, message in entries:  # what the mail of a task says, the backlog says by now
                self._desk.store.mail.settle(source, entry, message, agent.id, "thrown away with its agent")
            answer = self._desk.store.agents.delete(self._agents.get(agent.id), throw_away_mail=throw_away_mail)
            if answer not in {"stale", "tasks"}:
                return answer
        return "busy"

    def _is_kept(self, agent: Agent, source: str, message: Message | None) -> bool:
        """Would it be lost with its agent? Mail of a task would not: the task goes to the backlog."""
        return source == self._desk.store.keys.dead(agent.id) or message is None or message.type is not Kind.TASK_ASSIGN


def _missing(task: Task) -> Agent:
    gone = SUPERVISOR_ID if task.assigned_to is None else task.assigned_to
    at = task.updated_at
    return Agent(id=gone, name="(missing)", cli="", state=AgentState.STOPPED, created_at=at, last_heartbeat=at, last_active_at=at)
