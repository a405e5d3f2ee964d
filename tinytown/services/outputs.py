"""What turns printed, as text that is read on from where one was."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tinytown.domain.ids import AgentId
from tinytown.domain.output import Printed
from tinytown.services.desk import Desk

__all__ = ["PrintedText", "printed_text"]

_PATIENCE = timedelta(seconds=2)
"""How long Redis is asked to wait at a time: no longer than any client of ours waits for it."""
_BEFORE = 3
"""How many pieces a character may have begun in before the one where it ends: it has four bytes at most."""


class PrintedText(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what a turn printed; a character that was cut in two is in the piece where it ends."""

    id: str
    round: int
    text: str


def printed_text(desk: Desk, agent: AgentId, after: str | None, limit: int, wait: timedelta = timedelta()) -> list[PrintedText]:
    """The newest pieces; or those after the one with that id, waiting so long for some to come."""
    if after is None:
        newest = desk.store.events.output(agent, limit + _BEFORE)
        return _texts(newest[:-limit], newest[-limit:])
    pieces = desk.store.events.output_after({agent: after}, None, limit)
    end = desk.clock.monotonic() + wait.total_seconds()
    while not pieces and (left := end - desk.clock.monotonic()) > 0:
        wait_ms = max(1, int(min(left, _PATIENCE.total_seconds()) * 1000))
        pieces = desk.store.events.output_after({agent: after}, wait_ms, limit)
    return _texts(desk.store.events.output(agent, _BEFORE, after) if pieces else [], pieces)


def _texts(before: Sequence[Printed], pieces: Sequence[Printed]) -> list[PrintedText]:
    """The texts of pieces; those before them may have begun the first character."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    turn_number: int | None = None
    texts: list[PrintedText] = []
    for piece in [*before, *pieces]:
        if piece.round != turn_number:
            decoder.reset()
            turn_number = piece.round
        texts.append(PrintedText(id=piece.id, round=piece.round, text=decoder.decode(piece.data)))
    return texts[len(before) :]
