"""Answers in Redis: what was said to requests that may be repeated."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import msgspec

from tinytown.store.connection import Connection
from tinytown.store.keys import Keys

__all__ = ["AnswerStore", "Answered"]

_encode = msgspec.json.Encoder().encode


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer of townhall; its status is 0 while it is not known yet."""

    fingerprint: str = ""
    status: int = 0
    headers: dict[str, str] = {}
    body: bytes = b""


_decode = msgspec.json.Decoder(Answered).decode


class AnswerStore:
    """Keeps answers for as long as they are told to."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def mark(self, name: str, mark: Answered, lifetime: timedelta) -> Answered | None:
        """Say that the answer is to come, unless something was said before: that is answered then."""
        before = self._connection.call("SET", self._key(name), _encode(mark), "NX", "GET", "PX", _ms(lifetime))
        return None if before is None else _decode(before)

    def keep(self, name: str, answered: Answered, lifetime: timedelta) -> None:
        """Remember an answer."""
        self._connection.call("SET", self._key(name), _encode(answered), "PX", _ms(lifetime))

    def forget(self, name: str) -> None:
        """Forget what was said."""
        self._connection.call("DEL", self._key(name))

    def _key(self, name: str) -> str:
        return self._keys.answer(hashlib.sha256(name.encode()).hexdigest())


def _ms(span: timedelta) -> int:
    return max(1, int(span.total_seconds() * 1000))
