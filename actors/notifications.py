"""Notifications: telling people who are away."""

from __future__ import annotations

from contextlib import suppress

from dramatiq import Broker, actor

from tinytown.actors.host import Host
from tinytown.domain.notification import NotificationId
from tinytown.errors import RedisUnavailable

__all__ = ["declare"]


def declare(broker: Broker, host: Host) -> None:
    """Declare the actor `notify` on a broker."""

    @actor(broker=broker, queue_name="control", actor_name="notify")
    def notify(notification_id: str) -> None:
        """Deliver a notification; harmless when that was done before."""
        with suppress(RedisUnavailable):  # the records know who was told, and the clock rings again
            host.town.notifications.deliver(NotificationId(notification_id))
