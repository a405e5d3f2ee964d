"""Making sure that somebody works: the town's own processes, started in the background when nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinytown.cli.progress import progress

if TYPE_CHECKING:
    from tinytown.town import Town

__all__ = ["start_processes", "warn_if_nothing_runs"]


def start_processes(town: Town) -> None:
    """Start clock and worker detached, unless they run, or the town's Redis is not ours."""
    from tinytown.runtime import ensure_up

    with progress("starting the town's processes"):
        ensure_up(town)


def warn_if_nothing_runs(town: Town) -> None:
    """Say on stderr when what was asked for will wait, because no worker is there."""
    if not any("agents" in worker.queues for worker in town.workers()):
        click.echo("note: no worker runs in this town, so nothing happens until one does: `tt up`", err=True)
