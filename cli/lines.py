"""What turns printed, in whole lines that a terminal can show."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tinytown.domain.ids import AgentId
from tinytown.domain.output import Printed, without_escapes

__all__ = ["Line", "LineMaker", "without_escapes"]

LONGEST = 64 * 1024
"""Bytes after which something without an end of line is shown as one."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of what an agent's turn printed."""

    agent: AgentId
    round: int
    at_ms: int
    text: str


class LineMaker:
    """Joins pieces of output to lines, for each agent by itself."""

    def __init__(self) -> None:
        self._open: dict[AgentId, tuple[Printed, bytes]] = {}

    def add(self, pieces: Iterable[Printed]) -> list[Line]:
        """The lines that end in these pieces."""
        lines: list[Line] = []
        for piece in pieces:
            before, begun = self._open.pop(piece.agent, (piece, b""))
            if begun and before.round != piece.round:
                lines.append(_line(before, begun))
                begun = b""
            *whole, rest = (begun + piece.data).split(b"\n")
            lines += [_line(piece, raw) for raw in whole]
            if len(rest) > LONGEST:
                lines.append(_line(piece, rest))
            elif rest:
                self._open[piece.agent] = (piece, rest)
        return lines

    def rest(self) -> list[Line]:
        """What has no end of line yet."""
        lines = [_line(piece, raw) for piece, raw in self._open.values()]
        self._open.clear()
        return lines


def _line(piece: Printed, raw: bytes) -> Line:
    return Line(agent=piece.agent, round=piece.round, at_ms=piece.order[0], text=raw.decode("utf-8", "replace"))
