"""`tt pulse`: whether the worker or the clock of this container is alive."""

from __future__ import annotations

from datetime import timedelta

import click

from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json

__all__ = ["pulse"]


@command("pulse")
@click.option(
    "--within", metavar="SECONDS", type=click.FloatRange(min=1), default=120.0, show_default=True, help="How old the last beat may be."
)
@json_option
@click.pass_context
def pulse(_ctx: click.Context, *, within: float, as_json: bool) -> None:
    """Ask whether the worker or clock here is alive.

    For the probes of containers: both touch the file that TINYTOWN_PULSE_FILE
    names while their jobs come round, and exit 1 means that they do not. Redis is
    not asked: a process that waits for it is alive, and a restart would mend nothing.

    \b
    Examples:
      TINYTOWN_PULSE_FILE=/tmp/pulse tt pulse
      tt pulse --within 60
    """
    from tinytown.config import environment
    from tinytown.process.pulse import Pulse

    ago = Pulse(environment()).check(timedelta(seconds=within)).total_seconds()
    echo_json({"beat_secs_ago": round(ago, 3)}) if as_json else click.echo(f"alive, {ago:.0f} s ago")
