"""The broker of a town: Dramatiq's Redis broker with consumers, scripts and upkeep of our own."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import redis
from dramatiq import Broker, Middleware, Worker
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import CurrentMessage, Retries

from tinytown.broker.client import redis_client
from tinytown.broker.consumer import BlockingConsumer
from tinytown.broker.lists import ListTransport
from tinytown.broker.slots import Slots
from tinytown.broker.streams import StreamTransport
from tinytown.broker.transport import Transport
from tinytown.broker.wire import Wire
from tinytown.clock import Clock, SystemClock
from tinytown.domain.town import town_name
from tinytown.store.keys import Keys

__all__ = ["AGENTS", "CONTROL", "CONTROL_THREADS", "TownBroker", "build_broker", "namespace_of"]

AGENTS = "agents"
"""The queue of long work: turns."""

CONTROL = "control"
"""The queue of short work: assignments, mission ticks, notifications."""

CONTROL_THREADS = 4
"""One tells people, two drive missions, and one at least is left for tasks, which must not wait for GitHub."""

SILENCE = timedelta(seconds=10)
"""After so long without a word a process counts as dead, and what it had taken goes back.

Shorter than a lease, so that an agent whose bell died with a worker waits no longer than
one whose turn did. Being wrong is harmless: a bell that is answered twice finds nothing to do.
"""


class TownBroker(RedisBroker):
    """A Redis broker that loses nothing and wakes at once.

    It shares queues with stock producers and workers. Making one does not
    connect: `connect` is called for the first command. There are no delay
    consumers and no maintenance by chance; `Maintenance` does both on time.

    Args:
        caps: how many messages of a queue may run at once in this process.
        threads: how many may run together, until a worker says how many threads it has.
        heartbeat_timeout: the silence after which a process counts as dead.
        dockets: the streams of those queues that may have one.
        streams: those queues are carried by their streams; all others, and all without it, by lists.
    """

    def __init__(
        self,
        *,
        connect: Callable[[], redis.Redis],
        namespace: str,
        caps: Mapping[str, int],
        threads: int | None = None,
        heartbeat_timeout: timedelta = SILENCE,
        dead_letters_kept: timedelta = timedelta(days=7),
        dockets: Mapping[str, str] | None = None,
        streams: bool = False,
        clock: Clock | None = None,
        middleware: list[Middleware] | None = None,
    ) -> None:
        # RedisBroker's own constructor wants a client at once and would register Dramatiq's script with it.
        Broker.__init__(self, middleware=[*(_usual_middleware() if middleware is None else middleware), _Doors()])
        self.broker_id = str(uuid4())
        self.namespace = namespace
        self.maintenance_chance = 0
        self.heartbeat_timeout = _to_ms(heartbeat_timeout)
        self.dead_message_ttl = _to_ms(dead_letters_kept)
        self.queues: set[str] = set()
        self.threads = sum(caps.values()) if threads is None else threads
        self.slots = Slots(caps, self.threads)
        self.wire = Wire(connect, namespace, dockets)
        self.streams = streams
        self._lists = ListTransport(self.wire, self.broker_id)
        self._streams = StreamTransport(self.wire, self.broker_id)
        self._clock = SystemClock() if clock is None else clock
        self._beat_every = heartbeat_timeout / 4
        self._consumers: dict[str, BlockingConsumer] = {}

    @property
    def client(self) -> redis.Redis:  # type: ignore[override]
        """The client of this process, made on first use."""
        return self.wire.client

    def transport_of(self, queue_name: str) -> Transport:
        """What carries the messages of a queue."""
        return self._streams if self.streams and queue_name in self.wire.keys.dockets else self._lists

    def declare_queue(self, queue_name: str) -> None:
        """Declare a queue; its delayed twin gets no consumer."""
        if queue_name not in self.queues:
            self.emit_before("declare_queue", queue_name)
            self.queues.add(queue_name)
            self.emit_after("declare_queue", queue_name)

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 1000) -> BlockingConsumer:
        """The consumer of a queue: the same each time, since it knows what is held.

        Args:
            prefetch: not heeded; the slots say how much may be taken.
            timeout: how long it may block, in milliseconds; one second at most, so that it hears of a stop.
        """
        del prefetch
        consumer = self._consumers.get(queue_name)
        if consumer is None:
            consumer = BlockingConsumer(
                self.transport_of(queue_name), self.slots, queue_name, clock=self._clock, beat_every=self._beat_every
            )
            self._consumers[queue_name] = consumer
        consumer.open(min(timeout, 1000))
        return consumer

    def close(self) -> None:
        """Close the connections."""
        with contextlib.suppress(redis.RedisError):
            self.wire.close()

    def do_enqueue(self, queue_name: str, redis_message_id: str, body: bytes) -> None:
        """Let an encoded message wait; Dramatiq's `enqueue` ends here."""
        with self.wire.reported():
            self.transport_of(queue_name).put(queue_name, redis_message_id, body)

    def do_qsize(self, queue_name: str) -> int:
        """How many messages wait, run, or are delayed; Dramatiq's `join` asks."""
        with self.wire.reported():
            return self.transport_of(queue_name).size(queue_name)

    def do_purge(self, queue_name: str) -> None:
        """Delete all messages of a queue; Dramatiq's `flush` ends here."""
        with self.wire.reported():
            self.transport_of(queue_name).purge(queue_name)


def _usual_middleware() -> list[Middleware]:
    """What runs around each actor.

    `Retries` only so that an actor that raises leaves a dead letter: without
    it Dramatiq would ack the message as done. Turns keep their own attempts,
    time limits and way to stop, so there is nothing else.
    """
    return [CurrentMessage(), Retries(max_retries=0)]


def namespace_of(town: str) -> str:
    """The prefix of all Dramatiq keys of a town."""
    return f"tt:{town}:dramatiq"


def build_broker(
    connect: str | Callable[[], redis.Redis],
    *,
    town: str,
    concurrency: int,
    control: int = CONTROL_THREADS,
    streams: bool = False,
    heartbeat_timeout: timedelta = SILENCE,
    dead_letters_kept: timedelta = timedelta(days=7),
    clock: Clock | None = None,
) -> TownBroker:
    """The broker of a town; its `threads` are what a worker should have.

    Args:
        connect: the URL of Redis, or who makes a client when one is needed.
        concurrency: how many turns may run at once.
        control: how many short jobs may run beside them.
        streams: the bells of turns are on a stream.
    """
    return TownBroker(
        connect=(lambda: redis_client(connect)) if isinstance(connect, str) else connect,
        namespace=namespace_of(town),
        caps={AGENTS: concurrency, CONTROL: control},
        dockets={AGENTS: Keys(town_name(town)).docket},
        streams=streams,
        heartbeat_timeout=heartbeat_timeout,
        dead_letters_kept=dead_letters_kept,
        clock=clock,
    )


class _Doors(Middleware):
    """Opens the slots for a worker that starts, and shuts them when it begins to stop.

    A stock worker that drains goes on fetching messages which it will not run.
    """

    def before_worker_boot(self, broker: Any, worker: Worker) -> None:
        broker.slots.open(worker.worker_threads)

    def before_worker_shutdown(self, broker: Any, worker: Worker) -> None:  # noqa: ARG002 - the hook's signature is Dramatiq's
        broker.slots.shut()


def _to_ms(duration: timedelta) -> int:
    return int(duration / timedelta(milliseconds=1))
