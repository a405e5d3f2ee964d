"""What the scaler of a town keeps in mind between two looks; times in milliseconds since 1970, by the clock of Redis."""

from __future__ import annotations

import msgspec
from msgspec import structs

from tinytown.domain.worker import Worker

__all__ = ["Patience", "ScalerMemory"]

FIRST_PAUSE_MS = 5_000  # after one failure; doubles
LONGEST_PAUSE_MS = 300_000


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How often something failed in a row, and until when it is left alone for that."""

    failures: int = 0
    until_ms: int = 0

    def failed(self, now_ms: int) -> Patience:
        """After one failure more."""
        pause = min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** min(self.failures, 10))
        return Patience(failures=self.failures + 1, until_ms=now_ms + pause)


class ScalerMemory(msgspec.Struct, frozen=True, kw_only=True):
    """What was done and is not over, so that the next scaler carries on where one was killed.

    Attributes:
        looked_at_ms: when the town was last looked at.
        known: ids of the workers that were there then; None before the first look.
        starting: when workers were started that have not come yet, oldest first.
        leaving: workers that were chosen to go, and whose removal is not done.
        surplus_since_ms: since when there has been a worker too many at every look; None when there is none.
        up: how starting goes.
        down: how removing goes.
    """

    looked_at_ms: int = 0
    known: frozenset[str] | None = None
    starting: tuple[int, ...] = ()
    leaving: tuple[Worker, ...] = ()
    surplus_since_ms: int | None = None
    up: Patience = Patience()
    down: Patience = Patience()

    def started(self, now_ms: int) -> ScalerMemory:
        """After a worker was started."""
        return structs.replace(self, starting=(*self.starting, now_ms))

    def chose(self, worker: Worker) -> ScalerMemory:
        """After a worker was chosen to go."""
        return structs.replace(self, leaving=(*self.leaving, worker))

    def removed(self, worker: Worker) -> ScalerMemory:
        """After what a worker left was removed."""
        return structs.replace(self, leaving=tuple(each for each in self.leaving if each.id != worker.id), down=Patience())

    def could_not_start(self, now_ms: int) -> ScalerMemory:
        """After the command that starts a worker failed."""
        return structs.replace(self, up=self.up.failed(now_ms))

    def could_not_remove(self, worker: Worker, now_ms: int) -> ScalerMemory:
        """After the command that removes a worker failed; others come first then."""
        others = tuple(each for each in self.leaving if each.id != worker.id)
        return structs.replace(self, leaving=(*others, worker), down=self.down.failed(now_ms))
