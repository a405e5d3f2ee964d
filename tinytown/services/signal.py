"""The signal: what follows from a snapshot of a town for the number of its workers."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from msgspec import structs

from tinytown.clock import from_ms
from tinytown.config import Settings
from tinytown.domain.agent import AgentState
from tinytown.domain.scaling import (
    DemandClass,
    Excluded,
    LimitedBy,
    QueueDemand,
    Recommendation,
    RoleDemand,
    ScalingSignal,
    Stabilization,
    WorkersAtHand,
)
from tinytown.domain.task import TaskState
from tinytown.domain.worker import Standing, Worker, WorkerState
from tinytown.store.bells import ACTORS
from tinytown.store.scaling import QueueLoad, Snapshot

__all__ = ["scale_down_window", "signal_of", "standings_of"]

PACE_TAKES = timedelta(seconds=10)
"""Readings closer together say nothing about the pace."""

_AT_REST = (AgentState.IDLE, AgentState.STARTING, AgentState.PAUSED)
"""Active, and at nothing. Whoever is starting or paused for long must not keep a town without work from scaling to zero."""

_LATER = (DemandClass.DELAYED, DemandClass.RATE_LIMITED)


def scale_down_window(settings: Settings) -> timedelta:
    """How long a peak of the demand counts."""
    chosen = settings.townhall.scale_down_window_secs
    return timedelta(seconds=settings.agent.idle_timeout_secs if chosen is None else chosen)


def signal_of(found: Snapshot, settings: Settings) -> ScalingSignal:
    """What a snapshot says to autoscalers."""
    raw, most = found.pending + found.in_flight, settings.max_agents
    desired, processes = _desired(found, settings)
    workers = _at_hand(_standings(found, processes))
    latency = _age(found, min((since for since, _ in found.ready.values()), default=None))
    pace = _pace(found)
    return ScalingSignal(
        town=settings.name,
        timestamp=from_ms(found.now_ms),
        queue_depth=raw,
        pending_tasks=found.pending,
        in_flight_tasks=found.in_flight,
        active_agents=_active(found),
        cold_agents=found.agents[AgentState.COLD],
        desired_agents=desired,
        max_agents=most,
        scaling_recommendation=_recommendation(found, settings, desired, workers),
        active=raw > 0,
        activation_value=raw,
        queue_latency_seconds=latency,
        oldest_pending_age_seconds=max(latency, _age(found, found.pending_since)),
        drain_eta_seconds=_drained_in(found, pace),
        done_per_minute=None if pace is None else round(pace * 60, 2),
        desired_agents_raw=raw,
        limited_by=_limit(found, desired, most),
        stabilization=_stabilization(found, settings, desired),
        demand_excluded=Excluded(**{kind.value: found.of(kind) for kind in DemandClass if kind is not DemandClass.READY}),
        workers=workers,
        desired_workers=max(processes, _busy(found)),
        desired_workers_raw=max(_processes(found.turns, min(raw, most), settings), _busy(found)),
        dead_letters=found.of("dead"),
        queues=tuple(_queue(found, queue, latency) for queue in found.queues),
        roles=tuple(_role(found, name) for name in sorted({role for kind, role in found.demand if kind != "worker"})),
    )


def standings_of(found: Snapshot, settings: Settings) -> tuple[Standing, ...]:
    """What each worker is at, and whether it may go; as many may as the signal says."""
    return _standings(found, _desired(found, settings)[1])


def _desired(found: Snapshot, settings: Settings) -> tuple[int, int]:
    """How many agents should be at work, and how many workers that takes; a peak holds both up."""
    raw = found.pending + found.in_flight
    desired = min(max([raw, *(peak.depth for peak in found.peaks)]), settings.max_agents)
    return desired, _processes(max([found.turns, *(peak.turns for peak in found.peaks)]), desired, settings)


def _recommendation(found: Snapshot, settings: Settings, desired: int, workers: WorkersAtHand) -> Recommendation:
    """The first that holds. What is held for the window asks for nobody more, and keeps those there are."""
    wanted = min(found.pending + found.in_flight, settings.max_agents)
    active = _active(found)
    if wanted and not workers.taking:
        return Recommendation.SCALE_UP
    is_empty = not (desired or found.pending or found.in_flight or found.running or workers.busy)
    if is_empty and _all_idle(found, settings.agent.idle_timeout):
        return Recommendation.SCALE_TO_ZERO if any(found.agents.values()) or found.workers else Recommendation.STEADY
    if wanted > active:
        return Recommendation.SCALE_UP
    if desired < active and not found.pending and (workers.removable_now or not workers.total):
        return Recommendation.SCALE_DOWN
    return Recommendation.STEADY


def _active(found: Snapshot) -> int:
    return sum(count for state, count in found.agents.items() if state.is_active)


def _all_idle(found: Snapshot, timeout: timedelta | None) -> bool:
    """Whether all agents that are active have been at nothing for as long as that; None: there are none."""
    if timeout is None:
        return _active(found) == 0
    if _active(found) > sum(found.agents[state] for state in _AT_REST):
        return False
    return all(timedelta(milliseconds=found.now_ms - found.newest.get(state, 0)) >= timeout for state in _AT_REST)


def _limit(found: Snapshot, desired: int, most: int) -> LimitedBy | None:
    raw = found.pending + found.in_flight
    if desired > min(raw, most):
        return LimitedBy.STABILIZATION
    if raw > most:
        return LimitedBy.MAX_AGENTS
    return LimitedBy.RATE_LIMIT if found.of(DemandClass.RATE_LIMITED) else None


def _stabilization(found: Snapshot, settings: Settings, desired: int) -> Stabilization:
    raw, most = found.pending + found.in_flight, settings.max_agents
    reached = [peak.at_ms for peak in found.peaks if min(peak.depth, most) >= desired]
    return Stabilization(
        scale_down_window_seconds=scale_down_window(settings) // timedelta(seconds=1),
        holding_since=from_ms(max(reached)) if desired > min(raw, most) else None,
        peak_in_window=max([raw, *(peak.depth for peak in found.peaks)]),
    )


def _processes(turns: int, desired: int, settings: Settings) -> int:
    """Workers for so many turns at once: at least one while anything is to do, for agents that are not there yet."""
    return max(1, -(-min(turns, settings.max_agents) // settings.worker.concurrency)) if desired else 0


def _busy(found: Snapshot) -> int:
    """How many workers run turns and stay: who scales to a lower number would have to end one of them.

    Leases count those, too, that are not on the list: after an outage of Redis they have yet to announce themselves.
    """
    listed = {worker.id for worker in found.workers}
    unlisted = {name for kind, name in found.demand if kind == "worker" and name not in listed}
    return len(unlisted) + sum(_state(found, worker) is WorkerState.BUSY for worker in found.workers if _serves_turns(worker))


def _standings(found: Snapshot, needed: int) -> tuple[Standing, ...]:
    """What each worker is at. Of the idle ones those may go that came last: the others know more agents."""
    states = {worker.id: _state(found, worker) for worker in found.workers}
    serving = [worker for worker in found.workers if _serves_turns(worker)]
    spare = max(0, sum(states[worker.id] is not WorkerState.DRAINING for worker in serving) - needed)
    idle = [worker.id for worker in reversed(serving) if states[worker.id] is WorkerState.IDLE]
    return tuple(
        Standing(
            worker=worker, state=states[worker.id], turns=found.demand.get(("worker", worker.id), 0), removable=worker.id in idle[:spare]
        )
        for worker in found.workers
    )


def _state(found: Snapshot, worker: Worker) -> WorkerState:
    """Leases say at once who is busy; what a worker says of itself is as old as its last heartbeat."""
    if worker.draining:
        return WorkerState.DRAINING
    return WorkerState.BUSY if worker.running or ("worker", worker.id) in found.demand else WorkerState.IDLE


def _serves_turns(worker: Worker) -> bool:
    return ACTORS["run_agent"] in worker.queues


def _at_hand(standings: tuple[Standing, ...]) -> WorkersAtHand:
    serving = [each for each in standings if _serves_turns(each.worker)]
    counted = Counter(each.state for each in serving)
    return WorkersAtHand(
        idle=counted[WorkerState.IDLE],
        busy=counted[WorkerState.BUSY],
        draining=counted[WorkerState.DRAINING],
        removable_now=sum(each.removable for each in serving),
        slots=sum(each.worker.concurrency for each in serving if each.state is not WorkerState.DRAINING),
    )


def _pace(found: Snapshot) -> float | None:
    """Mail dealt with a second since the first reading that is remembered; None when that is too short a time."""
    if not found.peaks:
        return None
    first = found.peaks[0]
    span = timedelta(milliseconds=found.now_ms - first.handled_at_ms)
    done = found.counters.get("handled", 0) - first.handled
    return done / span.total_seconds() if span >= PACE_TAKES and done >= 0 else None


def _drained_in(found: Snapshot, pace: float | None) -> float | None:
    """Seconds until all mail and tasks are dealt with, if it goes on like this; None when nobody can say."""
    left = found.backlog + found.coming + found.of(DemandClass.READY) + max(found.running, found.tasks[TaskState.RUNNING])
    if left == 0:
        return 0.0
    return round(left / pace, 1) if pace else None


def _queue(found: Snapshot, queue: QueueLoad, turns_wait: float) -> QueueDemand:
    """A row of the queues: turns wait on one, assignments on the other."""
    latency = turns_wait if queue.name == ACTORS["run_agent"] else _age(found, found.coming_since)
    return QueueDemand(**structs.asdict(queue), latency_seconds=latency)


def _role(found: Snapshot, name: str) -> RoleDemand:
    def count(*kinds: str) -> int:
        return sum(found.demand.get((kind, name), 0) for kind in kinds)

    since, turns = found.ready.get(name, (None, 0))
    return RoleDemand(
        name=name,
        agents=count("wakeable"),
        ready=count(DemandClass.READY),
        ready_turns=turns,
        delayed=count(*_LATER),
        held=count(*(kind for kind in DemandClass if kind is not DemandClass.READY and kind not in _LATER)),
        in_flight=count("running"),
        urgent=count("urgent"),
        dead=count("dead"),
        latency_seconds=_age(found, since),
    )


def _age(found: Snapshot, since_ms: int | None) -> float:
    return 0.0 if since_ms is None else max(0.0, (found.now_ms - since_ms) / 1000)
