"""What one operation on a mailbox costs, through the Python API."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.bench.figure import Figure, percentile
from tests.bench.place import Place

__all__ = ["measure"]

TIMES = 1000
GOAL = 0.25


def measure() -> list[Figure]:
    """The operations, each by name of its agent."""
    with Place() as place, place.town() as town:
        agent = town.spawn("ada", cli="manual")
        steps: dict[str, Callable[[], object]] = {
            "send": lambda: town.send("ada", "words that ask for something"),
            "peek": lambda: town.messages.peek("ada", 10),
            "length": lambda: town.messages.lengths([agent.id]),
            "receive": lambda: town.receive("ada"),
        }
        return [_figure(name, step) for name, step in steps.items()]


def _figure(name: str, step: Callable[[], object]) -> Figure:
    spans: list[float] = []
    for _ in range(TIMES):
        began = time.perf_counter()
        step()
        spans.append((time.perf_counter() - began) * 1000)
    return Figure(
        section="channel",
        name=f"{name}, p50",
        value=percentile(spans, 50),
        unit="ms",
        goal=GOAL,
        note=f"{TIMES} times; p99 {percentile(spans, 99):.3g} ms",
    )
