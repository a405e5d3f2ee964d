"""What ours is compared with: stock Dramatiq and bare Redis, each in a process of its own.

    python -m tests.bench.stock dramatiq|redis URL [mark]

With `mark` it says for each message when it began, in nanoseconds of the
machine's monotonic clock.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

from tests.bench.place import Place

__all__ = ["REDIS_LIST", "bell", "bell_broker", "start"]

REDIS_LIST = "bench"


def bell_broker(url: str, work: Callable[[], None]) -> tuple[RedisBroker, dramatiq.Actor[[], None]]:
    """A stock broker, and an actor on it that does the work."""
    broker = RedisBroker(url=url)  # type: ignore[no-untyped-call]
    return broker, dramatiq.actor(broker=broker, actor_name="bell", queue_name="bench")(work)


def bell(url: str) -> Callable[[], object]:
    """What rings for the stock worker."""
    return bell_broker(url, lambda: None)[1].send


def start(place: Place, kind: str, *flags: str) -> subprocess.Popen[bytes]:
    """Start a process that answers, and wait until it does."""
    process = place.python("-m", "tests.bench.stock", kind, place.server.url, *flags)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def main() -> None:
    kind, url, *flags = sys.argv[1:]
    work = _mark if "mark" in flags else _nothing
    {"dramatiq": _dramatiq, "redis": _redis}[kind](url, work)


def _dramatiq(url: str, work: Callable[[], None]) -> None:
    broker, _ = bell_broker(url, work)
    dramatiq.Worker(broker, worker_threads=4).start()
    print("ready", flush=True)
    sys.stdin.read()


def _redis(url: str, work: Callable[[], None]) -> None:
    client: Any = redis.Redis.from_url(url)
    print("ready", flush=True)
    while True:
        client.blpop(REDIS_LIST)
        work()


def _mark() -> None:
    print(time.monotonic_ns(), flush=True)


def _nothing() -> None:
    pass


if __name__ == "__main__":
    main()
