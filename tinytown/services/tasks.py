"""Tasks: giving them to agents, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.event import EventKind, task_assigned, task_ended
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId, new_task_id
from tinytown.domain.message import Kind
from tinytown.domain.task import Task, TaskState, mended, task_description
from tinytown.domain.verdict import Verdict
from tinytown.errors import AgentNotFound, InvalidValue, KeyReused, RecordChanged, StaleTurn, TaskNotFound
from tinytown.services.agents import AgentService
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.routing import pick
from tinytown.services.task_reading import TaskReader
from tinytown.services.task_steps import as_seen, judged, own, verdict_in, without

__all__ = ["AUTO", "Completion", "TaskService"]

AUTO = "auto"
"""In place of an agent: whoever fits, by role and load."""

Step = Callable[[Task], Task]


class Completion(msgspec.Struct, frozen=True, kw_only=True):
    """A task that was completed, and the agent that had it, as the same step left it."""

    task: Task
    agent: Agent | None = None
    cleared_current_task: bool = False
    """Whether the agent's pointer to what it is at led here until then."""


class TaskService(TaskReader):
    """Everything that is done to tasks that somebody is meant for.

    What changes a task takes the version that the caller has seen as `expected`: a
    task that has changed since is left alone (`VersionMismatch`).
    """

    def __init__(self, desk: Desk, agents: AgentService) -> None:
        super().__init__(desk)
        self._agents = agents

    def assign(
        self,
        agent: str,
        description: str,
        *,
        by: AgentId = SUPERVISOR_ID,
        tags: Sequence[str] = (),
        parent: str | None = None,
        max_attempts: int | None = None,
        identity: TaskId | None = None,
    ) -> Task:
        """Store a task for an agent, or for whoever fits (`auto`), and have it delivered.

        The task is `pending` when this returns; a moment later it is in the mailbox.
        With `identity`, an id that the caller made, doing it again is harmless.

        Raises:
            AgentNotFound: there is no such agent, or it is the supervisor, who does no tasks.
            InvalidValue: the text is empty or too long.
            TaskNotFound: there is no such parent.
            KeyReused: the identity is that of another task.
        """
        wanted = self.wanted(agent)
        above = None if parent is None else self.find(parent).id
        task = self.new(description, by=by, tags=tags, parent=above, max_attempts=max_attempts, wanted=wanted, identity=identity)
        return self.stored(task)

    def stored(self, task: Task) -> Task:
        """Store a new task; answers the stored one, when it had been stored before.

        Raises:
            KeyReused: another task has its id.
        """
        if self._store.add(task) == "added":
            return task
        known = self.get(task.id)
        if (known.description, known.tags, known.parent_id) != (task.description, task.tags, task.parent_id):
            raise KeyReused
        return known

    def new(
        self,
        description: str,
        *,
        by: AgentId = SUPERVISOR_ID,
        tags: Sequence[str] = (),
        parent: TaskId | None = None,
        max_attempts: int | None = None,
        wanted: str | None = None,
        identity: TaskId | None = None,
    ) -> Task:
        """A pending task that is not stored yet."""
        if max_attempts is not None and max_attempts < 1:
            raise InvalidValue("max_attempts", "a task needs at least one attempt")
        now = self._desk.now()
        return Task(
            id=new_task_id() if identity is None else identity,
            description=task_description(description),
            wanted=wanted,
            created_by=by,
            created_at=now,
            updated_at=now,
            parent_id=parent,
            tags=tuple(dict.fromkeys(mended(tag.strip()) for tag in tags if tag.strip())),
            max_attempts=self._desk.settings.agent.max_attempts if max_attempts is None else max_attempts,
        )

    def deliver(
        self, task_id: TaskId, wanted: str | None = None, *, from_backlog: bool = False, expected: int | None = None
    ) -> Task | None:
        """Put a pending task into the mailbox it is meant for; harmless when that was done before.

        Whom it is meant for is in its record: a bell may be late, and only says where to
        look. For a task that lies in the backlog, which is meant for nobody, `wanted` says it.
        Answers None when nothing fits yet: then the sweep asks again.

        Raises:
            TaskNotFound: with `from_backlog`, the task does not lie in the backlog.
            AgentNotFound: the agent that it is meant for is gone.
        """
        for _ in range(RETRIES):
            task, named = self._desk.store.task_with_agent(task_id, None if wanted in {None, AUTO} else AgentId(str(wanted)))
            if task is not None:
                as_seen(task, expected)
            target = None if task is None or task.state is not TaskState.PENDING else wanted if from_backlog else task.wanted
            if task is None or target is None:
                return task
            if target != wanted:
                named = self._desk.store.agents.get(AgentId(target))
            agent, load = (named, None) if target != AUTO else pick(self._desk, task)
            if agent is None:
                return None if target == AUTO else self._undeliverable(task, target, from_backlog=from_backlog)
            assigned = task.assigned(agent.id, self._desk.now())
            sender = SUPERVISOR_ID if task.created_by is None else task.created_by
            message = self._desk.message(sender, agent.id, Kind.TASK_ASSIGN, task_id=task.id)
            answer = self._store.assign(
                task, assigned, message, from_backlog=from_backlog, load=load, event=task_assigned(assigned, agent, sender)
            )
            if answer.startswith("assigned"):
                return assigned
            if answer == "not in backlog":
                raise TaskNotFound(f"{task_id} in the backlog")
        raise RecordChanged(f"task {task_id}")

    def complete(
        self,
        task_id: TaskId,
        result: str = "Completed",
        *,
        by: AgentId | None = None,
        epoch: int | None = None,
        verdict: Verdict | None = None,
    ) -> Task:
        """Mark a task as done and tell the agent that asked for it; as `report`, of which it answers the task."""
        return self.report(task_id, result, by=by, epoch=epoch, verdict=verdict).task

    def report(
        self,
        task_id: TaskId,
        result: str = "Completed",
        *,
        by: AgentId | None = None,
        epoch: int | None = None,
        verdict: Verdict | None = None,
        expected: int | None = None,
    ) -> Completion:
        """Mark a task as done and tell the agent that asked for it; a review has to have a verdict.

        Raises:
            InvalidValue: it is a review of a mission and there is no verdict, or it is none and there is one.
            WrongState: it has ended already, or is not the task of the agent that reports (`by`).
            StaleTurn: the turn with that `epoch` is over.
        """
        said, now = mended(result), self._desk.now()
        return self._completed(task_id, said, lambda task: judged(own(task, by), verdict).completed(said, now, verdict), epoch, expected)

    def settle(self, task_id: TaskId, output: str, *, by: AgentId, epoch: int) -> None:
        """Mark a task as done whose program has ended well; a review has the verdict with which its output ends, if any.

        Raises:
            WrongState: it has ended already, or is not the agent's.
            StaleTurn: the turn is over.
        """
        said, now = mended(output), self._desk.now()
        self._completed(task_id, said, lambda task: own(task, by).completed(said, now, verdict_in(task, said)), epoch, None)

    def _completed(self, task_id: TaskId, result: str, step: Step, epoch: int | None, expected: int | None) -> Completion:
        done, pair = self._step(task_id, step, EventKind.TASK_COMPLETED, epoch, counts=True, expected=expected)
        self.tell_asker(done, Kind.TASK_DONE, result=result)
        if pair is None:
            return Completion(task=done)
        return Completion(task=done, agent=pair[1], cleared_current_task=pair[0].current_task == done.id)

    def fail(
        self,
        task_id: TaskId,
        why: str,
        *,
        reason: str = "reported",
        by: AgentId | None = None,
        epoch: int | None = None,
        expected: int | None = None,
    ) -> Task:
        """Give a task up and tell whoever asked for it."""
        why = mended(why)
        failed, _ = self._step(
            task_id, lambda task: own(task, by).failed(why, reason, self._desk.now()), EventKind.TASK_FAILED, epoch, expected=expected
        )
        self.tell_asker(failed, Kind.TASK_FAILED, error=why)
        return failed

    def cancel(self, task_id: TaskId, why: str = "Cancelled", *, expected: int | None = None) -> Task:
        """Drop a task that is no longer wanted; a turn that has nothing else to do is ended."""
        return self._step(
            task_id, lambda task: task.cancelled(mended(why), self._desk.now()), EventKind.TASK_FAILED, None, expected=expected
        )[0]

    def requeue(self, task_id: TaskId, to: str | None = None, *, expected: int | None = None) -> Task:
        """Take an open task from whoever has it, as `cancel` does: back to the backlog, or on to another agent."""
        wanted = None if to is None else self.wanted(to)
        return self._step(task_id, lambda task: task.requeued(self._desk.now(), wanted), None, None, expected=expected)[0]

    def returned(self, task_id: TaskId, reason: str, epoch: int | None, *, by: AgentId, counted: bool) -> None:
        """Put a task that a turn of the agent `by` did not finish back among the assigned ones."""
        task = self._store.get(task_id)
        if task is not None and task.state is TaskState.RUNNING:
            self._step(task_id, lambda task: own(task, by).returned(self._desk.now(), reason, counted=counted), None, epoch)

    def wanted(self, agent: str) -> str:
        """Whom a reference means a task for; never the supervisor, who does none."""
        if agent.strip().lower() == AUTO:
            return AUTO
        wanted = self._agents.find_id(agent)
        if wanted == SUPERVISOR_ID:
            raise AgentNotFound(agent)
        return wanted

    def _step(
        self,
        task_id: TaskId,
        step: Step,
        kind: EventKind | None,
        epoch: int | None,
        *,
        counts: bool = False,
        expected: int | None = None,
    ) -> tuple[Task, tuple[Agent, Agent] | None]:
        """Change a task, and the agent that has it where that changes too; answers both as they were stored."""
        for _ in range(RETRIES):
            task = as_seen(self.get(task_id), expected)
            changed = step(task)
            pair = self._agent_after(task, changed, counts=counts)
            event = None if kind is None else task_ended(changed, kind)
            answer = self._store.change(task, changed, epoch=epoch, agents=pair, ask=self._ask_after(task, changed), event=event)
            if answer == "changed":
                return changed, pair
            if answer == "missing":
                raise TaskNotFound(task_id)
            if answer == "turn over":
                raise StaleTurn("".join(self._desk.names({AgentId(str(task.assigned_to))}).values()), 0 if epoch is None else epoch)
        raise RecordChanged(f"task {task_id}")

    def _agent_after(self, task: Task, changed: Task, *, counts: bool) -> tuple[Agent, Agent] | None:
        """The agent that had the task, before and after it lets go of it."""
        if task.assigned_to is None or (agent := self._desk.store.agents.get(task.assigned_to)) is None:
            return None
        points_here = agent.current_task == task.id and changed.state is not TaskState.RUNNING
        if not points_here and not counts:
            return None
        return agent, without(agent, task, self._desk.now(), completed=1 if counts else 0)

    def _ask_after(self, task: Task, changed: Task) -> str:
        """What the turn that has the task is asked when the task is taken from it: to end, if that was all it had."""
        taken = task.state is TaskState.RUNNING and changed.state in {TaskState.CANCELLED, TaskState.PENDING}
        if not taken or task.assigned_to is None:
            return ""
        others = [other for other in self.current(task.assigned_to) if other.id != task.id and other.state is TaskState.RUNNING]
        return "" if others else "cancel"

    def _undeliverable(self, task: Task, target: str, *, from_backlog: bool) -> Task:
        """A task whose agent is gone goes to the backlog: it must not wait for ever for nobody."""
        if from_backlog:
            raise AgentNotFound(target)
        return self._step(task.id, lambda task: task.unwanted(self._desk.now()), None, None)[0]

    def tell_asker(self, task: Task, kind: Kind, **said: str) -> None:
        """Tell the agent that asked for a task what came of it."""
        if task.created_by in {None, SUPERVISOR_ID, task.assigned_to} or task.assigned_to is None:
            return
        self._desk.store.mail.send(self._desk.message(task.assigned_to, AgentId(str(task.created_by)), kind, task_id=task.id, **said))
