"""What a turn printed, piece by piece."""

from __future__ import annotations

import re

import msgspec

from tinytown.domain.ids import AgentId

__all__ = ["Printed", "without_escapes"]

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


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


def without_escapes(text: str) -> str:
    """The text without what a terminal would obey: colours go, other control characters are made visible."""
    plain = _ESCAPES.sub("", text).rstrip("\r")
    plain = plain.rpartition("\r")[2]  # a progress line that was written over
    return "".join(sign if sign.isprintable() or sign == "\t" else f"\\x{ord(sign):02x}" for sign in plain)
