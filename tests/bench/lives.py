"""How many tasks a second live their whole life: from `assign` to `completed`, all of it in Redis.

Beside it what a queue alone can do here: stock Dramatiq with an actor that
does nothing, and a list of bare Redis.
"""

from __future__ import annotations

import time

import redis

from tests.bench import stock
from tests.bench.figure import Figure
from tests.bench.place import Place
from tests.waiting import wait_until
from tinytown.domain.task import TaskState
from tinytown.town import Town

__all__ = ["measure"]

TASKS = 6000
AGENTS = 8
WORKERS = 2
CONCURRENCY = 1  # one worker for each of two cores; more threads are for programs that take time, and these take none


def measure() -> list[Figure]:
    """Lives a second, with turns that take their whole mail, and with a turn for each task; then the others."""
    return [*_lives("batch"), *_lives("noop"), *_stock(), *_bare()]


def _lives(cli: str) -> list[Figure]:
    with Place() as place, place.town() as town:
        agents = [town.spawn(f"{cli}-{number}", cli=cli).name for number in range(AGENTS)]
        place.noop_workers(WORKERS, town, concurrency=CONCURRENCY)
        _feed(town, agents, AGENTS)  # the first turns load scripts and connect
        wait_until(lambda: _completed(town) == AGENTS, timeout=60)
        before, began = town.events.counters().get("rounds", 0), time.perf_counter()
        _feed(town, agents, TASKS)
        fed = time.perf_counter() - began
        wait_until(lambda: _completed(town) == TASKS + AGENTS, timeout=120, every=0.02)
        took = time.perf_counter() - began
        turns = town.events.counters()["rounds"] - before
    how = "a turn for each task" if cli == "noop" else "turns take their mail"
    return [
        Figure(
            section="lives",
            name=f"task lives a second, {how}",
            value=TASKS / took,
            unit="/s",
            goal=2500,
            better="more",
            note=f"{TASKS} tasks, {AGENTS} agents, {WORKERS}×{CONCURRENCY} turns at once, {turns} in all; assign alone took {fed:.1f} s",
        )
    ]


def _stock() -> list[Figure]:
    with Place() as place:
        for _ in range(WORKERS):
            stock.start(place, "dramatiq")
        broker, actor = stock.bell_broker(place.server.url, lambda: None)
        actor.send()
        wait_until(lambda: broker.do_qsize(actor.queue_name) == 0, timeout=30)
        began = time.perf_counter()
        for _ in range(TASKS):
            actor.send()
        sent = time.perf_counter() - began
        wait_until(lambda: broker.do_qsize(actor.queue_name) == 0, timeout=120, every=0.02)
        took = time.perf_counter() - began
        broker.close()
    note = f"{TASKS} messages, {WORKERS} workers; sending alone took {sent:.1f} s"
    return [Figure(section="lives", name="stock Dramatiq: messages a second", value=TASKS / took, unit="/s", better="more", note=note)]


def _bare() -> list[Figure]:
    with Place() as place:
        client = redis.Redis.from_url(place.server.url)
        for _ in range(WORKERS):
            stock.start(place, "redis")
        began = time.perf_counter()
        for _ in range(TASKS):
            client.rpush(stock.REDIS_LIST, "x")
        wait_until(lambda: client.llen(stock.REDIS_LIST) == 0, timeout=120, every=0.005)
        took = time.perf_counter() - began
        client.close()
    note = f"{TASKS} messages, {WORKERS} readers"
    return [Figure(section="lives", name="bare Redis: RPUSH, BLPOP, a second", value=TASKS / took, unit="/s", better="more", note=note)]


def _feed(town: Town, agents: list[str], count: int) -> None:
    for number in range(count):
        town.assign(agents[number % len(agents)], f"task {number}")


def _completed(town: Town) -> int:
    return town.tasks.count().get(TaskState.COMPLETED, 0)
