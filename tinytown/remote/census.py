"""The census of a town elsewhere, from what townhall tells of its status."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.task import Task, TaskState
from tinytown.remote.client import Client
from tinytown.remote.workers import WorkerTold, ms_of
from tinytown.store.census import Census, Resident

__all__ = ["StatusTold", "status_told"]

_MOST = 10_000
"""So many agents are told of at most."""


class _Resident(Agent, frozen=True, kw_only=True):
    inbox_len: int
    urgent_len: int
    taken_len: int
    dead_len: int
    open_tasks: int
    worker: str | None
    activity: tuple[str, ...] | None

    @property
    def resident(self) -> Resident:
        return Resident(
            agent=Agent(**{name: getattr(self, name) for name in Agent.__struct_fields__}),
            inbox=self.inbox_len,
            urgent=self.urgent_len,
            taken=self.taken_len,
            dead=self.dead_len,
            open_tasks=self.open_tasks,
            worker=self.worker,
        )


class _Tasks(msgspec.Struct, frozen=True, kw_only=True):
    by_state: dict[TaskState, int]
    backlog: int


class _Clock(msgspec.Struct, frozen=True, kw_only=True):
    leader: str | None
    epoch: int


class _People(msgspec.Struct, frozen=True, kw_only=True):
    inbox: int
    urgent: int
    taken: int
    dead: int


class StatusTold(msgspec.Struct, frozen=True, kw_only=True):
    """The status of a town as townhall tells it."""

    name: str
    redis_url: str | None
    now: datetime
    agents: tuple[_Resident, ...]
    agents_by_state: dict[AgentState, int]
    tasks: _Tasks
    running: tuple[Task, ...] | None
    missions: int
    workers: tuple[WorkerTold, ...]
    clock: _Clock
    supervisor: _People

    @property
    def census(self) -> Census:
        """The same as a census."""
        people = self.supervisor
        return Census(
            now_ms=ms_of(self.now),
            leader=self.clock.leader,
            leader_epoch=self.clock.epoch,
            workers=tuple(told.worker for told in self.workers),
            agents=self.agents_by_state,
            tasks=self.tasks.by_state,
            backlog=self.tasks.backlog,
            missions=self.missions,
            supervisor=(people.inbox, people.urgent, people.taken, people.dead),
            residents=tuple(one.resident for one in self.agents),
            running=() if self.running is None else self.running,
        )


def status_told(client: Client, limit: int | None, *, running: bool = False, deep: bool = False) -> StatusTold:
    """The status with at most `limit` of the agents, None for all; with the tasks that run, or with what each agent did lately."""
    return client.get("/v1/status", StatusTold, {"limit": _MOST if limit is None else min(limit, _MOST), "running": running, "deep": deep})
