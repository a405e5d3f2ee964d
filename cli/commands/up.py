"""`tt up`: a whole town on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import call_of, opened
from tinytown.cli.options import command
from tinytown.cli.progress import progress

if TYPE_CHECKING:
    from tinytown.config import Settings
    from tinytown.town import Town

__all__ = ["up"]


@command("up")
@click.option("-d", "--detach", is_flag=True, help="Run in the background, and return when the worker is there.")
@click.option(
    "--concurrency", metavar="N", type=click.IntRange(1, 1024), help="How many turns may run at once; else [worker] concurrency says."
)
@click.option("--no-townhall", is_flag=True, help="Do not serve the town over HTTP; else [townhall] enabled says.")
@click.option("--background", is_flag=True, hidden=True, help="Write to .tt/logs, not to the terminal; what --detach starts.")
@click.pass_context
def up(ctx: click.Context, detach: bool, concurrency: int | None, no_townhall: bool, background: bool) -> None:
    """Run the clock, a worker and townhall.

    The town's Redis is started if need be. A process that crashes is started
    again; idle ones stay. Ctrl-C drains: running turns may end, what they
    do not finish goes back to the mailboxes. In the background each process
    writes to .tt/logs, and `tt down` drains it. A townhall whose port is taken
    waits until it is free; `tt status` says where it listens.

    \b
    Examples:
      tt up
      tt up --detach --concurrency 8
    """
    with progress("starting Redis"), opened(ctx) as town:
        if detach:
            _detach(town, concurrency, with_townhall=town.settings.townhall.enabled and not no_townhall)
            return
        root = Path.cwd() if town.root is None else town.root
        settings = town.settings
    with_townhall = settings.townhall.enabled and not no_townhall
    ctx.exit(_supervise(ctx, root, settings, concurrency, with_townhall=with_townhall, background=background))


def _detach(town: Town, concurrency: int | None, *, with_townhall: bool) -> None:
    from tinytown.config import environment
    from tinytown.runtime import start_detached
    from tinytown.runtime.notice import await_notice

    with progress("starting the town's processes"):
        pid = start_detached(town, environment(), concurrency=concurrency, with_townhall=with_townhall)
        notice = await_notice(Path.cwd() if town.root is None else town.root) if with_townhall else None
    click.echo(f"Town {town.name} runs in the background (process {pid}); its logs are in .tt/logs, `tt down` ends it.")
    if notice is not None and notice.url is not None:
        click.echo(f"Townhall is at {notice.url}.")
    elif notice is not None:
        click.echo(f"note: townhall waits: {notice.problem}", err=True)


def _supervise(
    ctx: click.Context, root: Path, settings: Settings, concurrency: int | None, *, with_townhall: bool, background: bool
) -> int:
    """Hold the town and run its processes until a signal comes."""
    from tinytown.cli.sinks import Files, Terminal
    from tinytown.cli.supervisor import SYSTEM, Supervisor
    from tinytown.config import environment
    from tinytown.process import Signals
    from tinytown.runtime import Hold
    from tinytown.runtime.watch import RedisWatch

    env = environment()
    options = ["--town", str(root), "--until-eof", *(["--verbose"] if call_of(ctx).verbose else [])]
    turns = [] if concurrency is None else ["--concurrency", str(concurrency)]
    commands = {"clock": ["clock", *options], "worker": ["worker", "--idle-timeout", "0", *options, *turns]}
    if with_townhall:
        commands["townhall"] = ["townhall", "rest", "--patient", *options]
    with Signals() as signals:
        hold = Hold(root)
        sink = Files(root / ".tt" / "logs") if background else Terminal([SYSTEM, *commands], env)
        supervisor = Supervisor(commands, root, env, hold, sink)
        supervisor.say(f"town {settings.name} in {root}")
        watch = RedisWatch(root, settings, env, supervisor.say)
        watch.start()
        try:
            return supervisor.run(signals)
        finally:
            watch.stop()
            hold.release()
