"""How soon a turn begins after the doorbell, in a town where nothing else happens."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

import redis

from tests.bench import stock
from tests.bench.figure import Figure, percentile
from tests.bench.place import Place, pause

__all__ = ["measure"]

SHORT, LONG = 0.02, 1.2  # seconds of rest between two doorbells; idle consumers of Dramatiq's look less and less often
MANY, FEW = 250, 10


def measure() -> list[Figure]:
    """Latencies of ours, of stock Dramatiq and of bare Redis."""
    with Place() as place:
        client = redis.Redis.from_url(place.server.url)
        with place.town() as town:
            town.spawn("ada", cli="noop")
            (worker,) = place.noop_workers(1, town, "mark")
            ours = _figures("a message, to the turn that it wakes", worker, lambda: town.send("ada", "do it"), goals=(2.0, 10.0))
            ours += _figures("a task assigned, to its turn", worker, lambda: town.assign("ada", "do it"))
            worker.kill()
        theirs = _figures("stock Dramatiq: send to actor", stock.start(place, "dramatiq", "mark"), stock.bell(place.server.url))
        bare = _figures("bare Redis: RPUSH to BLPOP", stock.start(place, "redis", "mark"), lambda: client.rpush(stock.REDIS_LIST, "x"))
        client.close()
    return [*ours, *theirs, *bare]


def _figures(
    name: str, worker: subprocess.Popen[bytes], ring: Callable[[], object], goals: tuple[float | None, float | None] = (None, None)
) -> list[Figure]:
    for _ in range(10):  # the first ones load scripts and connect
        _once(worker, ring, SHORT)
    spans = [_once(worker, ring, SHORT) for _ in range(MANY)]
    rested = [_once(worker, ring, LONG) for _ in range(FEW)]
    note = f"{MANY} with {SHORT * 1000:.0f} ms of rest between"
    return [
        Figure(section="latency", name=f"{name}, p50", value=percentile(spans, 50), unit="ms", goal=goals[0], note=note),
        Figure(section="latency", name=f"{name}, p99", value=percentile(spans, 99), unit="ms", goal=goals[1], note=note),
        Figure(
            section="latency",
            name=f"{name}, p50 rested",
            value=percentile(rested, 50),
            unit="ms",
            goal=goals[0],
            note=f"{FEW} with {LONG} s of rest; the slowest took {max(rested):.3g} ms",
        ),
    ]


def _once(worker: subprocess.Popen[bytes], ring: Callable[[], object], rest: float) -> float:
    """Rest, ring, and say how many milliseconds later the work began."""
    assert worker.stdout is not None
    pause(rest)
    rung = time.monotonic_ns()
    ring()
    return (int(worker.stdout.readline()) - rung) / 1e6
