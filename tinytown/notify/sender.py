"""A sender: what is told to one destination, and how it is known without its address."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Protocol

from tinytown.domain.notification import Answer, Notification, NotificationId, Outcome

__all__ = ["Sender", "Unusable", "mark_of", "within"]


class Sender(Protocol):
    """Tells one destination."""

    name: str
    """What people may see of it."""

    def mark(self, notification: NotificationId) -> str:
        """What is kept, in place of its address, of a destination that has a notification."""
        ...

    def send(self, notification: Notification, town: str) -> Outcome:
        """Tell it; whatever goes wrong is in the outcome."""
        ...


class Unusable:
    """A destination that settings name and nothing can be sent to."""

    def __init__(self, name: str, address: str, why: str) -> None:
        self.name = name
        self._address = address
        self._why = why

    def mark(self, notification: NotificationId) -> str:
        """What is kept of it."""
        return mark_of(notification, self._address)

    def send(self, notification: Notification, town: str) -> Outcome:  # noqa: ARG002  # as the others
        """Say what is wrong with it."""
        return Outcome(Answer.REFUSED, self._why)


def mark_of(notification: NotificationId, address: str) -> str:
    """A digest of an address, another one for each notification; too short to be sure of what was guessed."""
    return sha256(f"{notification}\0{address}".encode()).hexdigest()[:10]


def within(limit: timedelta, send: Callable[[], Outcome]) -> Outcome:
    """What came of a call that may take so long; one that takes longer is left to itself.

    Libraries bound each step, and a peer that drips one byte now and then
    makes endlessly many of them.
    """
    found: list[Outcome] = []
    thread = threading.Thread(target=lambda: found.append(_safely(send)), name="notify", daemon=True)
    thread.start()
    thread.join(limit.total_seconds())
    return found[0] if found else Outcome(Answer.FAILED, f"no answer within {limit.total_seconds():g} s")


def _safely(send: Callable[[], Outcome]) -> Outcome:
    try:
        return send()
    except Exception as error:  # noqa: BLE001  # whatever a plugin raises; its words may hold the address
        return Outcome(Answer.FAILED, f"cannot be told: {type(error).__name__}")
