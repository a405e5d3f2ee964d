"""`townhall`, and `tt townhall`: the HTTP control plane of a town."""

from __future__ import annotations

import click

from tinytown.cli.call import call_of, needs_redis
from tinytown.cli.options import TownGroup, json_option
from tinytown.cli.output import echo_json

__all__ = ["townhall"]

_ABOUT = {"-h", "--help", "-V", "--version"}
_WITH_A_VALUE = {"-t", "--town", "-b", "--bind", "-p", "--port"}


class _RestByDefault(TownGroup):
    """A group that runs `rest` when no command is named."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `rest` where nobody has said what to run."""
        if not (args and set(args) <= _ABOUT) and not self._names_command(args):
            args = ["rest", *args]
        return super().parse_args(ctx, args)

    def _names_command(self, args: list[str]) -> bool:
        return any(word in self.commands and before not in _WITH_A_VALUE for before, word in zip(["", *args], args, strict=False))


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"townhall {version('tinytown')}")
        ctx.exit()


@click.group("townhall", cls=_RestByDefault)
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version and exit."
)
def townhall() -> None:
    """Serve the town over HTTP.

    `townhall` alone is the same command. Without the name of a command, `rest`
    runs.
    """


@townhall.command("rest")
@click.option("-b", "--bind", metavar="ADDR", help="A host name or an address, with or without :PORT; else [townhall] bind says.")
@click.option("-p", "--port", metavar="N", type=click.IntRange(0, 65535), help="0 is any free port; else [townhall] rest_port says.")
@click.option("--until-eof", is_flag=True, hidden=True, help="End, too, when standard input ends: who started this is gone.")
@click.option("--patient", is_flag=True, hidden=True, help="Where it cannot start, say why, and try again now and then.")
@click.pass_context
def rest(ctx: click.Context, bind: str | None, port: int | None, until_eof: bool, patient: bool) -> None:
    """Serve the REST API, the probes and the metrics.

    It starts without its Redis, too, and answers what needs Redis with 503
    until that is there. SIGTERM or Ctrl-C lets requests finish; SIGHUP makes it
    read its certificates again. GUNICORN_CMD_ARGS may hold options of gunicorn.

    \b
    Examples:
      tt townhall rest
      tt townhall rest --bind 0.0.0.0 --port 8080
      townhall --town ~/towns/shop --port 0
    """
    from tinytown.api.process import TownhallPlan, run_townhall
    from tinytown.config import environment
    from tinytown.log import set_up_audit_log, set_up_logging

    needs_redis(ctx)
    call = call_of(ctx)
    set_up_logging(verbose=call.verbose)
    set_up_audit_log()
    plan = TownhallPlan(bind=bind, port=port, verbose=call.verbose, until_eof=until_eof, patient=patient)
    ctx.exit(run_townhall(call.town, environment(), plan))


@townhall.command("health")
@click.option("-b", "--bind", metavar="ADDR", help="Where it was told to listen; else [townhall] bind says.")
@click.option("-p", "--port", metavar="N", type=click.IntRange(1, 65535), help="Else [townhall] rest_port says.")
@json_option
@click.pass_context
def health(ctx: click.Context, bind: str | None, port: int | None, *, as_json: bool) -> None:
    """Ask the townhall of this machine whether it is alive.

    For the health checks of containers: 0 means that it answers requests. It
    does not ask about Redis, for a restart would not mend that; `/ready` tells.

    \b
    Examples:
      tt townhall health
      townhall health --port 8080
    """
    from tinytown.api.pulse import feel_pulse
    from tinytown.config import environment

    uptime = feel_pulse(call_of(ctx).town, environment(), bind, port)
    echo_json({"uptime_secs": int(uptime)}) if as_json else click.echo(f"alive, up for {uptime:.0f} s")
