"""Notifications in Redis: those on their way, those given up, and which are done with."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import msgspec

from tinytown.clock import from_ms
from tinytown.domain.notification import Notification, NotificationId, Outgoing
from tinytown.store.bells import notify_bell
from tinytown.store.connection import Connection, Reply, text
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["KEPT", "SENT_KEPT", "NotificationStore"]

KEPT = timedelta(days=30)
"""How long it is remembered that a notification was sent, and what was given up."""
SENT_KEPT = 10_000
"""How many are remembered as sent at most."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Notification).decode


class NotificationStore:
    """Keeps news until people have it; every step is one script."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def add(self, notification: Notification) -> str:
        """Keep news and ring for it; answers as `add_notification.lua`."""
        keys, bell = self._keys, notify_bell(notification.id)
        return self._scripts.word(
            "add_notification",
            [
                keys.notification(notification.id), keys.notifications_due, keys.notifications_sent,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue),
            ],
            [notification.id, _encode(notification), *bell.args],
        )  # fmt: skip

    def get(self, notification: NotificationId) -> Outgoing | None:
        """One that is on its way or was given up."""
        (raw,) = self._connection.calls([("HGETALL", self._keys.notification(notification))])
        return _outgoing(notification, raw)

    def pending(self, count: int) -> list[Outgoing]:
        """Those on their way, the next one first."""
        return self._listed(self._keys.notifications_due, count)

    def dead(self, count: int) -> list[Outgoing]:
        """Those given up, the longest ago first."""
        return self._listed(self._keys.notifications_dead, count)

    def overdue(self, count: int) -> list[NotificationId]:
        """Ids of those that should have been looked at by now, by the server's time."""
        return self._before(self._keys.notifications_due, timedelta(), count)

    def dead_for(self, age: timedelta, count: int) -> list[NotificationId]:
        """Ids of those given up for so long."""
        return self._before(self._keys.notifications_dead, age, count)

    def take(self, notification: NotificationId, who: str, lease: timedelta) -> str:
        """Begin to deliver; answers as `take_notification.lua`."""
        keys = [self._keys.notification(notification), self._keys.notifications_due]
        return self._scripts.word("take_notification", keys, [notification, who, _ms(lease)])

    def mark(self, notification: NotificationId, who: str, lease: timedelta, what: str = "", mark: str = "") -> str:
        """Note what a destination said, and renew the lease; answers as `mark_notification.lua`."""
        keys = [self._keys.notification(notification), self._keys.notifications_due]
        return self._scripts.word("mark_notification", keys, [notification, who, _ms(lease), what, mark])

    def settle(self, notification: NotificationId, who: str, end: str, *, again_in: timedelta = timedelta(), why: str = "") -> str:
        """End an attempt as `sent`, `failed` or `dead`; answers as `settle_notification.lua`."""
        keys = self._keys
        return self._scripts.word(
            "settle_notification",
            [keys.notification(notification), keys.notifications_due, keys.notifications_dead, keys.notifications_sent],
            [notification, who, end, _ms(again_in), why, _ms(KEPT), SENT_KEPT],
        )

    def ring_again(self, notification: NotificationId) -> str:
        """Ring for one whose time has come; answers as `ring_notification.lua`."""
        keys, bell = self._keys, notify_bell(notification)
        slots = [keys.notification(notification), keys.notifications_due, keys.bell_messages(bell.queue), keys.bell_queue(bell.queue)]
        return self._scripts.word("ring_notification", slots, [notification, *bell.args])

    def requeue(self, notification: NotificationId) -> str:
        """Try one again at once; answers as `requeue_notification.lua`."""
        keys, bell = self._keys, notify_bell(notification)
        return self._scripts.word(
            "requeue_notification",
            [
                keys.notification(notification), keys.notifications_due, keys.notifications_dead,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue),
            ],
            [notification, *bell.args],
        )  # fmt: skip

    def drop(self, notification: NotificationId) -> str:
        """Forget one; answers as `drop_notification.lua`."""
        keys = self._keys
        slots = [keys.notification(notification), keys.notifications_due, keys.notifications_dead, keys.notifications_sent]
        return self._scripts.word("drop_notification", slots, [notification])

    def _listed(self, key: str, count: int) -> list[Outgoing]:
        ids = [NotificationId(text(raw)) for raw in self._connection.call("ZRANGE", key, 0, count - 1)]
        found = self._connection.calls([("HGETALL", self._keys.notification(each)) for each in ids]) if ids else []
        return [out for each, raw in zip(ids, found, strict=True) if (out := _outgoing(each, raw)) is not None]

    def _before(self, key: str, age: timedelta, count: int) -> list[NotificationId]:
        seconds, micros = self._connection.call("TIME")
        limit = int(seconds) * 1000 + int(micros) // 1000 - _ms(age)
        return [NotificationId(text(raw)) for raw in self._connection.call("ZRANGEBYSCORE", key, "-inf", limit, "LIMIT", 0, count)]


def _outgoing(notification: NotificationId, raw: Sequence[Reply]) -> Outgoing | None:
    known = {text(name): value for name, value in zip(raw[::2], raw[1::2], strict=True)}
    if "record" not in known:
        return None
    record = None
    with suppress(msgspec.DecodeError, UnicodeDecodeError):  # of another version, or damaged
        record = _decode(known["record"])
    looked_at = known.get("dead", max(int(known.get("not_before", 0)), int(known.get("taken_until", 0))))
    return Outgoing(
        id=notification,
        notification=record,
        attempts=int(known.get("attempts", 0)),
        reached=frozenset(text(known.get("reached", "")).split()),
        refused=frozenset(text(known.get("refused", "")).split()),
        why=text(known.get("why", "")),
        at=from_ms(int(looked_at)),
    )


def _ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
