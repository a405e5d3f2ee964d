"""What turns printed, as text that is read on from where one was."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from datetime import timedelta

import msgspec

from tinytown.domain.ids import AgentId
from tinytown.domain.output import Printed
from tinytown.services.desk import Desk

__all__ = ["PrintedText", "printed_by_several", "printed_text"]

_PATIENCE = timedelta(seconds=2)
"""How long Redis is asked to wait at a time: no longer than any client of ours waits for it."""
_BEFORE = 3
"""How many pieces a character may have begun in before the one where it ends: it has four bytes at most."""


class PrintedText(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of what a turn printed; a character that was cut in two is in the piece where it ends."""

    id: str
    round: int
    text: str


def printed_text(
    desk: Desk, agent: AgentId, after: str | None, limit: int, wait: timedelta = timedelta(), *, before: str | None = None
) -> list[PrintedText]:
    """The newest pieces, of those before the one with the id `before`; or those after one, waiting so long for some to come."""
    if after is None:
        newest = desk.store.events.output(agent, limit + _BEFORE, "+" if before is None else f"({before}")
        return _texts(newest[:-limit], newest[-limit:])
    pieces = _awaited(desk, {agent: after}, limit, wait)
    return _texts(desk.store.events.output(agent, _BEFORE, after) if pieces else [], pieces)


def printed_by_several(
    desk: Desk, after: Mapping[AgentId, str], limit: int, wait: timedelta = timedelta()
) -> list[tuple[AgentId, PrintedText]]:
    """Pieces of several agents, of each after the one with its id, waiting so long for some to come; in the order of time."""
    pieces = _awaited(desk, after, limit, wait)
    texts: dict[AgentId, list[PrintedText]] = {}
    for agent in {piece.agent for piece in pieces}:
        own = [piece for piece in pieces if piece.agent == agent]
        texts[agent] = _texts(desk.store.events.output(agent, _BEFORE, after[agent]), own)
    return [(piece.agent, texts[piece.agent].pop(0)) for piece in pieces]


def _awaited(desk: Desk, after: Mapping[AgentId, str], limit: int, wait: timedelta) -> list[Printed]:
    """What is there behind those pieces, else what comes within the wait."""
    pieces = desk.store.events.output_after(after, None, limit)
    end = desk.clock.monotonic() + wait.total_seconds()
    while not pieces and (left := end - desk.clock.monotonic()) > 0:
        wait_ms = max(1, int(min(left, _PATIENCE.total_seconds()) * 1000))
        pieces = desk.store.events.output_after(after, wait_ms, limit)
    return pieces


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
