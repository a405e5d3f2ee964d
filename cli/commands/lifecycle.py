"""Stopping, pausing and bringing back agents."""

from __future__ import annotations

import click

from tinytown.cli.asking import confirm
from tinytown.cli.call import opened
from tinytown.cli.notes import note
from tinytown.cli.options import command, json_option
from tinytown.cli.output import counted, echo_json
from tinytown.cli.progress import progress
from tinytown.cli.start import start_processes, warn_if_nothing_runs
from tinytown.domain.agent import Agent, AgentState

__all__ = ["close", "interrupt", "kill", "prune", "restart", "resume", "stop"]

_WHY_STAYED = {
    "mail": "it has mail (`tt reclaim` moves it) or dead letters (`tt dlq list`); --throw-away-mail does not care",
    "running": "its turn runs: `tt kill --now` ends it",
    "busy": "it is being changed by others: try again",
}


@command("kill")
@click.argument("agent")
@click.option("--now", is_flag=True, help="End its turn, too; the mail of the turn is kept.")
@json_option
@click.pass_context
def kill(ctx: click.Context, agent: str, *, now: bool, as_json: bool) -> None:
    """Stop an agent.

    One that has a turn is draining until the turn ends. Only `tt restart`
    brings it back; mail for it is kept until then.

    \b
    Examples:
      tt kill ada
      tt kill ada --now && tt wait ada --until stopped
    """
    with opened(ctx, light=True) as town:
        _print_stopped(town.agents.kill(agent, now=now), as_json=as_json, now=now)


@command("stop")
@click.argument("agents", nargs=-1, metavar="[AGENT]...")
@click.option("--now", is_flag=True, help="End running turns, too; their mail is kept.")
@json_option
@click.pass_context
def stop(ctx: click.Context, agents: tuple[str, ...], *, now: bool, as_json: bool) -> None:
    """Stop all agents, or some, after their turns.

    Redis, clock and worker go on: `tt down` stops those.

    \b
    Examples:
      tt stop
      tt stop ada grace
    """
    with opened(ctx, light=True) as town, progress("stopping agents"):
        found = [town.agents.find(agent) for agent in agents]  # all are there, or none is stopped
        stopped = [town.agents.kill(agent.id, now=now) for agent in found] if found else town.agents.stop_all(now=now)
    if as_json:
        echo_json(stopped)
        return
    for agent in stopped:
        _print_stopped(agent, as_json=False, now=now)
    if not stopped:
        click.echo("no agent is active", err=True)


@command("close")
@click.argument("agent")
@json_option
@click.pass_context
def close(ctx: click.Context, agent: str, *, as_json: bool) -> None:
    """Let an agent finish its mail, then stop it.

    \b
    Examples:
      tt close ada
    """
    with opened(ctx, light=True) as town:
        closed = town.agents.close(agent)
    if as_json:
        echo_json(closed)
    elif closed.state is AgentState.STOPPED:
        click.echo(f"{closed.name} is stopped: it had no mail")
    else:
        click.echo(f"{closed.name} is {closed.state.value}: it stops when its mail is done")


@command("interrupt")
@click.argument("agent")
@json_option
@click.pass_context
def interrupt(ctx: click.Context, agent: str, *, as_json: bool) -> None:
    """Pause an agent.

    A turn that runs is ended; its mail comes back, and no attempt is counted.

    \b
    Examples:
      tt interrupt ada
    """
    with opened(ctx, light=True) as town:
        paused = town.agents.interrupt(agent)
    echo_json(paused) if as_json else click.echo(f"{paused.name} is {paused.state.value}: its mail waits for `tt resume {paused.name}`")


@command("resume")
@click.argument("agent")
@json_option
@click.pass_context
def resume(ctx: click.Context, agent: str, *, as_json: bool) -> None:
    """Let a paused agent carry on.

    \b
    Examples:
      tt resume ada
    """
    with opened(ctx, light=True) as town:
        resumed = town.agents.resume(agent)
        echo_json(resumed) if as_json else click.echo(f"{resumed.name} is {resumed.state.value} and gets its mail")
        warn_if_nothing_runs(town)


@command("restart")
@click.argument("agent")
@click.option("--max-rounds", metavar="N", type=click.IntRange(min=0), help="Stop it after so many turns; 0 is no limit.")
@click.option("--no-start", is_flag=True, help="Do not start the town's processes.")
@json_option
@click.pass_context
def restart(ctx: click.Context, agent: str, *, max_rounds: int | None, no_start: bool, as_json: bool) -> None:
    """Start a stopped agent again.

    Its rounds begin at zero; its mail and tasks are as they were.

    \b
    Examples:
      tt restart ada
      tt restart ada --max-rounds 20
    """
    with opened(ctx, light=True) as town:
        started = town.agents.restart(agent, max_rounds=max_rounds)
        echo_json(started) if as_json else click.echo(f"{started.name} is back and gets its mail")
        warn_if_nothing_runs(town) if no_start else start_processes(town)


@command("prune")
@click.option("-a", "--all", "everyone", is_flag=True, help="Forget all agents, not only those that are stopped or in error.")
@click.option("--throw-away-mail", is_flag=True, help="Forget agents that have mail or dead letters, too: those are lost.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_context
def prune(ctx: click.Context, *, everyone: bool, throw_away_mail: bool, yes: bool, as_json: bool) -> None:
    """Remove stopped agents.

    Their open tasks go to the backlog. Agents with mail stay, and so do those
    whose turn runs; cold agents are not stopped, they wait for mail.

    \b
    Examples:
      tt prune
      tt prune --all --throw-away-mail --yes
    """
    if everyone or throw_away_mail:
        whom = "all agents" if everyone else "stopped agents"
        confirm(f"Forget {whom}{' and throw away their mail' if throw_away_mail else ''}", yes=yes)
    with opened(ctx, light=True) as town, progress("forgetting agents"):
        gone, stayed = town.recovery.prune(everyone=everyone, throw_away_mail=throw_away_mail)
    if as_json:
        echo_json({"removed": gone, "stayed": [{"agent": agent, "why": why} for agent, why in stayed]})
        return
    for agent in gone:
        click.echo(f"{agent.name} ({agent.short_id}) is forgotten")
    for agent, why in stayed:
        note(f"{agent.name} stays: {_WHY_STAYED.get(why, why)}")
    click.echo(f"{counted(len(gone), 'agent')} forgotten")


def _print_stopped(agent: Agent, *, as_json: bool, now: bool) -> None:
    if as_json:
        echo_json(agent)
    elif agent.state is AgentState.STOPPED:
        click.echo(f"{agent.name} is stopped")
    else:
        click.echo(f"{agent.name} is {agent.state.value}: {'its turn is being ended' if now else 'its turn ends first'}")
