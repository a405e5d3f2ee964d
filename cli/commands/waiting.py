"""`tt wait`: until a task has ended, or an agent rests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.tasks import print_end
from tinytown.cli.notes import note
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json
from tinytown.cli.progress import progress
from tinytown.domain.agent import Agent, AgentState
from tinytown.errors import AgentNotFound, NotFound, TaskNotFound

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.domain.task import Task

__all__ = ["wait"]


@command("wait")
@click.argument("reference", metavar="TASK|AGENT")
@click.option(
    "--until",
    type=click.Choice(["idle", "rest", "stopped", "terminal"]),
    default="idle",
    show_default=True,
    help="What an agent is waited for to be: idle or rest, stopped or terminal.",
)
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="Give up after so long, with exit code 1.")
@json_option
@click.pass_context
def wait(ctx: click.Context, reference: str, *, until: str, timeout: float | None, as_json: bool) -> None:
    """Wait for a task or an agent.

    A task is waited for until it has ended; the call fails with 1 unless it was
    completed. An agent is waited for until it has nothing left to do, or works
    no more; with `--until stopped`, until it is stopped.

    \b
    Examples:
      tt wait 3f2a --timeout 600
      tt wait ada
      tt kill ada && tt wait ada --until stopped
    """
    span = None if timeout is None else timedelta(seconds=timeout)
    with reached(ctx, light=True) as town:
        found = _meant(town, reference)
        if isinstance(found, Agent):
            _wait_for_agent(town, found, until, span, as_json=as_json)
            return
        with progress(f"waiting for task {found.short_id}"):
            ended = town.tasks.wait(found.id, span)
    print_end(ctx, ended, as_json=as_json)


def _meant(town: AnyTown, reference: str) -> Agent | Task:
    """The agent or, if none is called that, the task."""
    try:
        return town.agents.find(reference)
    except AgentNotFound:
        pass
    try:
        return town.tasks.find(reference)
    except TaskNotFound:
        raise _NothingLikeThat(reference) from None


class _NothingLikeThat(NotFound):
    """Neither an agent nor a task goes by that."""

    sentence = "no agent and no task is called {!r}; see `tt list` and `tt task list`"


def _wait_for_agent(town: AnyTown, agent: Agent, until: str, span: timedelta | None, *, as_json: bool) -> None:
    from tinytown.services.workload import Until

    if agent.state is AgentState.PAUSED:
        note(f"{agent.name} is paused: it does nothing until `tt resume {agent.name}`")
    with progress(f"waiting for {agent.name}"):
        ended = town.agents.wait_until(agent.id, Until(until), span)
    echo_json(ended) if as_json else click.echo(f"{ended.name} is {ended.state.value}")
