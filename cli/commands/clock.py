"""`tt clock`: makes time pass."""

from __future__ import annotations

import click

from tinytown.cli.call import call_of, needs_redis
from tinytown.cli.options import command

__all__ = ["clock"]


@command("clock")
@click.option("--until-eof", is_flag=True, hidden=True, help="End, too, when standard input ends: who started this is gone.")
@click.pass_context
def clock(ctx: click.Context, until_eof: bool) -> None:
    """Keep time: sweep, retention, wake-ups.

    Several clocks may run; one leads, and the others take over when it ends
    or falls silent for [clock] leader_lease_secs.

    \b
    Examples:
      tt clock
      tt clock --town ~/towns/shop
    """
    from tinytown.config import environment
    from tinytown.log import set_up_logging
    from tinytown.scheduler.process import run_clock

    needs_redis(ctx)
    call = call_of(ctx)
    set_up_logging(verbose=call.verbose)
    ctx.exit(run_clock(call.town, environment(), until_eof=until_eof))
