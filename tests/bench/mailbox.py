"""What a mailbox of 100,000 messages does to Redis and to the worker that reads it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import redis

from tests.bench import crowd
from tests.bench.figure import Figure, percentile
from tests.bench.memory import weight
from tests.bench.place import Place
from tests.waiting import wait_until
from tinytown.store.scripts import source

__all__ = ["measure"]

MESSAGES = 100_000
TEXT = "look into what came of it, and write down what you find " * 4
PATIENCE = 30.0  # seconds; then what was not read is left


def measure() -> list[Figure]:
    """The longest time that `begin_turn`, and anything else, blocks Redis; and how the worker grows."""
    with Place() as place, place.town() as town:
        client: Any = redis.Redis.from_url(place.server.url)
        agent = town.spawn("ada", cli="batch")
        town.agents.interrupt("ada")
        crowd.send_many(town, agent.id, MESSAGES, TEXT)
        (worker,) = place.noop_workers(1, town)
        before = _megabytes(worker.pid)
        client.config_set("slowlog-log-slower-than", 0)
        client.config_set("slowlog-max-len", 1_000_000)
        client.slowlog_reset()
        began, peak = time.perf_counter(), before
        town.agents.resume("ada")

        def is_read() -> bool:
            nonlocal peak
            peak = max(peak, _megabytes(worker.pid))
            return not any(town.messages.lengths([agent.id])[0][:3]) or time.perf_counter() - began > PATIENCE

        wait_until(is_read, timeout=PATIENCE + 10, every=0.1)
        took, left = time.perf_counter() - began, town.messages.lengths([agent.id])[0][0]
        turns = town.events.counters()["rounds"]
        slow: list[Any] = client.slowlog_get(1_000_000)
        digest = client.script_load(source("begin_turn")).encode()
        client.close()
    begins = [entry["duration"] / 1000 for entry in slow if digest in entry["command"]]
    others = [entry["duration"] / 1000 for entry in slow if digest not in entry["command"] and not entry["command"].startswith(b"BL")]
    note = f"p50 {percentile(begins, 50):.3g} ms, p99 {percentile(begins, 99):.3g} ms; by SLOWLOG"
    read = f"{MESSAGES - left:,} messages read in {turns} turns, {took:.1f} s"
    grown = Figure(
        section="mailbox", name="the worker's growth meanwhile", value=peak - before, unit="MB", note=f"from {before:.1f} MB PSS"
    )
    return [
        Figure(section="mailbox", name="Redis blocked by the longest begin_turn", value=max(begins), unit="ms", note=note),
        Figure(section="mailbox", name="Redis blocked by the longest other command", value=max(others), unit="ms", note=read),
        *([grown] if before else []),
    ]


def _megabytes(process: int) -> float:
    """What the process weighs; nothing where the kernel does not say it."""
    return weight(process)[0] if Path("/proc/self/smaps_rollup").exists() else 0.0
