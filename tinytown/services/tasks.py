"""Tasks: giving them to agents, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from tinytown.domain.agent import Agent
from tinytown.domain.event import EventKind, task_assigned, task_ended
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId, is_id_prefix, is_uuid, new_task_id
from tinytown.domain.message import Kind
from tinytown.domain.task import OPEN_STATES, Task, TaskState, mended, task_description
from tinytown.errors import AgentNotFound, AmbiguousReference, InvalidValue, RecordChanged, StaleTurn, TaskNotFound, WrongState
from tinytown.services.agents import AgentService
from tinytown.services.awaiting import awaited
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.routing import pick

__all__ = ["AUTO", "TaskService", "without"]

AUTO = "auto"
"""In place of an agent: whoever fits, by role and load."""


class TaskService:
    """Everything that is done to tasks that somebody is meant for."""

    def __init__(self, desk: Desk, agents: AgentService) -> None:
        self._desk = desk
        self._agents = agents
        self._store = desk.store.tasks

    def assign(
        self,
        agent: str,
        description: str,
        *,
        by: AgentId = SUPERVISOR_ID,
        tags: Sequence[str] = (),
        parent: TaskId | None = None,
        max_attempts: int | None = None,
    ) -> Task:
        """Store a task for an agent, or for whoever fits (`auto`), and have it delivered.

        The task is `pending` when this returns; a moment later it is in the mailbox.

        Raises:
            AgentNotFound: there is no such agent, or it is the supervisor, who does no tasks.
            InvalidValue: the text is empty or too long.
        """
        task = self.new(description, by=by, tags=tags, parent=parent, max_attempts=max_attempts, wanted=self._wanted(agent))
        self._store.add(task)
        return task

    def new(
        self,
        description: str,
        *,
        by: AgentId = SUPERVISOR_ID,
        tags: Sequence[str] = (),
        parent: TaskId | None = None,
        max_attempts: int | None = None,
        wanted: str | None = None,
    ) -> Task:
        """A pending task that is not stored yet."""
        if max_attempts is not None and max_attempts < 1:
            raise InvalidValue("max_attempts", "a task needs at least one attempt")
        now = self._desk.now()
        return Task(
            id=new_task_id(),
            description=task_description(description),
            wanted=wanted,
            created_by=by,
            created_at=now,
            updated_at=now,
            parent_id=parent,
            tags=tuple(dict.fromkeys(mended(tag.strip()) for tag in tags if tag.strip())),
            max_attempts=self._desk.settings.agent.max_attempts if max_attempts is None else max_attempts,
        )

    def deliver(self, task_id: TaskId, wanted: str | None = None, *, from_backlog: bool = False) -> Task | None:
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
            target = None if task is None or task.state is not TaskState.PENDING else wanted if from_backlog else task.wanted
            if task is None or target is None:
                return task
            if target != wanted:
                named = self._desk.store.agents.get(AgentId(target))
            agent = pick(self._desk, task) if target == AUTO else named
            if agent is None:
                return None if target == AUTO else self._undeliverable(task, target, from_backlog=from_backlog)
            assigned = task.assigned(agent.id, self._desk.now())
            sender = SUPERVISOR_ID if task.created_by is None else task.created_by
            message = self._desk.message(sender, agent.id, Kind.TASK_ASSIGN, task_id=task.id)
            answer = self._store.assign(task, assigned, message, from_backlog=from_backlog, event=task_assigned(assigned, agent, sender))
            if answer.startswith("assigned"):
                return assigned
            if answer == "not in backlog":
                raise TaskNotFound(f"{task_id} in the backlog")
        raise RecordChanged(f"task {task_id}")

    def find(self, reference: str) -> Task:
        """The task that an id, or the beginning of one, means.

        Raises:
            TaskNotFound: none does.
            AmbiguousReference: several begin like that.
        """
        wanted = reference.strip().lower()
        if is_uuid(wanted):
            return self.get(TaskId(wanted))
        ids = self._store.ids_starting(wanted) if is_id_prefix(wanted) else []
        if len(ids) > 1:
            raise AmbiguousReference(reference, tuple(ids))
        if not ids:
            raise TaskNotFound(reference)
        return self.get(ids[0])

    def get(self, task: TaskId) -> Task:
        """The task with that id.

        Raises:
            TaskNotFound: there is none.
        """
        found = self._store.get(task)
        if found is None:
            raise TaskNotFound(task)
        return found

    def matching(
        self,
        state: TaskState | None = None,
        *,
        agent: AgentId | None = None,
        tag: str | None = None,
        limit: int = 100,
        keep: Callable[[Task], bool] = lambda _: True,
    ) -> list[Task]:
        """Up to `limit` tasks, newest first within each state, reading no more than needed."""
        states = tuple(TaskState) if state is None else (state,)
        found: list[Task] = []
        if agent is not None and set(states) <= OPEN_STATES:
            tasks = sorted(self._store.get_many(self._store.open_of(agent)), key=lambda task: task.created_at, reverse=True)
            return [task for task in tasks if task.state in states and _fits(task, agent, tag) and keep(task)][:limit]
        for one in states:
            start = 0
            while len(found) < limit:
                ids = self._store.ids_in(one, start, 500 if agent is not None or tag is not None else limit, newest_first=True)
                if not ids:
                    break
                start += len(ids)
                found += [task for task in self._store.get_many(ids) if _fits(task, agent, tag) and keep(task)]
        return found[:limit]

    def titles(self, tasks: Sequence[TaskId]) -> dict[TaskId, str]:
        """The titles of tasks, by id; those that are gone are left out."""
        return {task.id: task.title for task in self._store.get_many(tasks)}

    def count(self) -> dict[TaskState, int]:
        """How many tasks are in each state."""
        return self._store.count()

    def complete(self, task_id: TaskId, result: str = "Completed", *, by: AgentId | None = None, epoch: int | None = None) -> Task:
        """Mark a task as done and tell the agent that asked for it.

        Raises:
            WrongState: it has ended already, or is not the task of the agent that reports (`by`).
            StaleTurn: the turn with that `epoch` is over.
        """
        result = mended(result)
        done = self._end(
            task_id, lambda task: _own(task, by).completed(result, self._desk.now()), EventKind.TASK_COMPLETED, epoch, counts=True
        )
        self.tell_asker(done, Kind.TASK_DONE, result=result)
        return done

    def fail(self, task_id: TaskId, why: str, *, reason: str = "reported", by: AgentId | None = None, epoch: int | None = None) -> Task:
        """Give a task up and tell whoever asked for it."""
        why = mended(why)
        failed = self._end(task_id, lambda task: _own(task, by).failed(why, reason, self._desk.now()), EventKind.TASK_FAILED, epoch)
        self.tell_asker(failed, Kind.TASK_FAILED, error=why)
        return failed

    def cancel(self, task_id: TaskId, why: str = "Cancelled") -> Task:
        """Drop a task that is no longer wanted; a turn that has nothing else to do is ended."""
        return self._end(task_id, lambda task: task.cancelled(mended(why), self._desk.now()), EventKind.TASK_FAILED, None)

    def requeue(self, task_id: TaskId, to: str | None = None) -> Task:
        """Take an open task from whoever has it, as `cancel` does: back to the backlog, or on to another agent."""
        wanted = None if to is None else self._wanted(to)
        return self._end(task_id, lambda task: task.requeued(self._desk.now(), wanted), None, None)

    def returned(self, task_id: TaskId, reason: str, epoch: int | None, *, by: AgentId, counted: bool) -> None:
        """Put a task that a turn of the agent `by` did not finish back among the assigned ones."""
        task = self._store.get(task_id)
        if task is not None and task.state is TaskState.RUNNING:
            self._end(task_id, lambda task: _own(task, by).returned(self._desk.now(), reason, counted=counted), None, epoch)

    def current(self, agent: AgentId) -> list[Task]:
        """The tasks that an agent is at: the running ones, else those that wait in its mailbox."""
        tasks = sorted(self._store.get_many(self._store.open_of(agent)), key=lambda task: task.created_at)
        running = [task for task in tasks if task.state is TaskState.RUNNING]
        return running or tasks

    def wait(self, task_id: TaskId, timeout: timedelta | None = None) -> Task:
        """Block until a task has ended; looks again whenever something happens in the town.

        Raises:
            TimedOut: it has not ended in time.
        """

        def look() -> tuple[Task, bool]:
            task = self.get(task_id)
            return task, task.state.is_terminal

        stream = self._desk.store.events.stream()
        return awaited(self._desk, stream, look, lambda task: f"the end of task {task.short_id} (it is {task.state})", timeout)

    def _wanted(self, agent: str) -> str:
        """Whom a task is meant for; never the supervisor, who does none."""
        if agent.strip().lower() == AUTO:
            return AUTO
        wanted = self._agents.find_id(agent)
        if wanted == SUPERVISOR_ID:
            raise AgentNotFound(agent)
        return wanted

    def _end(
        self, task_id: TaskId, step: Callable[[Task], Task], kind: EventKind | None, epoch: int | None, *, counts: bool = False
    ) -> Task:
        for _ in range(RETRIES):
            task = self.get(task_id)
            changed = step(task)
            pair = self._agent_after(task, changed, counts=counts)
            event = None if kind is None else task_ended(changed, kind)
            answer = self._store.change(task, changed, epoch=epoch, agents=pair, ask=self._ask_after(task, changed), event=event)
            if answer == "changed":
                return changed
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
        return self._end(task.id, lambda task: task.unwanted(self._desk.now()), None, None)

    def tell_asker(self, task: Task, kind: Kind, **said: str) -> None:
        """Tell the agent that asked for a task what came of it."""
        if task.created_by in {None, SUPERVISOR_ID, task.assigned_to} or task.assigned_to is None:
            return
        self._desk.store.mail.send(self._desk.message(task.assigned_to, AgentId(str(task.created_by)), kind, task_id=task.id, **said))


def without(agent: Agent, task: Task, at: datetime, *, completed: int) -> Agent:
    """The agent when it lets go of a task that is no longer running."""
    current = None if agent.current_task == task.id else agent.current_task
    return agent.changed(at, tasks_completed=agent.tasks_completed + completed, current_task=current)


def _own(task: Task, by: AgentId | None) -> Task:
    """The task, unless somebody reports on one that is another's by now."""
    if by not in {None, task.assigned_to}:
        raise WrongState(f"task {task.short_id}", f"{task.state.value} and not yours", "reported by you")
    return task


def _fits(task: Task, agent: AgentId | None, tag: str | None) -> bool:
    return (agent is None or task.assigned_to == agent) and (tag is None or tag in task.tags)
