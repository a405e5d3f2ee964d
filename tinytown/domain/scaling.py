"""What a town says to those that start and stop its workers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

__all__ = [
    "DemandClass",
    "Excluded",
    "LimitedBy",
    "OneNumber",
    "QueueDemand",
    "Recommendation",
    "RoleDemand",
    "ScalingSignal",
    "Stabilization",
    "WorkersAtHand",
]


class DemandClass(StrEnum):
    """What mail that asks for something waits for."""

    READY = "ready"
    """A worker, or the end of the turn that its agent is in."""
    DELAYED = "delayed"
    """The end of the back-off after a failure."""
    RATE_LIMITED = "rate_limited"
    """The time that the provider of the model named."""
    PAUSED = "paused"
    """`resume`: its agent was interrupted."""
    STOPPED = "stopped"
    """`restart`: its agent is stopped for good."""
    ERROR = "error"
    """`restart`: its agent cannot work."""
    MANUAL = "manual"
    """Whoever reads the agent's mail by hand."""
    AWAITING_APPROVAL = "awaiting_approval"
    """A person who says yes."""
    BLOCKED_BY_DEPENDENCY = "blocked_by_dependency"
    """Other work that has to be done first."""


class Recommendation(StrEnum):
    """What to do about the number of workers."""

    SCALE_UP = "scale_up"
    """There is more to do than those at work can do."""
    STEADY = "steady"
    """Leave it as it is."""
    SCALE_DOWN = "scale_down"
    """Some can go: nothing waits, and they do nothing."""
    SCALE_TO_ZERO = "scale_to_zero"
    """All can go: nothing is left to do, and has not been for a while."""


class LimitedBy(StrEnum):
    """Why the desired number is not what there is to do at this moment."""

    STABILIZATION = "stabilization"
    """It is held at the peak of the window."""
    MAX_AGENTS = "max_agents"
    """It is cut to `max_agents`."""
    RATE_LIMIT = "rate_limit"
    """More waits, but a provider asked for a pause, and more workers would not help."""


class Stabilization(msgspec.Struct, frozen=True, kw_only=True):
    """How the desired number is kept from falling at once.

    Attributes:
        scale_down_window_seconds: how long a peak holds it up; 0 is not at all.
        holding_since: when there was last as much to do as the held number says; None when nothing is held.
        peak_in_window: the most there was to do, at readings in the window.
    """

    scale_down_window_seconds: int
    holding_since: datetime | None
    peak_in_window: int


class Excluded(msgspec.Struct, frozen=True, kw_only=True):
    """Mail and work that wait for something other than a worker, and so are in no number of the demand.

    Attributes:
        awaiting_approval: for a person who says yes.
        rate_limited: for the time that a provider named.
        blocked_by_dependency: for other work.
        delayed: for the end of a back-off after a failure.
        paused: for `resume`.
        stopped: for `restart` of an agent that was stopped.
        error: for `restart` of an agent that cannot work.
        manual: for whoever reads the mail of an agent by hand.
    """

    awaiting_approval: int = 0
    rate_limited: int = 0
    blocked_by_dependency: int = 0
    delayed: int = 0
    paused: int = 0
    stopped: int = 0
    error: int = 0
    manual: int = 0


class WorkersAtHand(msgspec.Struct, frozen=True, kw_only=True):
    """The workers that serve turns, by what they are doing.

    Attributes:
        idle: take turns and run none.
        busy: take turns and run some.
        draining: take no more turns.
        removable_now: how many of the idle ones the demand does not need.
        slots: turns that those that take turns can run at once.
    """

    idle: int = 0
    busy: int = 0
    draining: int = 0
    removable_now: int = 0
    slots: int = 0

    @property
    def taking(self) -> int:
        """How many take turns."""
        return self.idle + self.busy

    @property
    def total(self) -> int:
        """How many there are."""
        return self.taking + self.draining


class QueueDemand(msgspec.Struct, frozen=True, kw_only=True):
    """One queue of doorbells.

    Attributes:
        name: `agents` (for turns) or `control` (for assignments).
        ready: doorbells that wait for a worker.
        in_flight: doorbells that a worker has.
        delayed: doorbells that other programs want to ring later.
        dead: doorbells that no actor could answer.
        latency_seconds: for how long the oldest has waited; 0.0 when none waits.
    """

    name: str
    ready: int
    in_flight: int
    delayed: int
    dead: int
    latency_seconds: float


class RoleDemand(msgspec.Struct, frozen=True, kw_only=True):
    """What waits for the agents of one role.

    Attributes:
        name: the role.
        agents: those that mail would wake.
        ready: mail that a turn may take up now, or after the one that runs.
        ready_turns: turns that wait for a worker.
        delayed: mail that waits for the end of a back-off, or for a provider.
        held: mail that waits for people or for other work.
        in_flight: turns that run.
        urgent: urgent messages that wait.
        dead: messages that were given up.
        latency_seconds: for how long the oldest turn has waited for a worker; 0.0 when none waits.
    """

    name: str
    agents: int = 0
    ready: int = 0
    ready_turns: int = 0
    delayed: int = 0
    held: int = 0
    in_flight: int = 0
    urgent: int = 0
    dead: int = 0
    latency_seconds: float = 0.0


class OneNumber(msgspec.Struct, frozen=True, kw_only=True):
    """What an autoscaler that wants one number is told about a queue or a role.

    Attributes:
        name: the queue or the role.
        value: what waits and what is being worked on, so that nobody who works is taken away.
        latency_seconds: for how long the oldest has waited; 0.0 when none waits.
        ready: what waits.
        in_flight: what is being worked on.
        delayed: what would be worked on later.
        dead: what was given up.
    """

    name: str
    value: int
    latency_seconds: float
    ready: int
    in_flight: int
    delayed: int
    dead: int


class ScalingSignal(msgspec.Struct, frozen=True, kw_only=True):
    """How much there is to do, and how many workers should do it.

    Attributes:
        schema_version: of this object; members may be added without a new one.
        town: its name.
        timestamp: when this was so, by the clock of Redis.
        queue_depth: all there is to do: `pending_tasks` and `in_flight_tasks`.
        pending_tasks: the backlog, assignments on their way and mail that is ready; with streams, doorbells
            that no worker has yet.
        in_flight_tasks: what is being worked on; with streams, doorbells that a worker has.
        active_agents: those that are starting, idle, working, paused or draining.
        cold_agents: those that wait without a worker.
        desired_agents: how many agents should be at work; rises at once, falls to the peak of the window.
        max_agents: the most that is ever asked for; spawning is not limited, for an agent costs nothing while it has no turn.
        scaling_recommendation: what to do about the number of workers.
        active: whether there is anything to do for a worker.
        activation_value: more than 0 when there is, for autoscalers that wake on that.
        queue_latency_seconds: for how long the oldest turn has waited for a worker; 0.0 when none waits.
            Mail behind a turn that runs is no turn that waits: more workers would not help it.
        oldest_pending_age_seconds: as before, with tasks that nobody has yet; 0.0 when there are none.
        drain_eta_seconds: when all would be done at the pace of late; None when nothing was seen to be done.
        done_per_minute: that pace: mail dealt with a minute, between the readings of the window; None when they
            lie too close together to say.
        min_agents: the least; a town needs nobody while there is nothing to do.
        desired_agents_raw: how much there is to do at this moment, neither held nor cut.
        limited_by: why `desired_agents` is another number; None when it is the same.
        stabilization: how it is kept from falling at once.
        demand_excluded: what waits for something other than a worker.
        workers: those that serve turns.
        desired_workers: how many processes of `tt worker` that takes, each with the concurrency of the settings; never
            fewer than run turns, so that whoever scales to this number has no need to end a busy one.
        desired_workers_raw: the same for this moment alone, not held; for jobs, which end by themselves, and which
            a held number would start again and again.
        dead_letters: messages that were given up and not dealt with since.
        queues: the queues of doorbells.
        roles: the roles that agents have.
    """

    schema_version: int = 1
    town: str
    timestamp: datetime
    queue_depth: int
    pending_tasks: int
    in_flight_tasks: int
    active_agents: int
    cold_agents: int
    desired_agents: int
    max_agents: int
    scaling_recommendation: Recommendation
    active: bool
    activation_value: int
    queue_latency_seconds: float
    oldest_pending_age_seconds: float
    drain_eta_seconds: float | None
    done_per_minute: float | None
    min_agents: int = 0
    desired_agents_raw: int
    limited_by: LimitedBy | None
    stabilization: Stabilization
    demand_excluded: Excluded
    workers: WorkersAtHand
    desired_workers: int
    desired_workers_raw: int
    dead_letters: int
    queues: tuple[QueueDemand, ...]
    roles: tuple[RoleDemand, ...]
