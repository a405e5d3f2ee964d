"""`tt down`: the end of what `tt up` started."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import call_of, needs_redis
from tinytown.cli.options import command
from tinytown.cli.output import counted
from tinytown.cli.progress import Progress, progress

if TYPE_CHECKING:
    from tinytown.domain.worker import Worker

__all__ = ["down"]

LOOK_EVERY = 20  # times that `end` looks, about a second


@command("down")
@click.option("--redis", "with_redis", is_flag=True, help="End the town's Redis, too; its data stays on disk.")
@click.option("--now", is_flag=True, help="End running turns at once; their mail goes back all the same.")
@click.pass_context
def down(ctx: click.Context, with_redis: bool, now: bool) -> None:
    """Drain and stop what `up` started.

    Turns that run get [worker] shutdown_grace_secs to end; what they do not
    finish goes back to the mailboxes, uncounted. Workers that were started
    otherwise go on, and so does Redis.

    \b
    Examples:
      tt down
      tt down --now --redis
    """
    from tinytown.bootstrap import load
    from tinytown.config import environment, user_directory
    from tinytown.redis_server import stop_server
    from tinytown.runtime import end

    needs_redis(ctx)
    env = environment()
    path = call_of(ctx).town
    root, settings = load(path, env)
    with progress("ending turns and processes" if now else "draining") as shown:
        ended = end(Path.cwd() if root is None else root, settings, now=now, while_waiting=lambda look: _show(shown, path, look))
    if ended is None:
        click.echo(f"Nothing of town {settings.name} runs in the background here.")
    else:
        click.echo(f"Town {settings.name} is down; nothing in its mailboxes is lost.")
    others = _workers(path)
    if others:
        whose = ", ".join(f"process {worker.pid} on {worker.host}" for worker in others)
        click.echo(f"note: {counted(len(others), 'worker')} started otherwise: {whose}", err=True)
    if with_redis:
        with progress("stopping Redis"):
            stopped = stop_server(settings, root, user_directory(env))
        click.echo("Its Redis is stopped." if stopped else "Its Redis did not run.")


def _show(shown: Progress, path: Path | None, look: int) -> None:
    """Say now and then how many turns still run."""
    if look % LOOK_EVERY == LOOK_EVERY - 1:
        turns = sum(len(worker.running) for worker in _workers(path) if worker.draining)
        shown.say(f"draining: {counted(turns, 'turn')} still running" if turns else "draining")


def _workers(path: Path | None) -> list[Worker]:
    """The workers of the town that live, as far as Redis can be asked."""
    from tinytown.bootstrap import connect
    from tinytown.config import environment
    from tinytown.errors import TownError
    from tinytown.runtime import may_live
    from tinytown.town import Town

    try:
        town: Town = connect(path, environment(), light=True, start=False)
        with town:
            return [worker for worker in town.workers.all() if may_live(worker)]
    except TownError:
        return []
