"""`tt down`: the end of what `tt up` started."""

from __future__ import annotations

from pathlib import Path

import click

from tinytown.cli.call import call_of
from tinytown.cli.options import command
from tinytown.cli.progress import progress

__all__ = ["down"]


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

    env = environment()
    root, settings = load(call_of(ctx).town, env)
    with progress("ending turns and processes" if now else "draining: running turns may end"):
        ended = end(Path.cwd() if root is None else root, settings, now=now)
    if ended is None:
        click.echo(f"Nothing of town {settings.name} runs in the background here.")
    else:
        click.echo(f"Town {settings.name} is down; nothing in its mailboxes is lost.")
    if with_redis:
        with progress("stopping Redis"):
            stopped = stop_server(settings, root, user_directory(env))
        click.echo("Its Redis is stopped." if stopped else "Its Redis did not run.")
