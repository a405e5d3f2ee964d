"""The figures of a town's missions: what can be known of all of them in two round trips, without loading any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.mission import MissionState

if TYPE_CHECKING:
    from datetime import timedelta

    from tinytown.services.desk import Desk
    from tinytown.store.connection import Reply

__all__ = ["MissionFigures", "Standstill", "mission_figures", "standstill_calls", "standstill_of"]

_STATES = tuple(MissionState)
_DRIVEN_INTERVALS = 3
"""So many of the longest times between two ticks may pass, and time for one tick, before nobody drives a mission."""


class MissionFigures(msgspec.Struct, frozen=True, kw_only=True):
    """What the missions of a town come to at a moment.

    Attributes:
        states: how many are in each state.
        driven: how many are looked at again and again: those that were not stopped and have not ended.
        asking: how many have asked for help, and have not been helped.
        hungry: how many have work and no agent for it.
        at_work: how many agents have an item of one.
        awaited: how many issues and pull requests they wait for.
        overdue_seconds: for how long the one that waits longest should have been rung for.
    """

    states: dict[MissionState, int]
    driven: int
    asking: int
    hungry: int
    at_work: int
    awaited: int
    overdue_seconds: float


class Standstill(msgspec.Struct, frozen=True, kw_only=True):
    """How the missions that run stand: how many, since when one should have been rung for, and since when one was not driven."""

    running: int
    overdue_ms: float
    undriven_ms: float

    def is_real(self, tick_interval: timedelta, tick: timedelta) -> bool:
        """Does nobody drive them, though a tick may take as long as that?"""
        patience_ms = _DRIVEN_INTERVALS * tick_interval.total_seconds() * 1000
        return self.running > 0 and (self.overdue_ms > patience_ms or self.undriven_ms > patience_ms + tick.total_seconds() * 1000)


class _Record(msgspec.Struct):
    """The one member of a mission's record that is counted."""

    help: msgspec.Raw = msgspec.Raw(b"null")


def mission_figures(desk: Desk) -> MissionFigures:
    """Count the missions; takes longer the more are driven, and not the more there were."""
    keys, connection = desk.store.keys, desk.store.connection
    calls = [("SCARD", keys.missions_in(state)) for state in _STATES]
    calls += [("SCARD", keys.hungry_missions), ("HLEN", keys.hands), ("ZCARD", keys.mission_refs), ("SMEMBERS", keys.active_missions)]
    replies = connection.calls([*calls, *standstill_calls(desk)])
    states, (hungry, at_work, awaited, driven) = replies[: len(_STATES)], replies[len(_STATES) : len(calls)]
    records = connection.call("MGET", *(keys.mission(raw.decode()) for raw in driven)) if driven else []
    return MissionFigures(
        states=dict(zip(_STATES, map(int, states), strict=True)),
        driven=len(driven),
        asking=sum(_asks(raw) for raw in records),
        hungry=int(hungry),
        at_work=int(at_work),
        awaited=int(awaited),
        overdue_seconds=standstill_of(replies[len(calls) :]).overdue_ms / 1000,
    )


def standstill_calls(desk: Desk) -> list[tuple[str | int, ...]]:
    """What to ask Redis for a standstill."""
    keys = desk.store.keys
    running = keys.missions_in(MissionState.RUNNING)
    return [
        ("TIME",),
        ("SCARD", running),
        ("ZRANGE", keys.missions_due, 0, 0, "WITHSCORES"),
        ("ZINTER", 2, keys.missions_ticked, running, "WEIGHTS", 1, 0, "WITHSCORES"),
    ]


def standstill_of(replies: Sequence[Reply]) -> Standstill:
    """What Redis said of it."""
    (seconds, micros), running, due, ticked = replies
    now = int(seconds) * 1000 + int(micros) / 1000
    return Standstill(running=int(running), overdue_ms=_longest(now, due), undriven_ms=_longest(now, ticked))


def _longest(now: float, flat: Sequence[bytes]) -> float:
    return max(0.0, now - min((float(score) for score in flat[1::2]), default=now))


def _asks(raw: bytes | None) -> bool:
    try:
        return raw is not None and bytes(msgspec.json.decode(raw, type=_Record).help) != b"null"
    except msgspec.MsgspecError:
        return False
