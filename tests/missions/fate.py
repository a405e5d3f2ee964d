"""Fate: where in the middle of a change to a mission its process dies, is overtaken, or is spoken to by somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tinytown.domain.errand import Errand
from tinytown.domain.ids import MissionId
from tinytown.missions.snapshot import Decision
from tinytown.services.errands import ErrandRunner, Errands
from tinytown.testing import Rehearsal

__all__ = ["MOMENTS", "Died", "Fate"]

MOMENTS = ("before the commit", "after the commit", "before an errand", "after an errand", "after all errands")
"""When fate strikes."""


class Died(BaseException):
    """The process that drove the mission is no more."""


class Fate:
    """Stands between a town and its missions, and strikes once, at the moment that it is told."""

    def __init__(self, town: Rehearsal) -> None:
        self._town = town
        self._moment = ""
        self._left = 0
        self._deed: Callable[[], None] = self._die
        ledger: Any = town.missions._ledger
        assert town.mission_ticks._ledger is ledger, "all changes go through one ledger"
        self._runner: ErrandRunner = ledger._errands
        self._do, self._run = self._runner._do, self._runner.run
        self._store, self._leave = town.desk.store.missions.store, town.desk.store.missions.leave
        for owner, name in ((self._runner, "_do"), (self._runner, "run"), (town.desk.store.missions, "store")):
            setattr(owner, name, getattr(self, f"{name.strip('_')}_or_not"))
        self._is_dead = False
        town.desk.store.missions.leave = self.leave_or_not  # type: ignore[method-assign,assignment]

    @contextmanager
    def strikes(self, moment: str, nth: int, deed: Callable[[], None] | None = None) -> Iterator[None]:
        """Strike at the nth such moment of what is done here: the process dies, or something else happens in between."""
        self._moment, self._left, self._deed = moment, nth, self._die if deed is None else deed
        try:
            yield
        except Died:
            pass
        finally:
            self._moment, self._is_dead = "", False

    def do_or_not(self, errand: Errand, *rest: Any) -> None:
        self._perhaps("before an errand")
        self._do(errand, *rest)
        self._perhaps("after an errand")

    def run_or_not(self, errands: tuple[Errand, ...], *rest: Any) -> Errands:
        ran = self._run(errands, *rest)
        self._perhaps("after all errands")
        return ran

    def store_or_not(self, decision: Decision, **how: Any) -> str:
        self._perhaps("before the commit")
        answer = self._store(decision, **how)
        self._perhaps("after the commit")
        return answer

    def leave_or_not(self, mission: MissionId, *rest: Any) -> bool:
        """The dead give up no lease."""
        return False if self._is_dead else self._leave(mission, *rest)

    def _perhaps(self, moment: str) -> None:
        if moment != self._moment:
            return
        self._left -= 1
        if self._left <= 0:
            self._moment = ""
            self._deed()

    def _die(self) -> None:
        self._is_dead = True
        raise Died
