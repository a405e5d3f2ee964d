"""What autoscalers ask."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["ScalingQuery"]


class ScalingQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which one number is wanted, if it is one."""

    queue: Annotated[str, msgspec.Meta(examples=["agents"])] | None = None
    """Only this queue: `agents` or `control`."""
    role: Annotated[str, msgspec.Meta(max_length=200, examples=["backend"])] | None = None
    """Only the agents of this role; `default` for those without one."""
