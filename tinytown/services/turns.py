"""Turns: taking the lease on an agent, settling its mail, and reaping turns that died."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec

from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.event import Event, EventKind, agent_moved
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId, TaskId
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import Task, TaskState
from tinytown.domain.turn import COMPLETED, SKIPPED, TurnReason
from tinytown.errors import RecordChanged, StaleTurn, TaskNotFound, WrongState
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.tasks import TaskService
from tinytown.store.turns import Batch, TurnInfo

__all__ = ["Ending", "Turn", "TurnService"]


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A turn that has the lease: the agent, the fencing token, and the mail in its hands.

    `agent` is as the turn wrote it last; `tasks` are those of the mail that are
    the agent's and open, by id.
    """

    agent: Agent
    epoch: int
    failures: int
    mail: tuple[tuple[Message, int], ...]
    tasks: dict[TaskId, Task] = {}


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a turn ends: why it failed if it did, and which messages go back to the mailbox."""

    reason: TurnReason | None = None
    detail: str = ""
    returned: tuple[MessageId, ...] = ()
    retry_after: timedelta | None = None
    ran: bool = True
    closing: bool = False

    @property
    def counts(self) -> bool:
        """Is an attempt counted on what goes back?"""
        return self.ran and self.reason not in {
            TurnReason.CANCELLED,
            TurnReason.RATE_LIMITED,
            TurnReason.LOST_LEASE,
            TurnReason.NOT_FOUND,
        }

    @property
    def outcome(self) -> str:
        """What the turn is counted by: its reason, else whether there was anything to run."""
        if self.reason is not None:
            return self.reason.value
        return COMPLETED if self.ran else SKIPPED


class TurnService:
    """Begins and ends turns; all that a turn may change goes through its epoch."""

    def __init__(self, desk: Desk, tasks: TaskService) -> None:
        self._desk = desk
        self._tasks = tasks
        self._store = desk.store.turns

    def begin(self, agent_id: AgentId, worker: str, *, messages: int, known: Agent | None = None) -> Turn | None:
        """Take the lease and up to `messages` messages; None when there is nothing to do, or another has it.

        Args:
            known: the agent as it was read a moment ago, to save reading it again.
        """
        settings = self._desk.settings.agent
        agent = self._desk.store.agents.get(agent_id) if known is None else known
        for _ in range(RETRIES):
            if agent is None:
                return None
            working = self._working(agent)
            if working is None:
                return None
            batch = self._store.begin(
                agent,
                working,
                worker=worker,
                lease=timedelta(seconds=settings.lease_secs),
                messages=messages,
                size=settings.batch_bytes,
                event=None if agent.state is working.state else agent_moved(agent, working),
            )
            if isinstance(batch, Batch):
                return Turn(
                    agent=working, epoch=batch.epoch, failures=batch.failures, mail=batch.mail, tasks=self._tasks_of(working, batch)
                )
            if batch == "dead":
                self.reap(agent_id)
            elif batch != "stale":
                return None
            agent = self._desk.store.agents.get(agent_id)
        raise RecordChanged(f"agent {agent_id}")

    def start(self, turn: Turn, tasks: Sequence[TaskId]) -> Turn:
        """Mark tasks of the turn as running; those that are no longer the agent's are left out.

        A task that is running already was started by this turn, whose request
        was answered by nobody: only who has the lease can start one.

        Raises:
            StaleTurn: the turn is over.
        """
        agent: Agent | None = turn.agent
        found = {task: turn.tasks[task] for task in tasks}
        for _ in range(RETRIES):
            if agent is None:
                raise StaleTurn(turn.agent.name, turn.epoch)
            now = self._desk.now()
            mine = [task for task in found.values() if task.assigned_to == agent.id]
            pairs = [(task, task.started(now)) for task in mine if task.state is TaskState.ASSIGNED]
            running = {task.id: task for task in mine if task.state is TaskState.RUNNING} | {new.id: new for _, new in pairs}
            changed = agent.changed(now, current_task=next(iter(running), None))
            answer = self._store.start((agent, changed), pairs, turn.epoch)
            if answer == "started":
                return msgspec.structs.replace(turn, agent=changed, tasks=running)
            if answer == "turn over":
                raise StaleTurn(turn.agent.name, turn.epoch)
            agent = self._desk.store.agents.get(turn.agent.id)
            found = {task.id: task for task in self._desk.store.tasks.get_many(list(tasks))}
        raise RecordChanged(f"agent {turn.agent.name}")

    def end(self, turn: Turn, ending: Ending) -> Agent | None:
        """Settle the mail of the turn and give up the lease; None when the turn was over already."""
        for task in turn.tasks:
            reason = TurnReason.UNFINISHED if ending.reason is None else ending.reason
            self._return_task(task, reason, turn.agent.id, turn.epoch, counted=ending.counts)
        agent: Agent | None = turn.agent
        for _ in range(RETRIES):
            if agent is None:
                return None
            is_plain = agent.state is AgentState.WORKING and not ending.closing  # then what the turn says is of no account
            info = TurnInfo() if is_plain else self._store.info([agent.id])[0]
            after, hold, only_when_empty = self._after(agent, info, ending)
            answer = self._store.end(
                agent,
                after,
                epoch=turn.epoch,
                hold=hold,
                only_when_empty=only_when_empty,
                returned=ending.returned,
                count_attempt=ending.counts,
                backoff=self._backoff(turn, ending),
                failed=ending.counts and ending.reason is not None,
                reason="" if ending.reason is None else ending.reason.value,
                outcome=ending.outcome,
                event=self._ended(agent, after, ending),
            )
            if answer.startswith("ended"):
                return after
            if answer in {"turn over", "missing"}:
                return None
            agent = self._desk.store.agents.get(turn.agent.id)
        raise RecordChanged(f"agent {turn.agent.name}")

    def bury(self, turn: Turn, message: Message, why: str, detail: str = "", *, attempts: int) -> bool:
        """Give up a message after so many attempts; its task fails, whoever asked and the supervisor are told.

        Answers False when the turn is over; burying twice is harmless.
        """
        for _ in range(RETRIES):
            task = self._desk.store.tasks.get(message.task_id) if isinstance(message.task_id, str) else None
            open_task = None if task is None or task.state.is_terminal or task.assigned_to != turn.agent.id else task
            text = f"given up after too many attempts ({why}): {detail}" if detail else f"given up after too many attempts ({why})"
            failed = None if open_task is None else (open_task, open_task.failed(text, why, self._desk.now()))
            answer = self._store.bury(
                turn.agent.id,
                message.id,
                why,
                self._notice(turn.agent, message, open_task, text),
                attempts=attempts,
                epoch=turn.epoch,
                task=failed,
                event=self._escalated(turn.agent, message, open_task, text),
            )
            if answer == "buried" and failed is not None:
                self._tasks.tell_asker(failed[1], Kind.TASK_FAILED, error=text)
            if answer != "stale":
                return answer != "turn over"
        raise RecordChanged(f"message {message.id}")

    def reap(self, agent_id: AgentId) -> bool:
        """Take everything back from a turn whose lease ran out; False when its lease is alive, or none runs."""
        epoch = self._store.fence(agent_id)
        if epoch <= 0:
            return False
        for task in self._desk.store.tasks.get_readable(self._desk.store.tasks.open_of(agent_id)):
            if task.state is TaskState.RUNNING:
                self._return_task(task.id, TurnReason.WORKER_LOST, agent_id, epoch, counted=True)
        for _ in range(RETRIES):
            agent = self._desk.store.agents.get(agent_id)
            if agent is None:
                return False
            after, hold = self._reaped(agent, self._store.info([agent_id])[0])
            lost = f"{agent.name}: the worker of turn {epoch - 1} was lost; its mail is back"
            event = agent_moved(agent, after, EventKind.AGENT_FAILED, lost)
            answer = self._store.reap(agent, after, epoch=epoch, hold=hold, event=event)
            if answer != "stale":
                return answer.startswith("reaped")
        raise RecordChanged(f"agent {agent_id}")

    def _working(self, agent: Agent) -> Agent | None:
        now = self._desk.now()
        closing = agent.state is AgentState.DRAINING and agent.stop_reason is not StopReason.IDLE_TIMEOUT
        if closing or agent.state is AgentState.WORKING:
            return agent.changed(now, last_active_at=now)
        try:
            return agent.moved(AgentState.WORKING, now, last_active_at=now)
        except WrongState:
            return None

    def _tasks_of(self, agent: Agent, batch: Batch) -> dict[TaskId, Task]:
        ids = [message.task_id for message, _ in batch.mail if message.type is Kind.TASK_ASSIGN and isinstance(message.task_id, str)]
        tasks = self._desk.store.tasks.get_readable(ids)
        return {task.id: task for task in tasks if not task.state.is_terminal and task.assigned_to == agent.id}

    def _return_task(self, task: TaskId, reason: TurnReason, agent: AgentId, epoch: int, *, counted: bool) -> None:
        """Put a task back, unless somebody else has moved it on, or the turn is over: then it is not ours to do."""
        with suppress(WrongState, TaskNotFound, StaleTurn):
            self._tasks.returned(task, reason.value, epoch, by=agent, counted=counted)

    def _after(self, agent: Agent, info: TurnInfo, ending: Ending) -> tuple[Agent, str, bool]:
        """The agent after its turn, the hold on its mail, and whether its mailbox must be empty for that."""
        now = self._desk.now()
        rounds = agent.rounds_completed + (1 if ending.ran else 0)
        seen: dict[str, object] = {"rounds_completed": rounds, "last_active_at": now, "current_task": None, "workers_lost": 0}
        if agent.state is AgentState.PAUSED:
            return agent.changed(now, **seen), "=", False
        if ending.reason is TurnReason.NOT_FOUND:
            return agent.moved(AgentState.ERROR, now, error=ending.detail, **seen), "error", False
        draining = agent.state is AgentState.DRAINING
        if draining and info.hold:
            return agent.moved(AgentState.STOPPED, now, stop_reason=StopReason.REQUESTED, **seen), "stopped", False
        if agent.max_rounds and rounds >= agent.max_rounds:
            return agent.moved(AgentState.STOPPED, now, stop_reason=StopReason.MAX_ROUNDS, **seen), "stopped", False
        if (draining or ending.closing) and not info.waiting and not ending.returned:
            return agent.moved(AgentState.STOPPED, now, stop_reason=StopReason.REQUESTED, **seen), "stopped", True
        if draining:
            return agent.changed(now, **seen), "=", False
        if ending.closing:
            return agent.moved(AgentState.DRAINING, now, **seen), "=", False
        return agent.moved(AgentState.IDLE, now, **seen) if agent.state is AgentState.WORKING else agent.changed(now, **seen), "=", False

    def _reaped(self, agent: Agent, info: TurnInfo) -> tuple[Agent, str]:
        now = self._desk.now()
        seen: dict[str, object] = {"current_task": None, "workers_lost": agent.workers_lost + 1}
        if agent.state is AgentState.WORKING:
            return agent.moved(AgentState.IDLE, now, **seen), "="
        if agent.state is AgentState.DRAINING and info.hold:
            return agent.moved(AgentState.STOPPED, now, stop_reason=StopReason.REQUESTED, **seen), "stopped"
        return agent.changed(now, **seen), "="

    def _backoff(self, turn: Turn, ending: Ending) -> timedelta:
        settings = self._desk.settings.agent
        if ending.reason is TurnReason.RATE_LIMITED:
            return timedelta(seconds=60) if ending.retry_after is None else ending.retry_after
        if not ending.counts or ending.reason in {None, TurnReason.UNFINISHED}:
            return timedelta(0)
        return timedelta(seconds=min(settings.backoff_max_secs, settings.backoff_secs * 2 ** min(turn.failures, 16)))

    def _ended(self, agent: Agent, after: Agent, ending: Ending) -> Event:
        if ending.reason is not None:
            why = f"{ending.reason.value}: {ending.detail}" if ending.detail else ending.reason.value
            return agent_moved(agent, after, EventKind.AGENT_FAILED, f"{agent.name}: the turn failed ({why})")
        kind = EventKind.AGENT_STOPPED if after.state is AgentState.STOPPED else EventKind.AGENT_COMPLETED
        return agent_moved(agent, after, kind, f"{agent.name}: the turn ended")

    def _notice(self, agent: Agent, message: Message, task: Task | None, text: str) -> Message:
        if task is not None:
            return self._desk.message(agent.id, SUPERVISOR_ID, Kind.TASK_FAILED, task_id=task.id, error=text)
        return self._desk.message(agent.id, SUPERVISOR_ID, Kind.INFORMATIONAL, summary=f"{text}: {message.summarised()}")

    def _escalated(self, agent: Agent, message: Message, task: Task | None, text: str) -> Event:
        return Event(
            event_type=EventKind.CONDUCTOR_ESCALATION if task is None else EventKind.TASK_FAILED,
            message=f"{agent.name}: {text}"[:400],
            timestamp=self._desk.now(),
            agent_id=agent.id,
            task_id=None if task is None else task.id,
            scope=message.id,
        )
