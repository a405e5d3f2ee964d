"""How long a person waits for `tt status`, beside what Python needs to import click and redis-py."""

from __future__ import annotations

import subprocess
import sys
import time

from tests.bench.figure import Figure, percentile
from tests.bench.place import Place

__all__ = ["measure"]

TIMES = 25
COMMANDS = {
    "tt status": ["tt", "status"],
    "the imports": [sys.executable, "-c", "import click, redis"],
    "bare": [sys.executable, "-c", "pass"],
}


def measure() -> list[Figure]:
    """Wall times, taken by turns so that all see the same machine."""
    spans: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with Place() as place:
        with place.town() as town:
            for number in range(10):
                town.spawn(f"agent-{number}", cli="noop")
        for count in range(TIMES + 2):
            for name, command in COMMANDS.items():
                span = _wall(place, command)
                if count >= 2:  # the first ones compile and fill caches
                    spans[name].append(span)
    status, imports, bare = (percentile(spans[name], 50) for name in COMMANDS)
    note = f"medians of {TIMES}"
    return [
        Figure(section="status", name="tt status", value=status, unit="ms", note=note),
        Figure(
            section="status", name='python -c "import click, redis"', value=imports, unit="ms", note=f"{note}; bare python {bare:.3g} ms"
        ),
        Figure(section="status", name="tt status, as a part of that", value=status / imports, unit="x", goal=0.6),
    ]


def _wall(place: Place, command: list[str]) -> float:
    program = [place.program(command[0]), *command[1:]]
    env = {name: value for name, value in place.env.items() if name != "PYTHONPATH"}  # as after an installation
    began = time.perf_counter()
    subprocess.run(program, cwd=place.root, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return (time.perf_counter() - began) * 1000
