"""`tt init`, `tt towns`, `tt reset`: towns as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tinytown.cli.call import call_of, needs_redis, opened
from tinytown.cli.options import command, json_option
from tinytown.cli.output import clean, echo_json, echo_table

if TYPE_CHECKING:
    from tinytown.founding import Founded
    from tinytown.town import Town

__all__ = ["init", "reset", "towns"]

CONFLICT = 4


@command("init")
@click.option("--name", metavar="NAME", help="What to call the town; else after the repository and branch, or the directory.")
@click.option("--cli", metavar="CLI", help="What agents run by default: a preset such as claude or shell, or a command.")
@json_option
@click.pass_context
def init(ctx: click.Context, name: str | None, cli: str | None, *, as_json: bool) -> None:
    """Make a town in this directory.

    Writes tinytown.toml and .tt/, has git ignore .tt/, and starts the town's
    Redis unless REDIS_URL names one. What is there is never overwritten.

    \b
    Examples:
      tt init
      tt init --name shop --cli claude
      tt --town ~/work/shop init
    """
    from tinytown.cli.progress import progress
    from tinytown.config import environment
    from tinytown.founding import found_town

    needs_redis(ctx)
    env = environment()
    with progress("making the town and starting its Redis"):
        made = found_town(_place(call_of(ctx).town, env), env, name=name, cli=cli)
    for note in made.notes:
        click.echo(f"note: {note}", err=True)
    if as_json:
        echo_json(
            {
                "name": made.name,
                "root": str(made.root),
                "redis": str(made.address),
                "redis_from": made.address.origin,
                "started": made.started,
            }
        )
    else:
        _welcome(made)


@command("towns")
@click.option("--forget", metavar="PATH", type=click.Path(path_type=Path), help="Take a town out of the list; its files and data stay.")
@json_option
def towns(forget: Path | None, *, as_json: bool) -> None:
    """List the towns of this machine.

    Says of each whether its Redis runs and who is in it. Starts nothing, and
    waits for no town longer than two seconds.

    \b
    Examples:
      tt towns
      tt towns --forget ~/work/old
    """
    from tinytown.config import environment

    env = environment()
    if forget is not None:
        _forget(forget, env)
        return
    from tinytown.cli.progress import progress
    from tinytown.survey import survey

    with progress("asking the towns"):
        found = survey(env)
    if as_json:
        echo_json(found)
    elif not found:
        click.echo("No towns yet; `tt init` makes one.")
    else:
        rows = [[one.name, _coloured(one.state), _number(one.agents), _number(one.working), one.path] for one in found]
        echo_table(rows, ["NAME", "STATE", "AGENTS", "WORKING", "PATH"])
        for one in found:
            if one.problem is not None:
                click.echo(f"{one.name}: {clean(one.problem)}", err=True)


@command("reset")
@click.option("--agents-only", is_flag=True, help="Keep tasks, backlog and events; open tasks of agents go to the backlog.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--force", is_flag=True, help="Do not ask, and go on though workers run.")
@json_option
@click.pass_context
def reset(ctx: click.Context, *, agents_only: bool, yes: bool, force: bool, as_json: bool) -> None:
    """Delete everything a town has in Redis.

    Files stay: tinytown.toml, logs, and what agents wrote. While workers run
    nothing is deleted, unless --force; their turns then find nothing to
    report to, and bring nothing back.

    \b
    Examples:
      tt reset                       # says what would go, and asks
      tt reset --agents-only --yes
    """
    from tinytown.cli.asking import confirm
    from tinytown.errors import AlreadyRunning

    with opened(ctx) as town:
        workers = town.workers.all()
        if workers and not force:
            named = ", ".join(f"{worker.pid} on {worker.host}" for worker in workers)
            raise AlreadyRunning(f"a worker (process {clean(named)})", "stop it with `tt down`, or use --force")
        if not as_json:
            click.echo(_doomed(town, agents_only=agents_only))
        confirm(f"Delete this from town {town.name}", yes=yes or force)
        if agents_only:
            _reset_agents(ctx, town, as_json=as_json)
            return
        keys = town.reset()
        echo_json({"town": town.name, "keys": keys}) if as_json else click.echo(f"Deleted: {keys} keys of town {town.name}.")


def _place(given: Path | None, env: Mapping[str, str]) -> Path:
    """The directory that becomes a town."""
    from tinytown.config.environment import value_of, working_directory

    named = value_of(env, "TINYTOWN_TOWN")
    if given is not None:
        return given
    return working_directory(env) if named is None else Path(named)


def _welcome(made: Founded) -> None:
    example = "echo hello" if made.settings.default_cli == "shell" else "say hello"
    click.echo(f"Town {click.style(made.name, bold=True)} is in {made.root}.")
    click.echo(f"Redis: {made.address}{', started' if made.started and not made.address.external else ''}.")
    click.echo(f'\nNext:\n  tt spawn ada\n  tt assign ada "{example}" --wait\n  tt status')


def _forget(path: Path, env: Mapping[str, str]) -> None:
    from tinytown.config import user_directory
    from tinytown.errors import NotFound
    from tinytown.registry import forget_town

    if not forget_town(user_directory(env), path.absolute()):
        raise NotFound(f"{path} in the list of `tt towns`")
    click.echo(f"Forgot {path}; its files and data are still there.")


def _reset_agents(ctx: click.Context, town: Town, *, as_json: bool) -> None:
    """Forget the agents; those in the middle of a turn stay, and that is a failure."""
    town.recovery.sweep()
    gone, stayed = town.recovery.prune(everyone=True, throw_away_mail=True)
    if as_json:
        echo_json({"town": town.name, "agents": [agent.name for agent in gone], "stayed": {agent.name: why for agent, why in stayed}})
    else:
        click.echo(f"Deleted: {len(gone)} agents of town {town.name}.")
    for agent, why in stayed:
        click.echo(f"{agent.name} stays: {'its turn runs' if why == 'running' else why}", err=True)
    if stayed:
        ctx.exit(CONFLICT)


def _doomed(town: Town, *, agents_only: bool) -> str:
    """What a reset would delete, and what it would keep."""
    agents = sum(town.agents.count().values())
    tasks = sum(town.tasks.count().values())
    mail = f"{agents} agents with their mail and output"
    if agents_only:
        return f"This deletes {mail}. Kept: {tasks} tasks (open ones go to the backlog), events, and the mail of the supervisor."
    return f"This deletes {mail}; {tasks} tasks, the backlog, all events and receipts, and the mail of the supervisor."


def _coloured(state: str) -> str:
    colours: dict[str, Any] = {"running": {"fg": "green"}, "stopped": {"dim": True}, "unreachable": {"fg": "yellow"}}
    return click.style(state, **colours.get(state, {"fg": "red"}))


def _number(count: int | None) -> str | None:
    return None if count is None else str(count)
