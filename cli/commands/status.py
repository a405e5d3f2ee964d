"""`tt status`: who does what, and whether anybody does anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.options import command, json_option
from tinytown.cli.output import counted, duration, echo_json, echo_table, shortened, state_styled
from tinytown.clock import from_ms
from tinytown.services.overview import warnings_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tinytown.cli.call import AnyTown
    from tinytown.cli.commands.status_details import Details
    from tinytown.domain.worker import Worker
    from tinytown.runtime.notice import Notice
    from tinytown.store.census import Census, Resident

__all__ = ["status"]

SHOWN = 50
_TITLE = 60


@command("status")
@click.option("--deep", is_flag=True, help="Add rounds, age, what each agent did lately, and the end of its output.")
@click.option("--tasks", "by_agent", is_flag=True, help="Show the open tasks, agent by agent.")
@click.option("-a", "--all", "everyone", is_flag=True, help=f"Show all agents; else the first {SHOWN}, those that need attention first.")
@json_option
@click.pass_context
def status(ctx: click.Context, *, deep: bool, by_agent: bool, everyone: bool, as_json: bool) -> None:
    """Show who does what.

    \b
    Examples:
      tt status
      tt status --deep --tasks
      tt status --all --json
    """
    with reached(ctx, light=True) as town:
        census = town.census(None if everyone else SHOWN)
        details = _details(town, census, deep=deep, by_agent=by_agent)
        notice = _notice(town)
    warnings = warnings_of(census)
    if as_json:
        echo_json(_as_json(town, census, notice, details, warnings))
        return
    _print_town(town, census, notice)
    _print_workers(census)
    _print_agents(census)
    _print_tasks(census)
    if details is not None:
        details.show(from_ms(census.now_ms))
    way = "" if town.is_elsewhere else ": `tt up` starts one"
    for warning in warnings:
        click.echo(f"warning: {warning}{way}", err=True)


def _details(town: AnyTown, census: Census, *, deep: bool, by_agent: bool) -> Details | None:
    if not deep and not by_agent:
        return None
    from tinytown.cli.commands.status_details import read_details

    return read_details(town, census, deep=deep, by_agent=by_agent)


def _notice(town: AnyTown) -> Notice | None:
    """Where the townhall of this folder listens."""
    if town.root is None:
        return None
    from tinytown.runtime.notice import notice_of

    return notice_of(town.root)


def _print_town(town: AnyTown, census: Census, notice: Notice | None) -> None:
    leader = "none" if census.leader is None else f"{census.leader} (epoch {census.leader_epoch})"
    click.echo(f"town   {town.name}{'' if town.root is None else f'  {town.root}'}")
    click.echo(f"redis  {town.redis_address}")
    click.echo(f"clock  {leader}")
    if notice is not None:
        click.echo(f"http   {notice.url if notice.url is not None else f'waits: {notice.problem}'}")


def _print_workers(census: Census) -> None:
    if not census.workers:
        click.echo("worker none")
        return
    click.echo()
    headers = ("WORKER ON", "PID", "TURNS", "SEEN", "QUEUES", "RUNS")
    echo_table([_worker_row(worker, census) for worker in census.workers], headers=headers)


def _worker_row(worker: Worker, census: Census) -> tuple[str, ...]:
    seen = duration(from_ms(census.now_ms) - from_ms(worker.seen_at))
    runs = _running(worker, census)
    state = "draining: " if worker.draining else ""
    turns = f"{len(runs)}/{worker.concurrency}"
    return (worker.host, str(worker.pid), turns, f"{seen} ago", ",".join(worker.queues), f"{state}{', '.join(runs)}")


def _running(worker: Worker, census: Census) -> list[str]:
    """Whose turns a worker runs: of the agents shown, as their leases say; of the others, as it said with its last sign of life."""
    shown = {one.agent.id for one in census.residents}
    named = [one.agent.name for one in census.residents if one.worker == worker.id]
    return named + [agent[:8] for agent in worker.running if agent not in shown]


def _print_agents(census: Census) -> None:
    total = sum(census.agents.values())
    click.echo()
    if not total:
        click.echo("no agents yet: `tt spawn ada` adds one")
        return
    states = ", ".join(f"{number} {state.value}" for state, number in census.agents.items() if number)
    click.echo(f"{counted(total, 'agent')}: {states}")
    titles = {task.assigned_to: shortened(task.title, _TITLE) for task in reversed(census.running)}
    headers = ("NAME", "LABEL", "STATE", "MAIL", "URGENT", "IN TURN", "DEAD", "TASKS", "NOW")
    echo_table([_agent_row(one, titles.get(one.agent.id)) for one in census.residents], headers=headers)
    if total > len(census.residents):
        click.echo(f"… and {total - len(census.residents)} more: `tt status --all`")


def _agent_row(one: Resident, title: str | None) -> tuple[str | None, ...]:
    agent = one.agent
    now = title if title is not None else agent.error if agent.error is not None else _why(one)
    numbers = (one.inbox, one.urgent, one.taken, one.dead, one.open_tasks)
    state = state_styled(agent.state.value)
    return (agent.name, agent.label, state, *(str(n) if n else None for n in numbers), None if now is None else shortened(now, _TITLE))


def _why(one: Resident) -> str | None:
    reason = one.agent.stop_reason
    return None if reason is None else reason.value.replace("_", " ")


def _print_tasks(census: Census) -> None:
    total = sum(census.tasks.values())
    states = ", ".join(f"{number} {state.value}" for state, number in census.tasks.items() if number)
    click.echo()
    click.echo(f"{counted(total, 'task')}{f': {states}' if states else ''}; {census.backlog} in the backlog")
    if census.missions:
        click.echo(f"{counted(census.missions, 'mission')} under way: `tt mission status`")
    dead = sum(one.dead for one in census.residents)
    if dead:
        click.echo(f"{counted(dead, 'dead letter')}: `tt dlq list`")
    unread = census.supervisor[0] + census.supervisor[1]
    if unread:
        click.echo(f"{counted(unread, 'message')} for you: `tt inbox supervisor`")


def _as_json(town: AnyTown, census: Census, notice: Notice | None, details: Details | None, warnings: Sequence[str]) -> dict[str, object]:
    answer: dict[str, object] = {
        "town": town.name,
        "root": None if town.root is None else str(town.root),
        "redis": town.redis_address,
        "clock": {"leader": census.leader, "epoch": census.leader_epoch},
        "townhall": notice,
        "workers": census.workers,
        "agents": {"total": sum(census.agents.values()), "by_state": census.agents, "shown": census.residents},
        "tasks": {"total": sum(census.tasks.values()), "by_state": census.tasks, "backlog": census.backlog, "running": census.running},
        "missions": census.missions,
        "supervisor": {"inbox": census.supervisor[0], "urgent": census.supervisor[1]},
        "warnings": warnings,
    }
    return answer if details is None else {**answer, "details": details}
