"""Brokers, workers and upkeep on one server, of the stock kind or of ours, for the same checks on both."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import dramatiq
import redis
from dramatiq import Worker
from dramatiq.broker import MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage, Retries
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.broker.faults import Proxy
from tests.waiting import wait_until
from tinytown.broker import BrokerKeys, Maintenance, TownBroker
from tinytown.broker.wire import Wire
from tinytown.store.keys import WORKERS_GROUP

__all__ = ["DOCKETS", "NAMESPACE", "House", "happens"]

NAMESPACE = "town:dramatiq"  # not below `tt:`, whose permanent keys are watched
DOCKETS = {queue: f"town:docket:{queue}" for queue in ("q", "other", "agents", "control", "left", "right")}
SILENCE = timedelta(milliseconds=400)


class House:
    """One kind of broker, `stock`, `ours` or ours on `streams`, and what was run by its workers."""

    def __init__(self, kind: str, socket: Path) -> None:
        self.kind = kind
        self.socket = socket
        self.streams = kind == "streams"
        self.patience = 1.5 if kind == "stock" else 10.0
        """Seconds until a check gives up: far more than needed, and on stock it is in vain anyway."""
        self.redis: Any = redis.Redis(unix_socket_path=str(socket), protocol=2)
        self.keys = BrokerKeys(NAMESPACE, DOCKETS)
        self.ran: list[Any] = []
        self.started: list[Any] = []
        self.gate = threading.Event()
        """The actor `wait` returns when this is set."""
        self._sent = 0
        self._leaving = threading.Event()
        self._clocks: list[threading.Thread] = []
        self._workers: list[Worker] = []
        self._brokers: list[RedisBroker] = []
        self._proxies: list[Proxy] = []

    def proxy(self) -> Proxy:
        """A faulty way to the server."""
        proxy = Proxy(self.socket, self.socket.with_name(f"proxy-{len(self._proxies)}.sock"))
        self._proxies.append(proxy)
        return proxy

    def broker(self, *, through: Proxy | None = None, queues: tuple[str, ...] = ("q",), caps: dict[str, int] | None = None) -> RedisBroker:
        """A process's broker, with the actors `note`, `wait` and `fail` on each queue."""
        return self.adopt(self._make(self.kind, self.socket if through is None else through.path, caps or {}), *queues)

    def stock_broker(self, *queues: str) -> RedisBroker:
        """A stock producer or worker, whatever the kind of the house."""
        return self.adopt(self._make("stock", self.socket, {}), *(queues or ("q",)))

    def producer(self, *queues: str) -> RedisBroker:
        """Who sends to this house: a stock broker, as far as it can."""
        return self.broker(queues=queues or ("q",)) if self.streams else self.stock_broker(*queues)

    def lay(self, identity: str, body: str | bytes | None = None, queue: str = "q") -> None:
        """Put a message onto a queue by hand; without a body, its id only."""
        if body is not None:
            self.redis.hset(self.keys.bodies(queue), identity, body)
        if self.streams:
            self.redis.xadd(self.keys.docket(queue), {"id": identity})
        else:
            self.redis.rpush(self.keys.waiting(queue), identity)

    def mislay(self, identity: str, queue: str = "q") -> None:
        """Take a waiting id away, and leave its message."""
        for entry, fields in self._waiting_entries(queue) if self.streams else ():
            if fields[b"id"] == identity.encode():
                self.redis.xdel(self.keys.docket(queue), entry)
        self.redis.lrem(self.keys.waiting(queue), 1, identity)

    def adopt(self, broker: RedisBroker, *queues: str) -> RedisBroker:
        """Give a broker the actors of the house, and close it in the end."""
        self._brokers.append(broker)
        for queue in queues or ("q",):
            self._actor(broker, queue, "note", self._note)
            self._actor(broker, queue, "wait", self._wait)
            self._actor(broker, queue, "fail", _fail)
        return broker

    def work(self, broker: RedisBroker, *, threads: int = 1, queues: set[str] | None = None) -> Worker:
        """Start a worker, which polls or blocks for 50 ms."""
        worker = Worker(broker, queues=queues, worker_threads=threads, worker_timeout=50)
        worker.start()
        self._workers.append(worker)
        return worker

    def maintain(self, broker: RedisBroker) -> None:
        """One pass of maintenance, on stock with every throw of the dice won."""
        if isinstance(broker, TownBroker):
            Maintenance(broker).run()
            return
        broker.maintenance_chance = 1_000_000
        for queue in broker.get_declared_queues():
            broker.do_qsize(queue)
            broker.do_qsize(f"{queue}.DQ")
        broker.maintenance_chance = 0

    def clock(self, broker: RedisBroker) -> None:
        """Maintain again and again in the background."""

        def tick() -> None:
            while not self._leaving.wait(0.05):
                with contextlib.suppress(Exception):
                    self.maintain(broker)

        self._clocks.append(threading.Thread(target=tick))
        self._clocks[-1].start()

    def send(self, broker: RedisBroker, actor: str, *args: Any, queue: str = "q", delay: int | None = None) -> str:
        """Send a message as any producer does; its id in Redis."""
        self._sent += 1  # a millisecond each, so that the order is known
        message = broker.get_actor(f"{actor}_{queue}").message(*args).copy(message_timestamp=1_790_000_000_000 + self._sent)
        return str(broker.enqueue(message, delay=delay).options["redis_message_id"])

    def take(self, broker: RedisBroker, count: int) -> MessageProxy:
        """Let this process take so many messages, and do nothing with them; the last one."""
        if isinstance(broker, TownBroker):
            broker.slots.open(count)
        consumer = broker.consume("q", prefetch=count, timeout=50)
        messages = [next(consumer) for _ in range(count)]
        assert len(self.taken(broker)) == count
        assert messages[-1] is not None
        return messages[-1]

    def expect_ran(self, *items: Any) -> None:
        """Fail unless exactly these were run, in any order."""
        wait_until(lambda: sorted(self.ran) == sorted(items), timeout=self.patience, message=f"{items} to run, {self.ran} ran")

    def waiting(self, queue: str = "q") -> list[str]:
        """The ids that wait, in order."""
        if self.streams:
            return [fields[b"id"].decode() for _, fields in self._waiting_entries(queue)]
        return [identity.decode() for identity in self.redis.lrange(self.keys.waiting(queue), 0, -1)]

    def bodies(self, queue: str = "q") -> int:
        """How many messages there are, waiting and taken."""
        return int(self.redis.hlen(self.keys.bodies(queue)))

    def taken(self, broker: RedisBroker, queue: str = "q") -> set[str]:
        """The ids that this broker's process has taken."""
        if self.streams:
            docket = self.keys.docket(queue)
            with contextlib.suppress(redis.ResponseError):
                held = self.redis.xpending_range(docket, WORKERS_GROUP, "-", "+", 1000, broker.broker_id)
                entries = [self.redis.xrange(docket, each["message_id"], each["message_id"])[0] for each in held]
                return {fields[b"id"].decode() for _, fields in entries}
            return set()
        return {identity.decode() for identity in self.redis.smembers(self.keys.taken(broker.broker_id, queue))}

    def numbers(self, queue: str = "q") -> tuple[int, int]:
        """Lag and pending of a stream, as the scaling signal reads them."""
        lag, pending = Wire(lambda: self.redis, NAMESPACE).call("read_docket", [self.keys.docket(queue)], [WORKERS_GROUP, 100])
        return lag, pending

    def dead_letters(self, queue: str = "q") -> list[str]:
        """The ids of the dead letters."""
        return [identity.decode() for identity in self.redis.zrange(self.keys.dead(queue), 0, -1)]

    def silence(self) -> None:
        """Let everybody have spoken for the last time an age ago."""
        for process in self.redis.zrange(self.keys.heartbeats, 0, -1):
            self.redis.zadd(self.keys.heartbeats, {process: 1})
        for docket in self.redis.keys("town:docket:*"):
            for group in self.redis.xinfo_groups(docket):
                wait_until(partial(self._is_quiet, docket, group["name"]))

    def close(self) -> None:
        """Stop everything, whatever state it is in."""
        self.gate.set()
        self._leaving.set()
        for thread in self._clocks:
            thread.join(10)
        for worker in self._workers:
            worker.stop(timeout=2000)
        for broker in self._brokers:
            broker.close()
            if not isinstance(broker, TownBroker):
                broker.client.close()
        for proxy in self._proxies:
            proxy.close()
        self.redis.close()

    def _make(self, kind: str, path: Path, caps: dict[str, int]) -> RedisBroker:
        if kind != "stock":
            return TownBroker(
                connect=lambda: _client(path),
                namespace=NAMESPACE,
                caps=caps,
                threads=8,
                heartbeat_timeout=SILENCE,
                dockets=DOCKETS,
                streams=kind == "streams",
            )
        return RedisBroker(  # type: ignore[no-untyped-call]
            client=_client(path),
            namespace=NAMESPACE,
            maintenance_chance=0,
            heartbeat_timeout=int(SILENCE.total_seconds() * 1000),
            middleware=[CurrentMessage(), Retries(max_retries=0)],
        )

    def _waiting_entries(self, queue: str) -> list[Any]:
        last = "-"
        if self.redis.exists(self.keys.docket(queue)):
            for group in self.redis.xinfo_groups(self.keys.docket(queue)):
                last = f"({group['last-delivered-id'].decode()}"
        return list(self.redis.xrange(self.keys.docket(queue), last))

    def _is_quiet(self, docket: bytes, group: bytes) -> bool:
        """Whether all who took something from a stream did so long enough ago."""
        return all(each["idle"] > SILENCE / timedelta(milliseconds=1) for each in self.redis.xinfo_consumers(docket, group))

    def _actor(self, broker: RedisBroker, queue: str, name: str, work: Callable[[Any], None]) -> None:
        dramatiq.actor(actor_class=dramatiq.Actor, broker=broker, queue_name=queue, actor_name=f"{name}_{queue}")(work)

    def _note(self, item: Any) -> None:
        self.ran.append(item)

    def _wait(self, item: Any) -> None:
        self.started.append(item)
        self.gate.wait(30)
        self.ran.append(item)


def happens(predicate: Callable[[], Any], within: float) -> bool:
    """Whether this becomes true in so many seconds."""
    try:
        wait_until(predicate, timeout=within)
    except AssertionError:
        return False
    return True


def _client(path: Path) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(path), protocol=2, socket_timeout=0.5, retry=Retry(NoBackoff(), 0))


def _fail(item: Any) -> None:
    raise RuntimeError(item)
