"""The whole town in a few round trips: counts, processes, and a bounded number of agents."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, TaskId
from tinytown.domain.task import Task, TaskState
from tinytown.domain.worker import Worker
from tinytown.store.connection import Arg, Connection, Reply, text
from tinytown.store.keys import Keys
from tinytown.store.records import decode_agent, decode_task, refuse_other_types
from tinytown.store.workers import workers_of

__all__ = ["Census", "CensusStore", "Resident"]

_AT_ONCE = 500
_RUNNING = 200
_LISTS = ("inbox", "urgent", "taken", "dead")

ORDER = (
    AgentState.ERROR, AgentState.WORKING, AgentState.DRAINING, AgentState.PAUSED,
    AgentState.STARTING, AgentState.IDLE, AgentState.COLD, AgentState.STOPPED,
)  # fmt: skip
"""Which states are shown first when not all agents fit."""


class Resident(msgspec.Struct, frozen=True, kw_only=True):
    """An agent with the lengths of its lists, how many open tasks it has, and which worker runs its turn."""

    agent: Agent
    inbox: int
    urgent: int
    taken: int
    dead: int
    open_tasks: int
    worker: str | None = None


class Census(msgspec.Struct, frozen=True, kw_only=True):
    """A town at a moment (`now_ms`, the server's time); `residents` and `running` may be the first of many."""

    now_ms: int
    leader: str | None
    leader_epoch: int
    workers: tuple[Worker, ...]
    agents: dict[AgentState, int]
    tasks: dict[TaskState, int]
    backlog: int
    missions: int
    """How many missions are driven."""
    supervisor: tuple[int, int, int, int]
    """How much mail the people of the town have: inbox, urgent, taken, dead."""
    residents: tuple[Resident, ...]
    running: tuple[Task, ...]


class CensusStore:
    """Reads a census: two round trips for up to 500 agents."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def take(self, limit: int | None) -> Census:
        """The town with at most `limit` of its agents, those that need attention first; None for all."""
        keys = self._keys
        last = -1 if limit is None else limit - 1
        asked: list[Sequence[Arg]] = [
            ("TIME",),
            ("GET", keys.leader),
            ("GET", keys.leader_epoch),
            ("ZRANGE", keys.workers, 0, -1),
            ("HKEYS", keys.drains),
            ("LLEN", keys.backlog),
            ("SCARD", keys.active_missions),
            ("ZREVRANGE", keys.tasks_in(TaskState.RUNNING), 0, _RUNNING - 1),
            *self._lengths(SUPERVISOR_ID),
            *(("ZCARD", keys.tasks_in(state)) for state in TaskState),
            *(("ZCARD", keys.agents_in(state)) for state in ORDER),
            *(("ZRANGE", keys.agents_in(state), 0, last) for state in ORDER),
        ]
        replies = iter(self._connection.calls(asked))
        seconds, micros = next(replies)
        leader, epoch = next(replies), next(replies)
        worker_ids, drains = _texts(next(replies)), next(replies)
        backlog, missions, running = next(replies), next(replies), _texts(next(replies))
        inbox, urgent, taken, dead = (int(next(replies)) for _ in _LISTS)
        tasks = {state: int(next(replies)) for state in TaskState}
        agents = {state: int(next(replies)) for state in ORDER}
        shown = [AgentId(one) for _ in ORDER for one in _texts(next(replies))][:limit]
        workers, working, residents = self._details(worker_ids, [TaskId(one) for one in running], shown)
        return Census(
            now_ms=int(seconds) * 1000 + int(micros) // 1000,
            leader=None if leader is None else text(leader),
            leader_epoch=int(epoch or 0),
            workers=tuple(workers_of(workers, drains)),
            agents=agents,
            tasks=tasks,
            backlog=int(backlog),
            missions=int(missions),
            supervisor=(inbox, urgent, taken, dead),
            residents=tuple(sorted(residents, key=lambda one: (ORDER.index(one.agent.state), one.agent.name))),
            running=tuple(working),
        )

    def _details(
        self, workers: list[str], tasks: list[TaskId], agents: list[AgentId]
    ) -> tuple[list[bytes | None], list[Task], list[Resident]]:
        worker_keys, task_keys = [self._keys.worker(worker) for worker in workers], [self._keys.task(task) for task in tasks]
        residents: list[Resident] = []
        first, rest = agents[:_AT_ONCE], agents[_AT_ONCE:]
        asked: list[Sequence[Arg]] = [("MGET", *keys) for keys in (worker_keys, task_keys) if keys]
        replies = self._connection.calls([*asked, *self._resident_calls(first)]) if asked or first else []
        found_workers = replies.pop(0) if worker_keys else []
        found_tasks = replies.pop(0) if task_keys else []
        residents += self._residents(first, replies)
        for start in range(0, len(rest), _AT_ONCE):
            chunk = rest[start : start + _AT_ONCE]
            residents += self._residents(chunk, self._connection.calls(self._resident_calls(chunk)))
        refuse_other_types(self._connection, task_keys, found_tasks)
        working = [decode_task(raw, key) for key, raw in zip(task_keys, found_tasks, strict=True) if raw is not None]
        return found_workers, working, residents

    def _resident_calls(self, agents: list[AgentId]) -> list[Sequence[Arg]]:
        if not agents:
            return []
        keys = self._keys
        each = [
            call
            for agent in agents
            for call in (*self._lengths(agent), ("SCARD", keys.open_tasks(agent)), ("HMGET", keys.turn(agent), "state", "worker"))
        ]
        return [("MGET", *(keys.agent(agent) for agent in agents)), *each]

    def _residents(self, agents: list[AgentId], replies: list[Reply]) -> list[Resident]:
        if not agents:
            return []
        records, told = replies[0], replies[1:]
        names = [self._keys.agent(agent) for agent in agents]
        refuse_other_types(self._connection, names, records)
        width = len(_LISTS) + 2
        return [
            _resident(decode_agent(raw, key), told[place * width : (place + 1) * width])
            for place, (key, raw) in enumerate(zip(names, records, strict=True))
            if raw is not None
        ]

    def _lengths(self, agent: AgentId) -> list[Sequence[Arg]]:
        keys = self._keys
        return [("LLEN", key) for key in (keys.inbox(agent), keys.urgent(agent), keys.taken(agent), keys.dead(agent))]


def _resident(agent: Agent, told: list[Reply]) -> Resident:
    inbox, urgent, taken, dead, open_tasks, (turn, worker) = told
    runs_on = text(worker) if turn == b"running" and worker is not None else None
    return Resident(agent=agent, inbox=inbox, urgent=urgent, taken=taken, dead=dead, open_tasks=open_tasks, worker=runs_on)


def _texts(reply: Reply) -> list[str]:
    return [text(raw) for raw in reply]
