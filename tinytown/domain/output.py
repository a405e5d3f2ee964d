"""What a turn printed, piece by piece."""

from __future__ import annotations

import msgspec

from tinytown.domain.ids import AgentId

__all__ = ["Printed"]


class Printed(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what a turn printed; it may begin and end in the middle of a line."""

    id: str
    agent: AgentId
    round: int
    data: bytes

    @property
    def order(self) -> tuple[int, ...]:
        """When it was written, to sort by: milliseconds since 1970, and a number within them."""
        return tuple(int(part) for part in self.id.split("-"))
