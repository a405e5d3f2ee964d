"""Audit: who asked townhall for what, and what came of it. No headers, no query, no bodies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

__all__ = ["AuditRecord", "AuditResult", "Changed", "audited_path", "result_of"]

_LONGEST_PATH = 1024
_SECRET_PARAMETERS = ("{token}", "{secret}", "{key}")


class AuditResult(StrEnum):
    """What came of a call."""

    SUCCESS = "success"
    """It was done."""
    DENIED = "denied"
    """The caller was unknown or not allowed to."""
    ERROR = "error"
    """Anything else."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A thing that a call changed."""

    kind: str
    id: str


class AuditRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One call of townhall."""

    time: datetime
    request_id: str
    principal: str
    """The caller's id; `anonymous` if nobody knows."""
    via: str | None
    """How we know, see `Via`."""
    address: str | None
    method: str
    route: str
    """The template that matched, such as `/v1/agents/{agent}`."""
    path: str
    status: int
    result: AuditResult
    duration_ms: float
    changed: tuple[Changed, ...] = ()


def result_of(status: int) -> AuditResult:
    """What an HTTP status says about a call."""
    if status < 400:
        return AuditResult.SUCCESS
    return AuditResult.DENIED if status in {401, 403} else AuditResult.ERROR


def audited_path(route: str, path: str) -> str:
    """The path as it may be written down: without its query, and as the template where it holds a secret."""
    if any(name in route for name in _SECRET_PARAMETERS):
        return route
    bare = path.partition("?")[0]
    return bare if len(bare) <= _LONGEST_PATH else f"{bare[:_LONGEST_PATH]}…"
