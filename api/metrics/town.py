"""The figures of a town, in the words of Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from tinytown.services.figures import Figures

__all__ = ["TownFigures"]


class TownFigures:
    """A collector of figures that were read once, for one answer.

    Args:
        figures: of the town.
        redis_latency: seconds that Redis took to say them.
        age: seconds since they were read.
    """

    def __init__(self, figures: Figures, *, redis_latency: float, age: float) -> None:
        self._figures = figures
        self._signal = figures.signal
        self._redis_latency = redis_latency
        self._age = age

    def collect(self) -> Iterator[Metric]:
        """All families; what is nothing is there as 0."""
        yield from self._counts()
        yield from self._totals()
        yield from self._turns()
        yield from self._scaling()
        yield from self._queues()
        yield from self._roles()

    def _counts(self) -> Iterator[Metric]:
        found = self._figures
        agents = GaugeMetricFamily("tinytown_agents_total", "Agents, by state.", labels=["state"])
        for state, count in sorted(found.agents.items()):
            agents.add_metric([state.value], count)
        tasks = GaugeMetricFamily("tinytown_tasks", "Tasks that are remembered, by state.", labels=["state"])
        for task_state, count in found.tasks.items():
            tasks.add_metric([task_state.value], count)
        yield agents
        yield _gauge(
            "tinytown_tasks_pending",
            "Tasks that wait: in the backlog, on their way, and in mailboxes.",
            found.backlog + found.assigned_pending,
        )
        yield _counter("tinytown_tasks_completed", "Tasks that were completed since the town began.", found.totals["completed"])
        yield _gauge("tinytown_redis_latency_seconds", "How long Redis took to say all this.", self._redis_latency)
        yield _gauge("tinytown_backlog_tasks", "Tasks that nobody is meant for.", found.backlog)
        yield _gauge("tinytown_tasks_assigned_pending", "Tasks that an agent has, and no turn has begun.", found.assigned_pending)
        yield _gauge("tinytown_urgent_messages", "Urgent messages that wait for agents.", found.urgent)
        yield tasks

    def _totals(self) -> Iterator[Metric]:
        totals = self._figures.totals
        yield _counter("tinytown_tasks_failed", "Tasks that were given up since the town began.", totals["failed"])
        yield _counter("tinytown_tasks_cancelled", "Tasks that were cancelled since the town began.", totals["cancelled"])
        yield _counter("tinytown_messages", "Messages that were accepted since the town began.", totals["messages"])
        yield _counter("tinytown_messages_dead", "Messages that were given up since the town began.", totals["dead"])
        yield _counter("tinytown_leases_lost", "Turns whose workers were lost since the town began.", totals["leases_lost"])
        yield _gauge("tinytown_dead_letters", "Messages that were given up and not dealt with yet.", self._signal.dead_letters)

    def _turns(self) -> Iterator[Metric]:
        turns = CounterMetricFamily("tinytown_turns", "Turns that ended, by how.", labels=["outcome"])
        for outcome, count in sorted(self._figures.turns.items()):
            turns.add_metric([outcome], count)
        took = self._figures.durations
        duration = HistogramMetricFamily("tinytown_turn_duration_seconds", "How long turns took whose program ran to an end.")
        buckets = [(f"{longest}.0", float(count)) for longest, count in took.buckets]
        duration.add_metric([], [*buckets, ("+Inf", float(took.count))], took.total_seconds)
        yield turns
        yield duration

    def _scaling(self) -> Iterator[Metric]:
        found = self._signal
        workers = GaugeMetricFamily("tinytown_workers", "Workers that serve turns, by what they do.", labels=["state"])
        for state in ("idle", "busy", "draining"):
            workers.add_metric([state], getattr(found.workers, state))
        excluded = GaugeMetricFamily(
            "tinytown_demand_excluded", "Mail and work that wait for something other than a worker.", labels=["reason"]
        )
        for reason in found.demand_excluded.__struct_fields__:
            excluded.add_metric([reason], getattr(found.demand_excluded, reason))
        yield workers
        yield excluded
        yield _gauge("tinytown_workers_removable", "Idle workers that the demand does not need.", found.workers.removable_now)
        yield _gauge("tinytown_desired_agents", "How many agents should be at work.", found.desired_agents)
        yield _gauge("tinytown_desired_workers", "How many worker processes that takes.", found.desired_workers)
        yield _gauge("tinytown_clock_leads", "Whether a clock makes time pass.", 0 if self._figures.leader is None else 1)
        yield _gauge("tinytown_scaling_snapshot_age_seconds", "How old these figures are.", self._age)

    def _queues(self) -> Iterator[Metric]:
        for name, text in _OF_QUEUES.items():
            family = GaugeMetricFamily(f"tinytown_queue_{name}", text, labels=["queue"])
            for queue in self._signal.queues:
                family.add_metric([queue.name], getattr(queue, name))
            yield family

    def _roles(self) -> Iterator[Metric]:
        for name, text in _OF_ROLES.items():
            family = GaugeMetricFamily(f"tinytown_role_{name}", text, labels=["role"])
            for role in self._signal.roles:
                family.add_metric([role.name], getattr(role, name))
            yield family


_OF_QUEUES = {
    "ready": "Doorbells that wait for a worker.",
    "in_flight": "Doorbells that a worker has.",
    "delayed": "Doorbells that are to be rung later.",
    "dead": "Doorbells that no actor could answer.",
    "latency_seconds": "How long the oldest doorbell has waited.",
}
_OF_ROLES = {
    "ready": "Mail that a turn may take up, by the role of its agent.",
    "in_flight": "Turns that run, by the role of the agent.",
    "latency_seconds": "How long the oldest turn has waited for a worker, by the role of its agent.",
}


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)


def _counter(name: str, text: str, value: float) -> Metric:
    return CounterMetricFamily(name, text, value=value)
