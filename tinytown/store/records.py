"""Records as they are stored: JSON strings with a version in front."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.event import Event
from tinytown.domain.message import Message, Receipt
from tinytown.domain.task import Task
from tinytown.errors import InvalidValue, RecordUnreadable
from tinytown.store.connection import Arg, Connection, Reply, ReplyError

__all__ = [
    "decode_agent",
    "decode_event",
    "decode_message",
    "decode_receipt",
    "decode_task",
    "encode",
    "event_args",
    "read",
    "read_many",
    "readable_only",
    "refuse_other_types",
]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")

encode = msgspec.json.Encoder().encode
_agent = msgspec.json.Decoder(Agent)
_task = msgspec.json.Decoder(Task)
_message = msgspec.json.Decoder(Message)
_receipt = msgspec.json.Decoder(Receipt)
_event = msgspec.json.Decoder(Event)


def decode_agent(raw: bytes, key: str) -> Agent:
    """The agent that the bytes under a key stand for."""
    return _decode(_agent, raw, key)


def decode_task(raw: bytes, key: str) -> Task:
    """The task that the bytes under a key stand for."""
    return _decode(_task, raw, key)


def decode_message(raw: bytes, key: str) -> Message:
    """The message that an entry of a list stands for."""
    return _decode(_message, raw, key)


def decode_receipt(raw: bytes, key: str) -> Receipt:
    """The receipt that the bytes under a key stand for."""
    return _decode(_receipt, raw, key)


def decode_event(raw: bytes, key: str) -> Event:
    """The event that an entry of a stream stands for."""
    return _decode(_event, raw, key)


def _decode(decoder: msgspec.json.Decoder[T], raw: bytes, key: str) -> T:
    try:
        return decoder.decode(raw)
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError, InvalidValue) as error:
        raise RecordUnreadable(key, f"{error}; `tt migrate` converts records of older versions") from error


def read(connection: Connection, key: str) -> bytes | None:
    """The bytes under a key.

    Raises:
        RecordUnreadable: the key holds no string, as in versions that kept records in hashes.
    """
    try:
        reply: bytes | None = connection.call("GET", key)
    except ReplyError as error:
        if error.word != "WRONGTYPE":
            raise
        raise _not_a_string(key) from error
    return reply


def read_many(connection: Connection, keys: Sequence[str]) -> list[bytes | None]:
    """The bytes under many keys, in order, in bounded round trips.

    Raises:
        RecordUnreadable: one of the keys holds something other than a string.
    """
    found: list[bytes | None] = []
    for start in range(0, len(keys), 500):
        chunk = keys[start : start + 500]
        values: list[Reply] = connection.call("MGET", *chunk)
        refuse_other_types(connection, chunk, values)
        found.extend(values)
    return found


def readable_only(get_many: Callable[[Sequence[K]], list[V]], ids: Sequence[K]) -> list[V]:
    """What can be read of many, for work that must go on whatever is wrong with one of them."""
    try:
        return get_many(ids)
    except RecordUnreadable:
        if len(ids) == 1:
            return []
        middle = len(ids) // 2
        return readable_only(get_many, ids[:middle]) + readable_only(get_many, ids[middle:])


def refuse_other_types(connection: Connection, keys: Sequence[str], values: Sequence[Reply]) -> None:
    """Make sure that what MGET did not find is not there at all.

    MGET answers nil for a key of another type; a hash must not look like a record that is gone.

    Raises:
        RecordUnreadable: one of the keys holds something other than a string.
    """
    missing = [key for key, value in zip(keys, values, strict=True) if value is None]
    if missing:
        for key, kind in zip(missing, connection.calls([("TYPE", key) for key in missing]), strict=True):
            if kind != b"none":
                raise _not_a_string(key)


def _not_a_string(key: str) -> RecordUnreadable:
    return RecordUnreadable(key, "it is not a JSON string; `tt migrate` converts records of older versions")


def event_args(event: Event | None, limits: Sequence[int]) -> list[Arg]:
    """The end of a script's arguments: the event, and one length limit for each stream."""
    if event is None:
        return ["", ""]
    return [event.event_type.value, encode(event), *limits]
