"""`tt scaler`: starts and removes workers by commands of the user's."""

from __future__ import annotations

import click

from tinytown.cli.call import call_of, needs_redis
from tinytown.cli.options import command

__all__ = ["scaler"]

_seconds = click.FloatRange(min=0)
_some_seconds = click.FloatRange(min=0.05)


@command("scaler")
@click.option("--command-up", metavar="COMMAND", required=True, help="Starts one worker, or as many as {wanted} says; it has to return.")
@click.option("--command-down", metavar="COMMAND", help="Removes what a worker that has gone has left: a machine, a container.")
@click.option("--min", "minimum", metavar="N", type=click.IntRange(0), default=0, show_default=True, help="Keep so many workers.")
@click.option("--max", "maximum", metavar="N", type=click.IntRange(0), help="Start no more; else `max_agents` of the town is the limit.")
@click.option("--poll", metavar="SECONDS", type=_some_seconds, default=5, show_default=True, help="How often to look.")
@click.option(
    "--down-after", metavar="SECONDS", type=_seconds, default=60, show_default=True, help="How long there has to be a worker too many."
)
@click.option(
    "--start-within", metavar="SECONDS", type=_some_seconds, default=120, show_default=True, help="How long a worker may take to come."
)
@click.option(
    "--command-timeout", metavar="SECONDS", type=_some_seconds, default=300, show_default=True, help="End a command that takes longer."
)
@click.option("--hosts", metavar="PATTERN", default="*", show_default=True, help="Only workers on hosts of such names are asked to go.")
@click.option("--once", is_flag=True, help="Do what is to be done now, and return; for cron.")
@click.option("--dry-run", is_flag=True, help="Only tell what would be done.")
@click.pass_context
def scaler(
    ctx: click.Context,
    *,
    command_up: str,
    command_down: str | None,
    minimum: int,
    maximum: int | None,
    poll: float,
    down_after: float,
    start_within: float,
    command_timeout: float,
    hosts: str,
    once: bool,
    dry_run: bool,
) -> None:
    """Start workers for the work, and let idle ones go.

    Where no autoscaler is at hand: a machine of your own, or a cloud with a
    command line. Workers are started at once. One goes when there has been one
    too many for --down-after: it is asked while it is idle, and only when it is
    off the list does --command-down run. A busy worker is never asked.

    Commands are split into words and run without a shell. {town}, {wanted} and
    {present} in them, and for --command-down {worker}, {host} and {pid}, are
    filled in; the same is in TINYTOWN_SCALER_ACTION (up, down), _TOWN, _WANTED,
    _PRESENT, _WORKER, _WORKER_HOST and _WORKER_PID. Of several scalers of a
    town one is at work, and the others stand by.

    \b
    Examples:
      tt scaler --command-up 'systemd-run --user tt worker --idle-timeout 0'
      tt scaler --max 4 --command-up 'setsid --fork tt worker'
      tt scaler --command-up './make-vm' --command-down './delete-vm {host}'
    """
    from datetime import timedelta

    from tinytown.config import environment
    from tinytown.log import set_up_logging
    from tinytown.scheduler.scaler.commands import ScalerCommand
    from tinytown.scheduler.scaler.decision import Rules
    from tinytown.scheduler.scaler.process import ScalerPlan, run_scaler

    if maximum is not None and minimum > maximum:
        raise click.BadParameter(f"{minimum} is more than --max {maximum}", param_hint="--min")
    needs_redis(ctx)
    call = call_of(ctx)
    env = environment()
    set_up_logging(verbose=call.verbose)
    timeout = timedelta(seconds=command_timeout)
    plan = ScalerPlan(
        rules=Rules(
            minimum=minimum,
            maximum=maximum,
            down_after=timedelta(seconds=down_after),
            start_within=timedelta(seconds=start_within),
            hosts=hosts,
        ),
        up=ScalerCommand.parsed("up", command_up, timeout, env),
        down=None if command_down is None else ScalerCommand.parsed("down", command_down, timeout, env),
        poll=timedelta(seconds=poll),
        is_dry=dry_run,
    )
    ctx.exit(run_scaler(call.town, env, plan, once=once))
