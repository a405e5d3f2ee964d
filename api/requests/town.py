"""What is asked about the town."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["StatusQuery"]


class StatusQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is asked for."""

    deep: Annotated[bool, msgspec.Meta(description="Also what each agent did lately.")] = False
    running: Annotated[bool, msgspec.Meta(description="Also the tasks that run.")] = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=10_000, description="So many agents at most: 1 to 10,000.")] = 50
