"""`tt demo`: a town at work, from nothing to a tested commit, with a worker killed on the way."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tinytown.cli.options import command

if TYPE_CHECKING:
    from tinytown.cli.demo.narration import Narrator
    from tinytown.cli.demo.stage import Stage

__all__ = ["demo"]

FAILED = 1


@command("demo")
@click.option("--keep", is_flag=True, help="Leave the town behind, to look around in.")
@click.pass_context
def demo(ctx: click.Context, *, keep: bool) -> None:
    """Watch a town at work, in a temporary folder.

    Five agents write, test, fix, review and commit a little program: two run
    shell commands, three a script that stands in for a coding CLI. In the
    middle a worker is killed with SIGKILL, and nothing is lost. Needs no API
    key, takes less than a minute, and cleans up behind itself.

    \b
    Examples:
      tt demo
      tt demo --keep
    """
    from tinytown.cli.demo.director import Director
    from tinytown.cli.demo.narration import Narrator
    from tinytown.cli.demo.play import PLAY
    from tinytown.cli.demo.stage import Stage
    from tinytown.config import environment

    narrator = Narrator()
    with _sigterm_like_ctrl_c(), Stage(environment(), keep=keep) as stage:
        _open(narrator, stage)
        stage.start()
        narrator.says("a clock and two workers run; here we go")
        director = Director(stage, narrator, PLAY)
        director.run()
        narrator.table(PLAY, director.tasks)
        wrong = director.verdict()
    for complaint in wrong:
        click.echo(f"tt: {complaint}", err=True)
    if not wrong:
        again = sum(task.attempt > 1 for task in director.tasks.values())
        narrator.says(
            f"all {len(director.tasks)} tasks are completed, each once, {again} of them after their worker was killed", colour="green"
        )
    elif not keep:
        click.echo("`tt demo --keep` leaves everything there to look into.", err=True)
    _close(stage)
    ctx.exit(FAILED if wrong else 0)


def _open(narrator: Narrator, stage: Stage) -> None:
    from tinytown.cli.demo.play import CAST, PLAY

    cast = ", ".join(f"{name} ({role}, {cli})" for name, (cli, role) in CAST.items())
    narrator.says(f"a town in {stage.root}, with its own Redis on a socket")
    narrator.explains(
        f"             agents: {cast}\n"
        f"             {len(PLAY)} tasks, some of which need others; `scripted` stands in for a coding CLI\n"
        "             leases are 3 s here, so that you need not wait; usually they are 15 s"
    )


def _close(stage: Stage) -> None:
    if not stage.keep:
        click.echo("Everything was tidied up. To have a town of your own: tt init")
        return
    click.echo(
        f"The town is still in {stage.root}; nothing runs in it. Look around:\n"
        f"  cd {stage.root}\n"
        "  tt task list            # starts its Redis again\n"
        "  tt history\n"
        "  tt logs otto\n"
        "  git log --stat; cat REVIEW-slugs.md\n"
        f"And when you have seen enough:\n  tt down --redis; cd /; rm -r {stage.root}"
    )


@contextmanager
def _sigterm_like_ctrl_c() -> Iterator[None]:
    """Tidy up on SIGTERM, too."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
