"""Notifications: telling people who are away."""

from __future__ import annotations

from collections import deque
from contextlib import suppress
from threading import Lock

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.domain.notification import NotificationId
from tinytown.errors import RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `notify` on a broker."""
    waiting: deque[str] = deque()
    telling = Lock()

    @actor(broker=broker, queue_name="control", actor_name="notify")
    def notify(notification_id: str) -> None:
        """Deliver a notification; harmless when that was done before.

        One thread of a process at a time does so, for destinations may be
        slow, and the others have tasks to assign.
        """
        waiting.append(notification_id)
        while waiting and telling.acquire(blocking=False):
            try:
                with suppress(IndexError, RedisUnavailable):  # another took it; whatever is left undone, the clock rings again
                    host.town.notifications.deliver(NotificationId(waiting.popleft()))
            finally:
                telling.release()
