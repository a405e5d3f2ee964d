"""`tt workers`: who is there to run turns, and letting them go."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import opened
from tinytown.cli.options import group, json_option
from tinytown.cli.output import duration, echo_json, echo_table, state_styled
from tinytown.cli.progress import progress

if TYPE_CHECKING:
    from datetime import datetime

    from tinytown.domain.worker import Standing

__all__ = ["workers"]


@group("workers", invoke_without_command=True)
@json_option
@click.pass_context
def workers(ctx: click.Context, *, as_json: bool) -> None:
    """List the workers, and let them go.

    Idle ones that the work does not need are shown as removable.

    \b
    Examples:
      tt workers
      tt workers drain build-7 --if-idle --wait
    """
    if ctx.invoked_subcommand is not None:
        return
    with opened(ctx, light=True) as town:
        standings = town.workers.standings()
        now = town.desk.now()
    if as_json:
        echo_json([_as_data(standing) for standing in standings])
        return
    if not standings:
        click.echo("no worker is there: `tt worker` is one, and `tt up` starts one", err=True)
        return
    echo_table([_row(standing, now) for standing in standings], headers=("ID", "STATE", "TURNS", "QUEUES", "SEEN", "VERSION", "REMOVABLE"))


@workers.command("drain")
@click.argument("worker")
@click.option("--if-idle", is_flag=True, help="Only if it runs no turn; else the call fails with exit code 4.")
@click.option("--wait", is_flag=True, help="Return when it has ended.")
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="With --wait: give up after so long, with exit code 1.")
@json_option
@click.pass_context
def drain(ctx: click.Context, worker: str, *, if_idle: bool, wait: bool, timeout: float | None, as_json: bool) -> None:
    """Ask a worker to finish its turns and end.

    It takes nothing more, and does what SIGTERM makes it do: turns that outlast
    [worker] shutdown_grace_secs are ended, and their mail goes back uncounted.
    WORKER is its id, the beginning of that, or its host.

    \b
    Examples:
      tt workers drain build-7:4711
      tt workers drain build-7 --if-idle --wait --timeout 60
    """
    with opened(ctx, light=True) as town:
        asked = town.workers.drain(worker, only_idle=if_idle)
        if wait:
            with progress(f"waiting for {asked.id} to end"):
                town.workers.wait_until_gone(asked.id, None if timeout is None else timedelta(seconds=timeout))
    if as_json:
        echo_json({"id": asked.id, "draining": True, "gone": wait})
    else:
        click.echo(f"{asked.id} {'has ended' if wait else 'is draining'}")


def _row(standing: Standing, now: datetime) -> tuple[str, ...]:
    from tinytown.clock import from_ms

    worker = standing.worker
    turns = f"{standing.turns}/{worker.concurrency}"
    seen = f"{duration(now - from_ms(worker.seen_at))} ago"
    state = state_styled(standing.state.value)
    return (worker.id, state, turns, ",".join(worker.queues), seen, worker.version, "yes" if standing.removable else "no")


def _as_data(standing: Standing) -> dict[str, object]:
    import msgspec

    rest = {"state": standing.state, "turns": standing.turns, "removable": standing.removable}
    return {**msgspec.structs.asdict(standing.worker), **rest}
