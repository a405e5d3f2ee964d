"""What worker and clock weigh when they have nothing to do, in a small town and in a large one."""

from __future__ import annotations

from pathlib import Path

from tests.bench import crowd
from tests.bench.figure import Figure
from tests.bench.place import Place, pause
from tests.waiting import wait_until
from tinytown.town import Town

__all__ = ["Weight", "measure", "weight"]

AGENTS, TASKS = 10_000, 100_000
SETTLE = 8.0  # seconds: four sweeps, and each of the clock's other jobs at least once
GOAL = 1.5

Weight = tuple[float, float]
"""Megabytes of a process: its share of what it shares with others (PSS), and all that it touches (RSS)."""


def measure() -> list[Figure]:
    """Both in an empty town, and again when it is full."""
    if not Path("/proc/self/smaps_rollup").exists():
        return []  # only Linux says it
    with Place() as place, place.town() as town:
        empty = _weigh(place, town)
        crowd.fill(town, agents=AGENTS, tasks=TASKS)
        full = _weigh(place, town)
    return [figure for name in empty for figure in _figures(name, empty[name], full[name])]


def weight(process: int) -> Weight:
    """What the kernel says of a process."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    found = {line.split(":")[0]: int(line.split()[1]) / 1024 for line in lines}
    return found["Pss"], found["Rss"]


def _weigh(place: Place, town: Town) -> dict[str, Weight]:
    processes = {"tt worker": place.tt("worker", "--idle-timeout", "0"), "tt clock": place.tt("clock")}
    wait_until(lambda: town.workers.all() and town.leader()[0] is not None, timeout=30)
    pause(SETTLE)
    weights = {name: weight(process.pid) for name, process in processes.items()}
    for process in processes.values():
        place.end(process)
    return weights


def _figures(name: str, empty: Weight, full: Weight) -> list[Figure]:
    return [
        Figure(section="memory", name=f"{name}, idle, empty town", value=empty[0], unit="MB", note=f"PSS; RSS {empty[1]:.3g} MB"),
        Figure(
            section="memory",
            name=f"{name}, idle, {AGENTS:,} agents and {TASKS:,} tasks",
            value=full[0],
            unit="MB",
            note=f"PSS; RSS {full[1]:.3g} MB",
        ),
        Figure(section="memory", name=f"{name}, growth", value=full[0] / empty[0], unit="x", goal=GOAL),
    ]
