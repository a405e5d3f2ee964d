"""`tt events`, `tt history`: what happened in the town."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.options import command, json_option
from tinytown.cli.output import clean, echo_json, echo_table

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.domain.event import Event
    from tinytown.domain.ids import AgentId

__all__ = ["event_line", "events", "history", "show_events"]

WAIT_MS = 2000
AT_ONCE = 100
WIDEST = 23
"""The longest kind of event, `mission_watch_triggered`."""
KEPT = 1000
"""About how many events a town keeps."""

COLOURS = {
    "task_completed": "green",
    "agent_completed": "green",
    "task_failed": "red",
    "agent_failed": "red",
    "agent_stopped": "yellow",
    "agent_interrupted": "yellow",
    "mission_help_needed": "yellow",
    "mission_work_completed": "green",
    "conductor_escalation": "red",
}


@command("events")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@click.option("-n", "--count", metavar="N", type=click.IntRange(min=0), default=20, show_default=True, help="How many to begin with.")
@click.option("--agent", metavar="AGENT", help="Of this agent only.")
@json_option
@click.pass_context
def events(ctx: click.Context, *, follow: bool, count: int, agent: str | None, as_json: bool) -> None:
    """Show what happened, and follow it.

    The newest events, oldest first. With --follow --json each is a line of
    JSON of its own.

    \b
    Examples:
      tt events
      tt events -f -n 0
      tt events --agent ada --json
    """
    with reached(ctx, light=True) as town:
        stream = town.events.stream(agent=None if agent is None else town.agents.find(agent).id)
        show_events(town, stream, count, follow=follow, as_json=as_json)


def show_events(town: AnyTown, stream: str, count: int, *, follow: bool, as_json: bool) -> None:
    """Print the newest events of a stream, oldest first; with `follow`, what happens from now on, too, without end."""
    last = town.events.last_id(stream)  # asked for first: what comes in between is shown below, and not twice
    found = town.events.recent(stream, count) if count else []
    if as_json and not follow:
        echo_json([_as_data(entry, event) for entry, event in found])
        return
    if not found and not follow:
        click.echo("Nothing happened yet.")
    for entry, event in found:
        _print(entry, event, as_json=as_json)
    last = found[-1][0] if found else last
    while follow:
        last, found = town.events.since(stream, last, AT_ONCE, WAIT_MS)
        for entry, event in found:
            _print(entry, event, as_json=as_json)


@command("history")
@click.option("-n", "--count", metavar="N", type=click.IntRange(min=1), default=30, show_default=True, help="How many events to show.")
@click.option("-a", "--agent", metavar="AGENT", help="Of this agent only.")
@click.option("--task", metavar="TASK", help="Of this task only.")
@json_option
@click.pass_context
def history(ctx: click.Context, *, count: int, agent: str | None, task: str | None, as_json: bool) -> None:
    """Show what an agent or a task went through.

    The newest events, oldest first, with names; without --agent and --task
    those of the whole town. A town keeps about a thousand, an agent a hundred
    of its own.

    \b
    Examples:
      tt history
      tt history --agent ada -n 50
      tt history --task 3f2a91c0
    """
    with reached(ctx, light=True) as town:
        chosen = None if agent is None else town.agents.find(agent).id
        wanted = None if task is None else town.tasks.find(task).id
        found = [pair for pair in town.history(KEPT, chosen) if wanted is None or pair[1].task_id == wanted][-count:]
        if as_json:
            echo_json([_as_data(entry, event) for entry, event in found])
        elif not found:
            click.echo("Nothing happened yet.")
        else:
            names = town.desk.names({event.agent_id for _, event in found if event.agent_id is not None})
            rows = [[_when(one.timestamp, town), _name(one, names), _kind(one), clean(one.message)] for _, one in found]
            echo_table(rows, ["TIME", "AGENT", "EVENT", "WHAT"])


def _name(event: Event, names: dict[AgentId, str]) -> str | None:
    """What to call the agent: by name, or by the beginning of the id when it is gone."""
    from tinytown.domain.ids import short

    return None if event.agent_id is None else names.get(event.agent_id, short(event.agent_id))


def _print(entry: str, event: Event, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(_as_data(entry, event)))
        return
    click.echo(event_line(event))


def event_line(event: Event) -> str:
    """An event in one line: when, what kind, and what."""
    local = event.timestamp.astimezone()
    return f"{click.style(f'{local:%H:%M:%S}', dim=True)} {_kind(event, WIDEST)} {clean(event.message)}"


def _kind(event: Event, width: int = 0) -> str:
    return click.style(f"{event.event_type.value:<{width}}", fg=COLOURS.get(event.event_type.value))


def _when(moment: datetime, town: AnyTown) -> str:
    """The time in the user's own zone; the date, too, if it was not within the last hours."""
    local = moment.astimezone()
    return f"{local:%H:%M:%S}" if (town.desk.now() - moment).total_seconds() < 12 * 3600 else f"{local:%Y-%m-%d %H:%M}"


def _as_data(entry: str, event: Event) -> dict[str, object]:
    import msgspec

    return {"id": entry, **msgspec.to_builtins(event)}
