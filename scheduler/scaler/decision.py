"""What to do about the number of workers, as a function of what is seen, what is kept in mind, and the rules.

Up at once, down slowly: a worker goes only when there was one too many at every
look for a while, one at a time, and only an idle one. Whatever was started
counts as being there, until it is late.
"""

from __future__ import annotations

from datetime import timedelta
from fnmatch import fnmatchcase

import msgspec
from msgspec import structs

from tinytown.domain.scaler import Patience, ScalerMemory
from tinytown.domain.worker import Standing, Worker, WorkerState

__all__ = ["Ask", "Decision", "Remove", "Rules", "Sight", "Start", "decide"]

UNWATCHED = timedelta(minutes=5)
"""After a longer time without a look, nobody knows whether a worker was one too many all the time."""

_MILLISECOND = timedelta(milliseconds=1)


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How a town is scaled.

    Attributes:
        minimum: so many workers are kept, even with nothing to do.
        maximum: no more are started; None: as many as the town asks for, which `max_agents` limits.
        down_after: for so long there has to be one too many.
        start_within: so long a started worker may take to come.
        hosts: pattern of the hosts whose workers may be asked to go.
    """

    minimum: int = 0
    maximum: int | None = None
    down_after: timedelta = timedelta(minutes=1)
    start_within: timedelta = timedelta(minutes=2)
    hosts: str = "*"

    def target(self, desired: int) -> int:
        """How many workers there should be when the town asks for so many."""
        wanted = max(self.minimum, desired)
        return wanted if self.maximum is None else min(wanted, self.maximum)


class Sight(msgspec.Struct, frozen=True, kw_only=True):
    """What is seen at a moment.

    Attributes:
        now_ms: when that is.
        desired: how many workers the town asks for.
        workers: those that serve turns, oldest first.
    """

    now_ms: int
    desired: int
    workers: tuple[Standing, ...]

    @property
    def taking(self) -> int:
        """How many take turns."""
        return sum(each.state is not WorkerState.DRAINING for each in self.workers)


class Start(msgspec.Struct, frozen=True, kw_only=True):
    """Start a worker; `wanted` is how many there should be in all."""

    wanted: int


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """Ask an idle worker to go."""

    worker: Worker


class Remove(msgspec.Struct, frozen=True, kw_only=True):
    """Remove what a worker that has gone has left; `wanted` is how many remain."""

    worker: Worker
    wanted: int


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What to do next, what to keep in mind, and how many workers were started and did not come."""

    step: Start | Ask | Remove | None
    memory: ScalerMemory
    late: int = 0


def decide(sight: Sight, memory: ScalerMemory, rules: Rules) -> Decision:
    """The next step, if any; after it, one looks again."""
    memory, late = _brought_up_to_date(sight, memory, rules)
    target = rules.target(sight.desired)
    coming = sight.taking + len(memory.starting)
    surplus = sight.taking > target
    since = (sight.now_ms if memory.surplus_since_ms is None else memory.surplus_since_ms) if surplus else None
    memory = structs.replace(memory, surplus_since_ms=since)
    if coming < target and sight.now_ms >= memory.up.until_ms:
        return Decision(step=Start(wanted=target), memory=memory, late=late)
    gone = _gone(sight, memory)
    if gone is not None and sight.now_ms >= memory.down.until_ms:
        return Decision(step=Remove(worker=gone, wanted=coming), memory=memory, late=late)
    if since is not None and sight.now_ms - since >= rules.down_after / _MILLISECOND and not _is_anyone_going(sight, memory):
        chosen = _to_ask(sight, rules)
        return Decision(step=None if chosen is None else Ask(worker=chosen), memory=memory, late=late)
    return Decision(step=None, memory=memory, late=late)


def _brought_up_to_date(sight: Sight, memory: ScalerMemory, rules: Rules) -> tuple[ScalerMemory, int]:
    """What is kept in mind, after what has happened since: who came, who is late, whose going came to nothing."""
    there = {each.worker.id: each for each in sight.workers}
    arrived = 0 if memory.known is None else len(there.keys() - memory.known)
    awaited = memory.starting[arrived:]
    coming = tuple(at for at in awaited if sight.now_ms - at < rules.start_within / _MILLISECOND)
    late = len(awaited) - len(coming)
    up = Patience() if arrived else memory.up
    was_watched = sight.now_ms - memory.looked_at_ms <= max(UNWATCHED, rules.down_after) / _MILLISECOND
    return structs.replace(
        memory,
        looked_at_ms=sight.now_ms,
        known=frozenset(there),
        starting=coming,
        leaving=tuple(worker for worker in memory.leaving if worker.id not in there or there[worker.id].state is WorkerState.DRAINING),
        surplus_since_ms=memory.surplus_since_ms if was_watched else None,
        up=up.failed(sight.now_ms) if late else up,
    ), late


def _gone(sight: Sight, memory: ScalerMemory) -> Worker | None:
    there = {each.worker.id for each in sight.workers}
    return next((worker for worker in memory.leaving if worker.id not in there), None)


def _is_anyone_going(sight: Sight, memory: ScalerMemory) -> bool:
    """Whether the one before has yet to go; one that began a turn in the moment of asking is not waited for."""
    chosen = {worker.id for worker in memory.leaving}
    return any(each.worker.id in chosen and not each.turns for each in sight.workers)


def _to_ask(sight: Sight, rules: Rules) -> Worker | None:
    """The idle one that came last, as `removable` has it: the others know more agents."""
    idle = (each.worker for each in reversed(sight.workers) if each.state is WorkerState.IDLE)
    return next((worker for worker in idle if fnmatchcase(worker.host, rules.hosts)), None)
