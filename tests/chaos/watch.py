"""The watch: looks at the whole town again and again, and writes down every moment in which a promise is broken."""

from __future__ import annotations

import time

from tests.chaos.mischief import Mischief
from tests.chaos.plan import Plan
from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.task import TaskState
from tinytown.errors import RedisUnavailable
from tinytown.store.records import decode_task
from tinytown.town import Town

__all__ = ["Watch"]

SLACK = 2.0  # seconds that a busy machine may take for what a sweep does
MERCY = 3.0  # seconds after an outage of Redis in which the clock calls no lease dead


class Watch:
    """Checks `running means a live lease` and `epochs only grow`, in snapshots that are taken in one go.

    A lease that ran out is allowed for as long as the promise says: until the
    next sweep. When the clock or Redis was disturbed, the sweep comes when a
    clock leads again.
    """

    def __init__(self, town: Town, agents: list[AgentId], mischief: Mischief, plan: Plan) -> None:
        self.samples = 0
        self.running_seen = 0
        self.broken: list[str] = []
        self._town = town
        self._agents = agents
        self._mischief = mischief
        self._grace = plan.sweep + SLACK
        self._unrest = plan.leader_lease * 1.2 + MERCY
        self._epochs: dict[AgentId, int] = {}

    def look(self) -> None:
        """Take one sample, unless Redis is away."""
        try:
            now, tasks, turns = self._snapshot()
        except RedisUnavailable:
            return
        self.samples += 1
        self.running_seen += len(tasks)
        for agent, turn in turns.items():
            epoch = int(turn.get("epoch", 0))
            if epoch < self._epochs.get(agent, 0):
                self.broken.append(f"the epoch of {agent} fell from {self._epochs[agent]} to {epoch}")
            self._epochs[agent] = epoch
        for task, agent in tasks.items():
            self._check_lease(task, turns.get(agent, {}), now)

    def _check_lease(self, task: TaskId, turn: dict[str, str], now: float) -> None:
        if turn.get("state") != "running":
            self.broken.append(f"task {task} is running, but the turn of its agent is {turn}")
            return
        late = now - int(turn.get("lease_until", 0)) / 1000
        if late > self._allowed():
            self.broken.append(f"task {task} is running, but the lease of its turn ran out {late:.1f} s ago: {turn}")

    def _allowed(self) -> float:
        """How long a lease may have been over by now."""
        calm = 0.0 if self._mischief.is_shaking else time.monotonic() - self._mischief.shaken_at
        return (
            self._grace if calm > self._unrest + self._grace else float("inf") if self._mischief.is_shaking else self._grace + self._unrest
        )

    def _snapshot(self) -> tuple[float, dict[TaskId, AgentId], dict[AgentId, dict[str, str]]]:
        """The time of the server, the agent of each running task, and the turns, as they are at one moment."""
        store = self._town.desk.store
        while True:
            running = [TaskId(raw.decode()) for raw in store.connection.call("ZRANGE", store.keys.tasks_in(TaskState.RUNNING), 0, -1)]
            *_, (seconds, records, index, *turns) = store.connection.calls(
                [
                    ("MULTI",),
                    ("TIME",),
                    ("MGET", *map(store.keys.task, running), store.keys.counters + ":none"),
                    ("ZRANGE", store.keys.tasks_in(TaskState.RUNNING), 0, -1),
                    *(("HGETALL", store.keys.turn(agent)) for agent in self._agents),
                    ("EXEC",),
                ]
            )
            if {raw.decode() for raw in index} <= set(running):  # else one began in between, and was not read
                break
        tasks = [decode_task(raw, "") for raw in records if raw is not None]
        return (
            int(seconds[0]) + int(seconds[1]) / 1e6,
            {task.id: task.assigned_to for task in tasks if task.state is TaskState.RUNNING and task.assigned_to is not None},
            {agent: _pairs(turn) for agent, turn in zip(self._agents, turns, strict=True)},
        )


def _pairs(flat: list[bytes]) -> dict[str, str]:
    return {flat[i].decode(): flat[i + 1].decode() for i in range(0, len(flat), 2)}
