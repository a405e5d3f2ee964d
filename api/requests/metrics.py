"""What Prometheus asks."""

from __future__ import annotations

import msgspec

__all__ = ["MetricsQuery"]


class MetricsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How an outage is to be told."""

    partial: bool = False
    """Answer 200 with what is known while Redis is away: Prometheus throws away what comes with a 503, `tinytown_ready` with it."""
