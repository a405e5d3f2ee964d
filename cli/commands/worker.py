"""`tt worker`: runs agents' turns in this process."""

from __future__ import annotations

import click

from tinytown.cli.call import call_of, needs_redis
from tinytown.cli.options import command

__all__ = ["worker"]


@command("worker")
@click.option(
    "--queues", metavar="NAMES", default="control,agents", show_default=True, help="The queues to serve, with commas between them."
)
@click.option(
    "--concurrency", metavar="N", type=click.IntRange(1, 1024), help="How many turns may run at once; else [worker] concurrency says."
)
@click.option(
    "--idle-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    help="Leave after so long without work, 0 for never; else [agent] idle_timeout_secs says.",
)
@click.option("--until-eof", is_flag=True, hidden=True, help="Drain, too, when standard input ends: who started this is gone.")
@click.pass_context
def worker(ctx: click.Context, queues: str, concurrency: int | None, idle_timeout: float | None, until_eof: bool) -> None:
    """Run agents' turns in this process.

    SIGTERM or Ctrl-C drains it: turns that run get [worker] shutdown_grace_secs
    to end, then they are ended and their mail goes back uncounted. A second
    signal ends them at once. `tt workers drain` asks for a drain from afar.

    For containers: TINYTOWN_AGENT_NAME, TINYTOWN_AGENT_CLI, TINYTOWN_AGENT_ROLE
    and TINYTOWN_AGENT_MAX_ROUNDS name an agent that is spawned if it is
    missing; one that is there stays as it is. TINYTOWN_REPO_URL, at
    TINYTOWN_REPO_REF, is cloned into the working directory (TINYTOWN_TOWN_DIR,
    or the current one) while that is empty; a clone of it stays as it is.

    \b
    Examples:
      tt worker
      tt worker --concurrency 8 --idle-timeout 0
      tt worker --queues agents
      TINYTOWN_AGENT_CLI=codex TINYTOWN_AGENT_ROLE=backend tt worker
    """
    from datetime import timedelta

    from tinytown.actors.process import WorkerPlan, run_worker
    from tinytown.config import environment
    from tinytown.log import set_up_logging

    needs_redis(ctx)
    call = call_of(ctx)
    set_up_logging(verbose=call.verbose)
    plan = WorkerPlan(
        queues=tuple(name.strip() for name in queues.split(",") if name.strip()),
        concurrency=concurrency,
        idle_timeout=None if idle_timeout is None else timedelta(seconds=idle_timeout),
    )
    ctx.exit(run_worker(call.town, environment(), plan, until_eof=until_eof))
