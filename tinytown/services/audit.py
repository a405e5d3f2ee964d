"""The record of who did what through townhall: a line in the log of the process, and an entry in Redis."""

from __future__ import annotations

import logging

import msgspec

from tinytown.domain.audit import AuditRecord, AuditResult
from tinytown.errors import TownError
from tinytown.services.desk import Desk

__all__ = ["AUDIT_LOG", "AuditService"]

AUDIT_LOG = "tinytown.audit"
"""The logger of the lines; see `tinytown.log.set_up_audit_log`."""

_lines = logging.getLogger(AUDIT_LOG)
_log = logging.getLogger(__name__)
_encode = msgspec.json.Encoder().encode
_CHUNK = 500


class AuditService:
    """Writes and reads the record."""

    def __init__(self, desk: Desk) -> None:
        self._trail = desk.store.audit
        self._settings = desk.settings.townhall.audit
        self._lost = False

    def write(self, record: AuditRecord) -> None:
        """Write a record down; a call is never refused because that fails."""
        if not self._settings.enabled:
            return
        # The line first: it is what remains when Redis is away.
        level = logging.INFO if record.result is AuditResult.SUCCESS else logging.WARNING
        _lines.log(level, "%s", _encode(record).decode())
        try:
            self._trail.append(record, self._settings.entries)
        except TownError as error:
            if not self._lost:
                _log.warning("audit records go to the log alone: %s", error)
            self._lost = True
        else:
            self._lost = False

    def recent(self, count: int, *, result: AuditResult | None = None) -> list[tuple[str, AuditRecord]]:
        """The newest `count` records with their ids, oldest first; with `result`, those with that result."""
        found: list[tuple[str, AuditRecord]] = []
        end: str | None = "+" if count > 0 else None
        while end is not None and len(found) < count:
            end, chunk = self._trail.before(end, _CHUNK if result is not None else min(_CHUNK, count))
            found += [pair for pair in chunk if result is None or pair[1].result is result]
        return found[:count][::-1]

    def follow(self, last: str, *, count: int = 100, wait_ms: int = 2000) -> tuple[str, list[tuple[str, AuditRecord]]]:
        """Records after the one with id `last`, waiting for one to come; with the id to go on from."""
        return self._trail.after(last, count, wait_ms)

    def last_id(self) -> str:
        """The id of the newest record, or the one before any."""
        return self._trail.last_id()
