"""Figures: all that is measured of a town at one moment, for those that draw curves of it."""

from __future__ import annotations

import msgspec

from tinytown.domain.agent import AgentState
from tinytown.domain.scaling import ScalingSignal
from tinytown.domain.task import TaskState
from tinytown.domain.turn import OUTCOMES
from tinytown.store.scaling import Snapshot

__all__ = ["DURATIONS", "TOTALS", "Durations", "Figures", "figures_of"]

DURATIONS = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14_400)
"""The longest that each bucket of durations holds, in seconds; as in `_tally.lua`."""

TOTALS = ("completed", "failed", "cancelled", "rounds", "messages", "handled", "dead", "leases_lost")
"""What is counted since the town began."""


class Durations(msgspec.Struct, frozen=True, kw_only=True):
    """How long turns took whose program ran to an end.

    Attributes:
        buckets: for each of `DURATIONS`, how many took no longer.
        total_seconds: how long all of them took together.
        count: how many they are, those that took longer than any bucket among them.
    """

    buckets: tuple[tuple[int, int], ...]
    total_seconds: float
    count: int


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What a town measures; whatever is nothing is there as 0.

    Attributes:
        signal: what autoscalers are told, read at the same moment.
        agents: how many are in each state.
        tasks: how many are in each state.
        backlog: tasks that nobody is meant for.
        assigned_pending: tasks that an agent has or is about to be given, and no turn has begun.
        urgent: urgent messages that wait for agents.
        totals: what was counted since the town began; these only grow.
        turns: turns that ended, by how they ended; these only grow.
        durations: how long they took.
        leader: which clock leads; None when none does.
        leader_epoch: how often that changed.
    """

    signal: ScalingSignal
    agents: dict[AgentState, int]
    tasks: dict[TaskState, int]
    backlog: int
    assigned_pending: int
    urgent: int
    totals: dict[str, int]
    turns: dict[str, int]
    durations: Durations
    leader: str | None
    leader_epoch: int


def figures_of(found: Snapshot, signal: ScalingSignal) -> Figures:
    """What a snapshot measures."""
    return Figures(
        signal=signal,
        agents=found.agents,
        tasks=found.tasks,
        backlog=found.backlog,
        assigned_pending=found.coming + found.tasks[TaskState.ASSIGNED],
        urgent=found.of("urgent"),
        totals={name: found.counters.get(name, 0) for name in TOTALS},
        turns={outcome: found.counters.get(f"turns:{outcome}", 0) for outcome in OUTCOMES},
        durations=_durations(found.counters),
        leader=found.leader,
        leader_epoch=found.leader_epoch,
    )


def _durations(counters: dict[str, int]) -> Durations:
    buckets: list[tuple[int, int]] = []
    count = 0
    for longest in DURATIONS:
        count += counters.get(f"took:{longest * 1000}", 0)
        buckets.append((longest, count))
    return Durations(buckets=tuple(buckets), total_seconds=counters.get("took:ms", 0) / 1000, count=count + counters.get("took:inf", 0))
