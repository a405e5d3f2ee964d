"""Doorbells on the queues of a town, lost and repeated by force, whether they are on lists or on a stream."""

from __future__ import annotations

from contextlib import suppress

from tinytown.domain.ids import new_id
from tinytown.store.connection import ReplyError
from tinytown.store.keys import WORKERS_GROUP
from tinytown.town import Town

__all__ = ["bells_on", "drop_bells", "ring_again"]


def drop_bells(town: Town, queue: str, most: int) -> int:
    """Lose the first bells that wait on a queue, wholly; how many that were."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    place = keys.bell_queue(queue)
    lost = _taken_off(town, most) if place == keys.docket else connection.call("LPOP", place, most) or []
    return int(connection.call("HDEL", keys.bell_messages(queue), *lost)) if lost else 0


def bells_on(town: Town, queue: str, most: int = 0) -> dict[bytes, bytes]:
    """The messages of the bells that wait on a queue or are being answered; only so many by chance, if `most` says so."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    messages = keys.bell_messages(queue)
    flat = connection.call("HRANDFIELD", messages, most, "WITHVALUES") if most else connection.call("HGETALL", messages)
    return dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {}


def ring_again(town: Town, queue: str, bell: bytes, body: bytes) -> None:
    """Ring once more for what a bell was rung for."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    again = new_id().encode()
    place = keys.bell_queue(queue)
    ring = ("XADD", place, "*", "id", again) if place == keys.docket else ("RPUSH", place, again)
    connection.calls([("HSET", keys.bell_messages(queue), again, body.replace(bell, again)), ring])


def _taken_off(town: Town, most: int) -> list[bytes]:
    """Take entries off the stream as a worker would, and settle them; the ids of their messages."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    with suppress(ReplyError):  # there is one already
        connection.call("XGROUP", "CREATE", keys.docket, WORKERS_GROUP, "0", "MKSTREAM")
    found = connection.call("XREADGROUP", "GROUP", WORKERS_GROUP, "thief", "COUNT", most, "STREAMS", keys.docket, ">")
    lost = []
    for entry, fields in found[0][1] if found else []:
        connection.call("XACK", keys.docket, WORKERS_GROUP, entry)
        lost.append(dict(zip(fields[::2], fields[1::2], strict=True))[b"id"])
    return lost
