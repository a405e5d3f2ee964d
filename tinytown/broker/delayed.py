"""Moves the delayed messages of stock producers to their queues when they are due."""

from __future__ import annotations

from typing import Any

import msgspec

from tinytown.broker.wire import Wire

__all__ = ["DelayedMessages"]

CHUNK = 500  # messages looked at in one pass


class DelayedMessages:
    """The delayed twin of a queue, which no worker of ours listens to.

    Nothing here delays messages; what other programs have delayed is moved in
    one step, so it is neither lost to a reconnect nor run twice.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._place: dict[str, int] = {}

    def promote(self, queue: str) -> int:
        """Move what is due among the next few; how many were moved."""
        delayed = self._wire.keys.delayed(queue)
        start = self._place.get(queue, 0)
        ids: list[bytes] = self._wire.ask("LRANGE", self._wire.keys.waiting(delayed), start, start + CHUNK - 1)
        if not ids:
            self._place[queue] = 0
            return 0
        now_ms = self._wire.now_ms()
        bodies: list[bytes | None] = self._wire.ask("HMGET", self._wire.keys.bodies(delayed), *ids)
        moved = sum(
            self._move(queue, identity, _without_delay(body, queue))
            for identity, body in zip(ids, bodies, strict=True)
            if body is not None and _due_at(body) <= now_ms
        )
        self._place[queue] = start + len(ids) - moved if len(ids) == CHUNK else 0
        return moved

    def _move(self, queue: str, identity: bytes, body: bytes) -> int:
        keys = self._wire.keys
        delayed = keys.delayed(queue)
        slots = [keys.waiting(delayed), keys.bodies(delayed), keys.waiting(queue), keys.bodies(queue)]
        return int(self._wire.call("promote", slots, [identity, body]))


def _due_at(body: bytes) -> float:
    """When the message is due; at once if it does not say, or cannot be read."""
    message = _fields(body)
    eta = message.get("options", {}).get("eta", 0) if isinstance(message.get("options"), dict) else 0
    return eta if isinstance(eta, int | float) else 0


def _without_delay(body: bytes, queue: str) -> bytes:
    """The body as its queue wants it; an unreadable one stays as it is and is buried there."""
    message = _fields(body)
    if not isinstance(message.get("options"), dict):
        return body
    message["queue_name"] = queue
    message["options"].pop("eta", None)
    return msgspec.json.encode(message)


def _fields(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}
