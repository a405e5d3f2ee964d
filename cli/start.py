"""Making sure that somebody works: the town's own processes, started in the background when nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytown.cli.notes import note
from tinytown.cli.progress import progress

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown

__all__ = ["start_processes", "warn_if_nothing_runs"]


def start_processes(town: AnyTown) -> None:
    """Start the processes of a town detached if the town is on this machine and nothing runs."""
    from tinytown.town import Town

    if not isinstance(town, Town):
        warn_if_nothing_runs(town)
        return
    from tinytown.runtime import ensure_up

    with progress("starting the town's processes"):
        started = ensure_up(town)
    if started:
        note("the processes of the town were started in the background; `tt down` stops them")
    else:
        warn_if_nothing_runs(town)


def warn_if_nothing_runs(town: AnyTown) -> None:
    """Say on stderr when what was asked for will wait, because no worker is there."""
    if not any("agents" in worker.queues for worker in town.workers.all()):
        way = "" if town.is_elsewhere else ": `tt up`"
        note(f"no worker runs in this town, so nothing happens until one does{way}")
