"""Workers: the processes that run turns, and how they are let go."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.requests.workers import DrainRequest
from tinytown.api.views.workers import StandingView, WorkersView, WorkerView, standing_view, worker_view
from tinytown.domain.scope import Scope
from tinytown.errors import AmbiguousReference, WorkerBusy, WorkerNotFound

__all__ = ["workers"]

workers = Tag("Workers", "Processes that run turns; they come and go with the work, and say for themselves that they are there.")

_FINDING = (WorkerNotFound, AmbiguousReference)


@workers.get("/v1/workers", scope=Scope.TOWN_READ)
def list_workers(call: Call) -> WorkersView:
    """List the workers, oldest first, with what each is at.

    As many are `removable` as the scaling signal calls `removable_now`.
    """
    standings = call.town.workers.standings()
    return WorkersView(workers=tuple(standing_view(each) for each in standings), count=len(standings))


@workers.get("/v1/workers/{worker}", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_worker(call: Call, worker: str) -> StandingView:
    """Show a worker: by its id, the beginning of that, or its host."""
    return standing_view(call.town.workers.standing(worker))


@workers.post("/v1/workers/{worker}/drain", scope=Scope.AGENT_MANAGE, status=202, refuses=(*_FINDING, WorkerBusy))
def drain_worker(call: Call, worker: str, body: DrainRequest | None = None) -> WorkerView:
    """Ask a worker to take nothing more, finish its turns and end with status 0.

    It notices within a second, and does what SIGTERM makes it do: turns that outlast `[worker] shutdown_grace_secs` are
    ended, and their mail goes back uncounted. Asking again is harmless. With `only_if_idle` a worker that runs a turn is
    refused; should it begin one in the moment in which it is asked, it finishes that first, however long it takes.
    """
    drained = call.town.workers.drain(worker, only_idle=body is not None and body.only_if_idle)
    call.changed("worker", drained.id)
    return worker_view(drained)
