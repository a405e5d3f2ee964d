"""`tt spawn` and `tt list`: who is in the town."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.options import command, json_option
from tinytown.cli.output import age, counted, echo_json, echo_table, shortened, state_styled
from tinytown.cli.start import start_processes, warn_if_nothing_runs
from tinytown.domain.agent import Agent, AgentState

if TYPE_CHECKING:
    from datetime import datetime

__all__ = ["list_agents", "spawn"]

_HEADERS = ("NAME", "NICKNAME", "ID", "STATE", "ROLE", "CLI", "ROUNDS", "DONE", "ACTIVE")


@command("spawn")
@click.argument("name")
@click.option("-c", "--cli", metavar="CLI", help="What its turns run: a preset such as claude or shell, or a whole command in quotes.")
@click.option("--model", metavar="MODEL", help="The model that the program is told to use.")
@click.option("-r", "--role", metavar="ROLE", help="What it is for: reviewer, tester, docs … or words of your own.")
@click.option("--nickname", metavar="NAME", help="The name that people read; made up when left out.")
@click.option("--parent", metavar="AGENT", help="The agent that it belongs to.")
@click.option("--max-rounds", metavar="N", type=click.IntRange(min=0), help="Stop it after so many turns; 0 is no limit.")
@click.option("--no-start", is_flag=True, help="Only register it; do not start the town's processes.")
@json_option
@click.pass_context
def spawn(
    ctx: click.Context,
    name: str,
    *,
    cli: str | None,
    model: str | None,
    role: str | None,
    nickname: str | None,
    parent: str | None,
    max_rounds: int | None,
    no_start: bool,
    as_json: bool,
) -> None:
    """Add an agent.

    Its turns are done by a worker; when the town is on this machine and nothing
    runs, clock and worker are started in the background.

    \b
    Examples:
      tt spawn ada                                     # runs the town's default program
      tt spawn grace --cli claude --role reviewer
      tt spawn builder --cli 'make -C src' --max-rounds 10
      tt spawn eve --cli shell --no-start              # start the worker yourself: tt up
    """
    with reached(ctx, light=True) as town:
        agent = town.agents.spawn(name, cli=cli, model=model, role=role, nickname=nickname, parent=parent, max_rounds=max_rounds)
        if as_json:
            echo_json(agent)
        else:
            click.echo(f"{agent.label} is in the town as {agent.name} ({agent.short_id}) and runs {shortened(agent.cli)}.")
        if no_start:
            warn_if_nothing_runs(town)
        else:
            start_processes(town)


@command("list")
@click.option("-s", "--state", type=click.Choice([state.value for state in AgentState]), help="Only agents in this state.")
@json_option
@click.pass_context
def list_agents(ctx: click.Context, *, state: str | None, as_json: bool) -> None:
    """List the agents.

    \b
    Examples:
      tt list
      tt list --state stopped
      tt list --json
    """
    with reached(ctx, light=True) as town:
        agents = [agent for agent in town.agents.all() if state is None or agent.state == state]
        now = town.desk.now()
    if as_json:
        echo_json(agents)
        return
    if not agents:
        click.echo(f"no agent is {state}" if state else "no agents yet: `tt spawn ada` adds one", err=True)
        return
    echo_table([_row(agent, now) for agent in agents], headers=_HEADERS)
    ended = sum(agent.state in {AgentState.STOPPED, AgentState.ERROR} for agent in agents)
    if ended:
        click.echo(f"{counted(ended, 'agent')} stopped or in error: `tt restart NAME` brings one back, `tt prune` forgets them", err=True)


def _row(agent: Agent, now: datetime) -> tuple[str | None, ...]:
    rounds = f"{agent.rounds_completed}/{agent.max_rounds}" if agent.max_rounds else str(agent.rounds_completed)
    role = None if agent.role_id is None else shortened(agent.role_id, 30)
    done = str(agent.tasks_completed)
    state = state_styled(agent.state.value)
    return (agent.name, agent.nickname, agent.short_id, state, role, shortened(agent.cli, 30), rounds, done, age(agent.last_active_at, now))
