"""One queue's consumer: it blocks in Redis, and knows what its process holds."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import redis
from dramatiq.broker import Consumer, MessageProxy
from dramatiq.common import q_name
from dramatiq.errors import ConnectionClosed
from dramatiq.logging import get_logger
from dramatiq.message import Message

from tinytown.broker.slots import Slots
from tinytown.broker.transport import Taken, Transport
from tinytown.clock import Clock

__all__ = ["BlockingConsumer"]

FIRST_BACKOFF = 0.05  # seconds; doubles up to the time-out of the consumer


class BlockingConsumer(Consumer):
    """Yields the messages of one queue to the worker's threads.

    It takes only what can run at once, survives Redis going away, and returns
    what a lost reply has left with this process. Only the thread that iterates
    takes messages; any thread may ack. While that thread waits for a place, an
    ack gives it one, and is said to Redis together with the next request.
    """

    def __init__(self, transport: Transport, slots: Slots, queue: str, *, clock: Clock, beat_every: timedelta) -> None:
        self.queue = queue
        self.timeout_ms = 1000
        self.logger = get_logger(__name__, type(self))  # type: ignore[no-untyped-call]
        self._transport = transport
        self._slots = slots
        self._clock = clock
        self._beat_every = beat_every.total_seconds()
        self._beaten_at: float | None = None
        self._taken: deque[Taken] = deque()
        self._unsaid: deque[tuple[Callable[[str, str], None], str]] = deque()
        self._done: list[str] = []
        self._takes_next = False
        self._handing_over = threading.Lock()
        self._seems_empty = False
        self._failures = 0
        self._closed = threading.Event()

    def open(self, timeout_ms: int) -> None:
        """Begin, or begin again after `close`; block for so long at most."""
        self.timeout_ms = timeout_ms
        self._closed.clear()

    @property
    def is_waiting_for_redis(self) -> bool:
        """Whether Redis did not answer when it was last asked."""
        return self._failures > 0

    def __next__(self) -> MessageProxy | None:
        try:
            message = self._next_message()
        except redis.RedisError as error:
            self._back_off(error)
            return None
        if self._failures > 0:
            self.logger.warning("Redis answers again; queue %r is served.", self.queue, extra={"action": "broker.reconnected"})
            self._failures = 0
        return message

    def ack(self, message: MessageProxy) -> None:
        """Settle the message, now or as soon as Redis answers."""
        identity = message.options["redis_message_id"]
        with self._handing_over:
            if self._takes_next:
                self._done.append(identity)
                self._slots.release(self.queue, identity)
                return
        self._say(self._transport.settle, identity)

    def nack(self, message: MessageProxy) -> None:
        """Bury the message, now or as soon as Redis answers."""
        self._say(self._transport.bury, message.options["redis_message_id"])

    def requeue(self, messages: Iterable[MessageProxy]) -> None:
        """Let messages that were taken and not run wait again."""
        self._give_back([message.options["redis_message_id"] for message in messages])

    def close(self) -> None:
        """Say what is still unsaid, and give back what was not handed out."""
        self._closed.set()
        self._slots.leave(self.queue)
        try:
            self._say_the_unsaid()
            self._give_back([taken.id for taken in self._taken])
            self._taken.clear()
            self._transport.let_go(self.queue)
        except redis.RedisError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]

    def _next_message(self) -> MessageProxy | None:
        while True:
            while self._taken:
                message = self._read(self._taken.popleft())
                if message is not None:
                    return MessageProxy(message)
            self._say_the_unsaid()
            self._beat_if_due()
            if not self._take():
                return None

    def _take(self) -> bool:
        """Take what waits as far as it can run now; wait for it if need be."""
        self._next_is_to_take(yes=True)
        try:
            took = self._take_what_fits()
            if not took:
                self._transport.let_go(self.queue)
            return took
        finally:
            for identity in self._next_is_to_take(yes=False):
                self._say(self._transport.settle, identity)

    def _take_what_fits(self) -> bool:
        if not self._slots.wait_for_room(self.queue, self.timeout_ms / 1000):
            return False
        if self._seems_empty and not self._wait():
            return False
        self._seems_empty = False
        places = self._slots.reserve(self.queue, self.timeout_ms / 1000)
        if places == 0:
            return False
        try:
            taken = self._request(places)
            for each in taken:
                self._slots.hold(self.queue, each.id)
        finally:
            self._slots.unreserve(self.queue, places)
        self._taken.extend(taken)
        self._seems_empty = len(taken) < places
        return bool(taken) or self._seems_empty

    def _wait(self) -> bool:
        """Block until a message waits; meanwhile acks go to Redis at once."""
        done = self._next_is_to_take(yes=False)
        for identity in done:
            self._say(self._transport.settle, identity)
        try:
            return self._transport.wait(self.queue, self.timeout_ms)
        finally:
            self._next_is_to_take(yes=True)

    def _request(self, places: int) -> list[Taken]:
        done = self._next_is_to_take(yes=True)
        try:
            return self._transport.take(self.queue, places, done)
        except redis.RedisError:
            for identity in done:
                self._slots.hold(self.queue, identity)
                self._unsaid.append((self._transport.settle, identity))
            raise

    def _next_is_to_take(self, *, yes: bool) -> list[str]:
        """Say whether acks may wait for the next request; what is done so far, to be said by the caller."""
        with self._handing_over:
            self._takes_next = yes
            done, self._done = self._done, []
            return done

    def _read(self, taken: Taken) -> Message[Any] | None:
        """The message, or None when it is poisoned and therefore buried."""
        try:
            message: Message[Any] = Message.decode(taken.body)
            _check(message, self.queue)
        except Exception as error:  # noqa: BLE001 - whatever a body can do to its decoder, those behind it must be served
            self.logger.error(  # noqa: TRY400 - the sentence is enough; the body is in the dead letters
                "Message %s on queue %r cannot be read and is now a dead letter: %s",
                taken.id,
                self.queue,
                error,
                extra={"action": "broker.poisoned"},
            )
            self._say(self._transport.bury, taken.id)
            return None
        return message if message.options.get("redis_message_id") == taken.id else message.copy(options={"redis_message_id": taken.id})

    def _say(self, verb: Callable[[str, str], None], identity: str) -> None:
        """Tell Redis what became of a message, and free its place.

        When Redis is away the worker's thread does not wait for it: the place
        stays filled, and the consumer says it before it takes anything more.
        """
        try:
            verb(self.queue, identity)
        except redis.RedisError as error:
            self.logger.warning("Redis cannot be told about message %s yet: %s", identity, error, extra={"action": "broker.unsaid"})
            self._unsaid.append((verb, identity))
        else:
            self._slots.release(self.queue, identity)

    def _say_the_unsaid(self) -> None:
        while self._unsaid:
            verb, identity = self._unsaid[0]
            verb(self.queue, identity)
            self._unsaid.popleft()
            self._slots.release(self.queue, identity)

    def _give_back(self, identities: list[str]) -> None:
        if not identities:
            return
        try:
            self._transport.give_back(self.queue, identities)
        except redis.RedisError as error:
            raise ConnectionClosed(error) from None  # type: ignore[no-untyped-call]
        for identity in identities:
            self._slots.release(self.queue, identity)

    def _beat_if_due(self) -> None:
        """Say that this process lives, and return what it holds unknowingly.

        A reply that was lost has moved messages to this process which it never
        saw. The command may even run late, after the connection is gone, so
        looking once is not enough.
        """
        now = self._clock.monotonic()
        if self._beaten_at is not None and now - self._beaten_at < self._beat_every:
            return
        self._transport.beat()
        strays = self._transport.give_back_strays(self.queue, self._slots.held(self.queue))
        if strays:
            self.logger.warning("Returned %d stray messages to queue %r.", strays, self.queue, extra={"action": "broker.strays"})
        self._beaten_at = now

    def _back_off(self, error: redis.RedisError) -> None:
        if self._failures == 0:
            self.logger.warning("Redis does not answer; queue %r waits: %s", self.queue, error, extra={"action": "broker.disconnected"})
        self._slots.leave(self.queue)
        self._beaten_at = None
        delay = min(self.timeout_ms / 1000, FIRST_BACKOFF * 2 ** min(self._failures, 10))
        self._failures += 1
        self._closed.wait(delay)


def _check(message: Message[Any], queue: str) -> None:
    """Refuse what would break the worker's threads rather than its actor."""
    if not (isinstance(message.options, dict) and isinstance(message.kwargs, dict)):
        raise TypeError("options and kwargs must be objects")
    if not (isinstance(message.actor_name, str) and isinstance(message.message_id, str)):
        raise TypeError("actor_name and message_id must be strings")
    if message.queue_name not in {queue, q_name(queue)}:
        raise ValueError(f"it says that it belongs to queue {message.queue_name!r}")
