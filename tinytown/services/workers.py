"""Workers: who is there to run turns, and who of them may go."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import structs

from tinytown.clock import to_ms
from tinytown.domain.worker import Drain, Standing, Worker
from tinytown.errors import AmbiguousReference, TimedOut, WorkerBusy, WorkerNotFound
from tinytown.services.desk import Desk

if TYPE_CHECKING:
    from tinytown.services.scaling import ScalingService

__all__ = ["WorkerService"]

BEATS_MISSED = 3
"""So many heartbeats may fail to come before a worker counts as gone."""

LOOK_EVERY = 0.2  # seconds between two looks whether a worker is gone


class WorkerService:
    """Keeps the list of workers that are alive, and asks them to go.

    Args:
        desk: the town's stores.
        scaling: tells how much there is to do; asked for only when somebody wants to know who may go.
    """

    def __init__(self, desk: Desk, scaling: Callable[[], ScalingService]) -> None:
        self._desk = desk
        self._store = desk.store.workers
        self._scaling = scaling

    def announce(self, worker: Worker) -> None:
        """Say that a worker is there, until three heartbeats from now."""
        seen = structs.replace(worker, seen_at=to_ms(self._desk.now()))
        self._store.register(seen, BEATS_MISSED * self._desk.settings.worker.heartbeat)

    def withdraw(self, worker: str) -> None:
        """Say that a worker is gone."""
        self._store.forget(worker)

    def all(self) -> list[Worker]:
        """The workers that were heard of lately, oldest first."""
        return self._store.all()

    def find(self, reference: str) -> Worker:
        """The worker of that id, that host, that host and process id, or whose id begins so.

        Raises:
            WorkerNotFound: there is none.
            AmbiguousReference: there are several.
        """
        return _meant(reference, self.all())

    def standings(self) -> list[Standing]:
        """The workers with what each is at, and whether it may go; the scaling signal counts the same ones."""
        from tinytown.services.signal import standings_of

        return list(standings_of(self._scaling().snapshot(), self._desk.settings))

    def standing(self, reference: str) -> Standing:
        """One of them, as `find` finds it."""
        standings = self.standings()
        wanted = _meant(reference, [each.worker for each in standings])
        return next(each for each in standings if each.worker.id == wanted.id)

    def drain(self, reference: str, *, only_idle: bool = False) -> Worker:
        """Ask a worker to take nothing more, finish its turns and end; asking again is harmless.

        It notices within a second. What it runs then, it finishes within
        `[worker] shutdown_grace_secs`, or hands it back uncounted.

        Args:
            reference: as `find` takes it.
            only_idle: refuse one that runs a turn. Should it begin one in the very moment in
                which it is asked, it finishes that first, however long it takes.

        Raises:
            WorkerNotFound: there is none, or it has just ended.
            AmbiguousReference: several are meant.
            WorkerBusy: it runs a turn, and only an idle one was to be asked.
        """
        worker = self.find(reference)
        if only_idle and worker.running and not worker.draining:
            raise WorkerBusy(worker.id)  # a turn that lost its lease, and is still ending, is a turn
        answer = self._store.ask_to_drain(worker.id, Drain.IDLE if only_idle else Drain.GRACE)
        if answer == "missing":
            raise WorkerNotFound(reference)
        if answer == "busy":
            raise WorkerBusy(worker.id)
        return structs.replace(worker, draining=True)

    def asked_to_drain(self, worker: str) -> Drain | None:
        """How a worker was asked to end; None: it was not. For workers."""
        return self._store.asked_to_drain(worker)

    def wait_until_gone(self, worker: str, timeout: timedelta | None = None) -> None:
        """Block until a worker is off the list.

        Raises:
            TimedOut: it is not, in time.
        """
        clock = self._desk.clock
        deadline = None if timeout is None else clock.monotonic() + timeout.total_seconds()
        while any(each.id == worker for each in self.all()):
            if deadline is not None and clock.monotonic() >= deadline:
                raise TimedOut(f"the end of worker {worker}", 0 if timeout is None else timeout.total_seconds())
            time.sleep(LOOK_EVERY)


def _meant(reference: str, workers: list[Worker]) -> Worker:
    wanted = reference.strip()
    named = [worker for worker in workers if worker.answers_to(wanted)]
    found = named if named or not wanted else [worker for worker in workers if worker.id.startswith(wanted)]
    if len(found) > 1:
        raise AmbiguousReference(wanted, tuple(worker.id for worker in found))
    if not found:
        raise WorkerNotFound(reference)
    return found[0]
