"""What an autoscaler goes by, in Redis: one read in one round trip, whatever the size of the town."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tinytown.domain.agent import AgentState
from tinytown.domain.ids import AgentId
from tinytown.domain.task import TaskState
from tinytown.domain.worker import Worker
from tinytown.store.bells import ACTORS
from tinytown.store.connection import Connection, Reply, text
from tinytown.store.keys import WORKERS_GROUP, Keys
from tinytown.store.scripts import Scripts
from tinytown.store.workers import workers_of

__all__ = ["QUEUES", "Peak", "QueueLoad", "ScalingStore", "Snapshot"]

QUEUES = tuple(sorted(set(ACTORS.values())))
"""The queues that doorbells are rung on."""

_VERSION = 1
"""Of the counts in `demand`; a town with others, or none, is counted anew."""

_ZSETS = (*AgentState, *TaskState)


class QueueLoad(msgspec.Struct, frozen=True, kw_only=True):
    """The doorbells of a queue: those that wait, those a worker has, those for later, and the dead ones."""

    name: str
    ready: int
    in_flight: int
    delayed: int
    dead: int


class Peak(msgspec.Struct, frozen=True, kw_only=True):
    """The most there was to do at the readings of a span: when that was, and how many turns it was at once.

    `handled` is the total of mail dealt with, as it was at `handled_at_ms`, the first of these readings.
    """

    depth: int
    at_ms: int
    turns: int
    handled: int
    handled_at_ms: int


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What there was to do at a moment, and who was there to do it; times in milliseconds, None when there is none.

    Attributes:
        is_counted: whether `demand` is kept by all that happens; not so in a town of an older version.
        demand: how much there is of what (a `DemandClass`, and more: see `_demand.lua`), by role.
        ready: the roles with turns that wait for a worker: since when the oldest does, and how many they are.
        pending: what waits: backlog, assignments, and ready mail or, with streams, the doorbells that it has rung.
        in_flight: what is being worked on.
        turns: how many turns could run at once, if there were workers enough.
        running: turns that have a lease.
        streams: whether doorbells for turns are in the stream.
        newest: the last time that an agent entered a state.
        peaks: what there was to do lately, oldest first.
    """

    now_ms: int
    is_counted: bool
    demand: dict[tuple[str, str], int]
    ready: dict[str, tuple[int, int]]
    backlog: int
    backlog_since: int | None
    coming: int
    coming_since: int | None
    pending_since: int | None
    pending: int
    in_flight: int
    turns: int
    running: int
    streams: bool
    agents: dict[AgentState, int]
    newest: dict[AgentState, int]
    tasks: dict[TaskState, int]
    queues: tuple[QueueLoad, ...]
    workers: tuple[Worker, ...]
    leader: str | None
    leader_epoch: int
    counters: dict[str, int]
    peaks: tuple[Peak, ...]

    def of(self, kind: str) -> int:
        """How much there is of one kind, over all roles."""
        return sum(count for (found, _), count in self.demand.items() if found == kind)


class ScalingStore:
    """Reads the demand of a town, and counts it anew."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def read(self, *, streams: bool, window_ms: int) -> Snapshot:
        """The town at this moment; what there is to do is noted for as long as the window (0: not at all)."""
        keys = self._keys
        states = [*(keys.agents_in(state) for state in AgentState), *(keys.tasks_in(state) for state in TaskState)]
        queues = [key for queue in QUEUES for key in keys.bell_keys(queue)]
        reply = self._scripts.run(
            "read_demand",
            [
                keys.demand, keys.ready, keys.backlog, keys.assignments, keys.tasks_in(TaskState.PENDING), keys.tasks_in(TaskState.RUNNING),
                keys.leases, keys.workers, keys.leader, keys.leader_epoch, keys.counters, keys.peaks, keys.docket, keys.drains,
                *states, *queues,
            ],
            [WORKERS_GROUP if streams else "", window_ms, keys.worker("*"), len(states)],
        )  # fmt: skip
        return self._snapshot(reply)

    def is_counted(self) -> bool:
        """Whether the demand is kept by all that happens."""
        return bool(self._connection.call("HGET", self._keys.demand, "version") == str(_VERSION).encode())

    def recount(self, roles: Sequence[tuple[AgentId, str]]) -> str:
        """Count the demand anew, of all agents of the town with their roles; answers as `recount_demand.lua`."""
        keys = self._keys
        mailboxes = [key for agent, _ in roles for key in (keys.turn(agent), keys.urgent(agent), keys.dead(agent))]
        pairs = [word for pair in roles for word in pair]
        return self._scripts.word("recount_demand", [keys.demand, keys.ready, keys.agent_ids, *mailboxes], [_VERSION, *pairs])

    def _snapshot(self, reply: list[Reply]) -> Snapshot:
        now, demand, ready, backlog, coming, docket, depth, workers, drains, leader, counters, peaks, states, queues = reply
        counts = dict(zip(_ZSETS, (int(count) for count, _ in states), strict=True))
        newest = {state: int(float(score)) for state, (_, score) in zip(_ZSETS, states, strict=True) if score is not None}
        sums = _pairs(demand)
        return Snapshot(
            now_ms=int(now),
            is_counted=sums.pop("version", None) == str(_VERSION),
            demand={_split(field): int(count) for field, count in sums.items()},
            ready=dict(_oldest(text(first), int(count)) for first, count in ready),
            backlog=int(backlog[0]),
            backlog_since=_moment(backlog[1]),
            coming=int(coming[0]),
            coming_since=_moment(coming[1]),
            pending=int(depth[0]),
            in_flight=int(depth[1]),
            turns=int(depth[2]),
            running=int(depth[3]),
            pending_since=_moment(depth[4]),
            streams=bool(docket),
            agents={state: counts[state] for state in AgentState},
            newest={state: newest[state] for state in AgentState if state in newest},
            tasks={state: counts[state] for state in TaskState},
            queues=tuple(_queue(name, numbers, docket) for name, numbers in zip(QUEUES, queues, strict=True)),
            workers=self._workers(workers[0], workers[1], drains),
            leader=None if leader[0] is None else text(leader[0]),
            leader_epoch=int(leader[1] or 0),
            counters={name: int(count) for name, count in _pairs(counters).items()},
            peaks=tuple(sorted((_peak(noted) for noted in _pairs(peaks).values()), key=lambda peak: peak.handled_at_ms)),
        )

    def _workers(self, what: bytes, found: list[bytes | None], drains: list[bytes]) -> tuple[Worker, ...]:
        records = found
        if what == b"ids":
            records = self._connection.call("MGET", *(self._keys.worker(text(one)) for one in found)) if found else []
        return tuple(workers_of(records, drains))


def _queue(name: str, numbers: list[int], docket: list[int]) -> QueueLoad:
    waiting, others, delayed, dead = (int(number) for number in numbers)
    unread, unsettled = (int(number) for number in docket) if docket and name == ACTORS["run_agent"] else (0, 0)
    taken = max(0, others - unread - unsettled)  # of what is on no list, the rest is on the stream
    return QueueLoad(name=name, ready=waiting + unread, in_flight=taken + unsettled, delayed=delayed, dead=dead)


def _peak(noted: str) -> Peak:
    depth, at, turns, handled, handled_at = (int(number) for number in noted.split(" "))
    return Peak(depth=depth, at_ms=at, turns=turns, handled=handled, handled_at_ms=handled_at)


def _oldest(entry: str, count: int) -> tuple[str, tuple[int, int]]:
    role, since, _ = entry.split("\0")
    return role, (int(since), count)


def _split(field: str) -> tuple[str, str]:
    kind, _, role = field.partition("/")
    return kind, role


def _moment(score: bytes | None) -> int | None:
    return None if score is None else int(float(score))


def _pairs(flat: list[bytes]) -> dict[str, str]:
    return {text(flat[i]): text(flat[i + 1]) for i in range(0, len(flat), 2)}
