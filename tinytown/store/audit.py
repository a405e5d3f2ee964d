"""The record of who did what, in Redis: a capped stream."""

from __future__ import annotations

import msgspec

from tinytown.domain.audit import AuditRecord
from tinytown.store.connection import Connection, Reply, text
from tinytown.store.keys import Keys

__all__ = ["AuditTrail"]

_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(AuditRecord)


class AuditTrail:
    """Appends records, and reads them by their ids."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._key = keys.audit

    def append(self, record: AuditRecord, entries: int) -> None:
        """Add a record; of those before it about `entries` are kept."""
        self._connection.call("XADD", self._key, "MAXLEN", "~", entries, "*", "data", _encode(record))

    def before(self, end: str, count: int) -> tuple[str | None, list[tuple[str, AuditRecord]]]:
        """Up to `count` records, newest first, that are older than the one with id `end` (`+`: the newest).

        With it comes the id to go on from, None when nothing is older.
        """
        last = end if end == "+" else f"({end}"
        entries = self._connection.call("XREVRANGE", self._key, last, "-", "COUNT", count)
        return (text(entries[-1][0]) if len(entries) == count else None), _records(entries)

    def after(self, last: str, count: int, wait_ms: int) -> tuple[str, list[tuple[str, AuditRecord]]]:
        """Up to `count` records after the one with id `last`, waiting for one to come; with the id to go on from."""
        reply = self._connection.call("XREAD", "COUNT", count, "BLOCK", wait_ms, "STREAMS", self._key, last)
        entries = [] if not reply else reply[0][1]
        return (text(entries[-1][0]) if entries else last), _records(entries)

    def last_id(self) -> str:
        """The id of the newest record, or the one before any."""
        newest = self._connection.call("XREVRANGE", self._key, "+", "-", "COUNT", 1)
        return text(newest[0][0]) if newest else "0-0"


def _records(entries: list[Reply]) -> list[tuple[str, AuditRecord]]:
    found: list[tuple[str, AuditRecord]] = []
    for entry, fields in entries:
        try:
            found.append((text(entry), _decoder.decode(fields[fields.index(b"data") + 1])))
        except (ValueError, msgspec.DecodeError):
            continue  # written by a newer version with words that this one does not know
    return found
