"""Notifications: telling people who are away."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.actors.turnstile import Turnstile
from tinytown.domain.notification import NotificationId
from tinytown.errors import RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `notify` on a broker."""

    def tell(notification_id: str) -> None:
        with suppress(RedisUnavailable):  # whatever is left undone, the clock rings again
            host.town.notifications.deliver(NotificationId(notification_id))

    turnstile = Turnstile(1, tell)

    @actor(broker=broker, queue_name="control", actor_name="notify")
    def notify(notification_id: str) -> None:
        """Deliver a notification; harmless when that was done before.

        One thread of a process at a time does so, for destinations may be
        slow, and the others have tasks to assign.
        """
        turnstile.come(notification_id)
