"""Recovery: finding work that nobody is at, and bringing it back; forgetting what is old."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import msgspec

from tinytown.clock import to_ms
from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.event import EventKind, agent_moved
from tinytown.domain.ids import AgentId
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import TaskState
from tinytown.errors import RecordChanged, RecordUnreadable, TaskNotFound, WrongState
from tinytown.patience import patience
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.reclaiming import Reclaimer
from tinytown.services.task_upkeep import keep_ordered
from tinytown.services.tasks import AUTO, TaskService
from tinytown.services.turns import TurnService

__all__ = ["RecoveryService", "Swept"]

HANGS_AFTER = 2  # seconds for an answer at once
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


class RecoveryService(Reclaimer):
    """Sweeps, reclaims and forgets; all of it is safe to do twice, or by two at once."""

    def __init__(self, desk: Desk, agents: AgentService, tasks: TaskService, turns: TurnService) -> None:
        super().__init__(desk, agents, tasks)
        self._turns = turns

    def sweep(self) -> Swept:
        """Bring back turns whose lease ran out; ring again where a bell got no answer.

        Raises:
            RedisUnavailable: it hangs. What it says afterwards is no proof of death: meanwhile nobody could renew a lease.
        """
        store = self._desk.store
        with patience(HANGS_AFTER):
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

    def stop_idle(self, agents: set[AgentId], worker: str | None = None) -> list[AgentId]:
        """Move agents whose worker goes for want of work from idle through draining to stopped; mail wakes them.

        Args:
            agents: those that it hosted.
            worker: whose they must still be: who had its last turn elsewhere is another's by now.
        """
        stopped: list[AgentId] = []
        hosted = sorted(agents)
        turns = self._desk.store.turns.info(hosted)
        for agent_id in [agent for agent, turn in zip(hosted, turns, strict=True) if worker in {None, turn.worker}]:
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

    def keep_ordered(self) -> int:
        """Give a place to tasks of an older version, which has kept none; answers how many places had to be mended."""
        return keep_ordered(self._desk)

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
                with suppress(WrongState, TaskNotFound):  # it ended in this moment
                    self._tasks.requeue(task)
            for source, entry, message in entries:  # what the mail of a task says, the backlog says by now
                self._desk.store.mail.settle(source, entry, message, agent.id, "thrown away with its agent")
            last = self._desk.store.agents.get(agent.id)
            answer = "missing" if last is None else self._desk.store.agents.delete(last, throw_away_mail=throw_away_mail)
            if answer not in {"stale", "tasks"}:
                return answer
        return "busy"

    def _is_kept(self, agent: Agent, source: str, message: Message | None) -> bool:
        """Would it be lost with its agent? Mail of a task would not: the task goes to the backlog."""
        return source == self._desk.store.keys.dead(agent.id) or message is None or message.type is not Kind.TASK_ASSIGN
