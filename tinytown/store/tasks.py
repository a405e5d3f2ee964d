"""Tasks in Redis: their records, the backlog, and who is in which state."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.domain.agent import Agent
from tinytown.domain.event import Event
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.message import Message
from tinytown.domain.task import Task, TaskState
from tinytown.store.agents import readable, streams_of
from tinytown.store.bells import ANSWER_MS, assign_task_bell, mission_bell, run_agent_bell
from tinytown.store.connection import Arg, Connection, text
from tinytown.store.keys import Keys
from tinytown.store.records import decode_task, encode, event_args, read, read_many, readable_only
from tinytown.store.scripts import Scripts

__all__ = ["TaskStore"]


class TaskStore:
    """Reads and writes tasks; each write compares versions first."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def get(self, task: TaskId) -> Task | None:
        """The task with that id."""
        key = self._keys.task(task)
        raw = read(self._connection, key)
        return None if raw is None else decode_task(raw, key)

    def get_many(self, tasks: Sequence[TaskId]) -> list[Task]:
        """The tasks with those ids, in order; those that are gone are left out."""
        keys = [self._keys.task(task) for task in tasks]
        return [decode_task(raw, key) for key, raw in zip(keys, read_many(self._connection, keys), strict=True) if raw is not None]

    def get_readable(self, tasks: Sequence[TaskId]) -> list[Task]:
        """As `get_many`, without those whose records are damaged."""
        return readable_only(self.get_many, tasks)

    def ids_starting(self, prefix: str, limit: int = 10) -> list[TaskId]:
        """The ids that begin with the given characters."""
        found = self._connection.call("ZRANGEBYLEX", self._keys.task_ids, f"[{prefix}", f"[{prefix}\xff", "LIMIT", 0, limit)
        return [TaskId(text(raw)) for raw in found]

    def ids_in(self, state: TaskState, start: int = 0, count: int = 100, *, newest_first: bool = False) -> list[TaskId]:
        """Ids of tasks in a state, by when they entered it, `count` from place `start` on."""
        verb = "ZREVRANGE" if newest_first else "ZRANGE"
        return [TaskId(text(raw)) for raw in self._connection.call(verb, self._keys.tasks_in(state), start, start + count - 1)]

    def ids_in_since(self, state: TaskState, before_ms: int, count: int) -> list[TaskId]:
        """Ids of tasks that entered a state before a moment (milliseconds), the longest ago first."""
        found = self._connection.call("ZRANGEBYSCORE", self._keys.tasks_in(state), "-inf", before_ms, "LIMIT", 0, count)
        return [TaskId(text(raw)) for raw in found]

    def open_of(self, agent: AgentId) -> list[TaskId]:
        """Ids of the open tasks that an agent has."""
        return [TaskId(text(raw)) for raw in self._connection.call("SMEMBERS", self._keys.open_tasks(agent))]

    def some_open_of(self, agent: AgentId, count: int) -> list[TaskId]:
        """Ids of up to so many of the open tasks that an agent has, whichever."""
        return [TaskId(text(raw)) for raw in self._connection.call("SRANDMEMBER", self._keys.open_tasks(agent), count)]

    def count(self) -> dict[TaskState, int]:
        """How many tasks are in each state; states without any are there too."""
        states = list(TaskState)
        return dict(zip(states, self._connection.calls([("ZCARD", self._keys.tasks_in(state)) for state in states]), strict=True))

    def count_open_of(self, agents: Sequence[AgentId]) -> list[int]:
        """How many open tasks each of the agents has."""
        return self._connection.calls([("SCARD", self._keys.open_tasks(agent)) for agent in agents]) if agents else []

    def backlog(self, start: int = 0, count: int = 100) -> list[TaskId]:
        """Ids in the backlog, oldest first."""
        return [TaskId(text(raw)) for raw in self._connection.call("LRANGE", self._keys.backlog, start, start + count - 1)]

    def backlog_length(self) -> int:
        """How many tasks the backlog has."""
        return int(self._connection.call("LLEN", self._keys.backlog))

    def overdue_assignments(self, now_ms: int, count: int) -> list[TaskId]:
        """Ids of pending tasks whose assignment should have come by now."""
        found = self._connection.call("ZRANGEBYSCORE", self._keys.assignments, "-inf", now_ms, "LIMIT", 0, count)
        return [TaskId(text(raw)) for raw in found]

    def asked_before(self, task: TaskId, count: int = 64) -> list[TaskId]:
        """Ids of pending tasks whose assignment was asked for before this one's, the longest ago first; so many at most."""
        asked = [TaskId(text(raw)) for raw in self._connection.call("ZRANGE", self._keys.assignments, 0, count - 1)]
        return asked[: asked.index(task)] if task in asked else asked

    def add(self, task: Task) -> str:
        """Store a new pending task: in the backlog, or with its assignment rung for."""
        keys = self._keys
        bell = assign_task_bell(task.id, "auto" if task.wanted is None else task.wanted)
        return self._scripts.word(
            "add_task",
            [
                keys.task(task.id), keys.task_ids, keys.tasks_in(task.state), keys.backlog, keys.assignments, keys.assignment_bells,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.tasks_created, keys.mission_tasks(task.mission_id),
            ],
            [
                task.id, encode(task), "" if task.wanted is None else bell.id, bell.body, ANSWER_MS,
                "0" if task.mission_id is None else "1",
            ],
        )  # fmt: skip

    def assign(self, old: Task, new: Task, message: Message, *, from_backlog: bool, load: int | None = None, event: Event | None) -> str:
        """Move a pending task into its agent's mailbox; answers as `assign_task.lua`.

        With `load`, only if the agent has no more open tasks than that: it was chosen for having few.
        """
        keys, agent = self._keys, message.recipient
        streams, limits = streams_of(keys, event)
        bell = run_agent_bell(agent)
        answer = self._scripts.word(
            "assign_task",
            [
                keys.task(old.id), keys.tasks_in(old.state), keys.tasks_in(new.state), keys.backlog, keys.assignments,
                keys.assignment_bells, keys.open_tasks(agent), keys.agent(agent), keys.inbox(agent), keys.turn(agent), keys.due,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.receipts, keys.counters, keys.demand, keys.ready,
                *streams,
            ],
            [
                old.id, old.version, encode(new), agent, message.id, encode(message), "1" if from_backlog else "0",
                *bell.args, "" if load is None else load, *event_args(event, limits),
            ],
        )  # fmt: skip
        return readable(answer, keys.task(old.id))

    def change(
        self,
        old: Task,
        new: Task,
        *,
        epoch: int | None = None,
        agents: tuple[Agent, Agent] | None = None,
        ask: str = "",
        event: Event | None = None,
    ) -> str:
        """Store the next version of a task, and of its agent where that changes too.

        `epoch` fences: a turn that is over changes nothing; `ask` is for the turn
        that runs. Answers as `change_task.lua`.
        """
        answer = self._scripts.word("change_task", *self._change(old, new, epoch, agents, event, ask=ask))
        return readable(answer, self._keys.task(old.id))

    def change_many(
        self, changes: Sequence[tuple[Task, Task, tuple[Agent, Agent], Event]], epoch: int, *, beside: Sequence[Sequence[Arg]] = ()
    ) -> list[str]:
        """Store the next versions of several tasks of a turn, one after the other; answers each as `change`.

        `beside` are plain commands that go with the same request.
        """
        calls = [self._change(old, new, epoch, agents, event) for old, new, agents, event in changes]
        return [text(reply) for reply in self._scripts.run_many("change_task", calls, beside=beside)]

    def _change(
        self, old: Task, new: Task, epoch: int | None, agents: tuple[Agent, Agent] | None, event: Event | None, *, ask: str = ""
    ) -> tuple[list[str], list[Arg]]:
        """The keys and arguments of `change_task.lua`."""
        keys = self._keys
        holder = SUPERVISOR_ID if old.assigned_to is None else old.assigned_to
        streams, limits = streams_of(keys, event)
        bell = assign_task_bell(new.id, "auto" if new.wanted is None else new.wanted)
        waits = "none" if new.state is not TaskState.PENDING else "backlog" if new.wanted is None else "assign"
        return (
            [
                keys.task(old.id), keys.tasks_in(old.state), keys.tasks_in(new.state), keys.open_tasks(holder), keys.agent(holder),
                keys.turn(holder), keys.counters, keys.backlog, keys.assignments, keys.assignment_bells,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.mission_bells,
                keys.mission_tasks(new.mission_id), *streams,
            ],
            [
                old.id, old.version, encode(new), "" if epoch is None else epoch,
                "" if agents is None else agents[0].version, "" if agents is None else encode(agents[1]),
                "1" if new.assigned_to == old.assigned_to and not new.state.is_terminal else "0",
                new.state.value if new.state.is_terminal else "", waits,
                "1" if old.state is TaskState.PENDING else "0", *bell.args, ask, *mission_bell(new.mission_id), *event_args(event, limits),
            ],
        )  # fmt: skip

    def delete(self, task: Task) -> str:
        """Forget a task; answers as `delete_task.lua`."""
        keys = self._keys
        holder = SUPERVISOR_ID if task.assigned_to is None else task.assigned_to
        answer = self._scripts.word(
            "delete_task",
            [
                keys.task(task.id), keys.task_ids, keys.tasks_in(task.state), keys.backlog, keys.assignments, keys.assignment_bells,
                keys.open_tasks(holder), keys.tasks_created, keys.mission_tasks(task.mission_id),
            ],
            [task.id, task.version],
        )  # fmt: skip
        return readable(answer, keys.task(task.id))

    def ring_again(self, task: TaskId, wanted: str) -> str:
        """Ring for a task whose assignment never came; answers as `ring_assignment.lua`."""
        keys = self._keys
        bell = assign_task_bell(task, wanted)
        return self._scripts.word(
            "ring_assignment",
            [
                keys.tasks_in(TaskState.PENDING), keys.assignments, keys.assignment_bells, keys.bell_messages(bell.queue),
                keys.bell_queue(bell.queue),
            ],
            [task, *bell.args],
        )  # fmt: skip
