"""What is asked about the town."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.api.paging import Limit

__all__ = ["StatusQuery"]


class StatusQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is asked for."""

    deep: Annotated[bool, msgspec.Meta(description="Also what each agent did lately.")] = False
    limit: Limit = 50
