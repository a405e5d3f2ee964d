"""Following a mission until it ends: on a terminal its graph, drawn anew in place; elsewhere a line for each change."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import click

from tinytown.cli.commands.events import event_line
from tinytown.cli.commands.mission_graph import graph_lines
from tinytown.cli.commands.mission_sheets import as_data, standing
from tinytown.cli.notes import note
from tinytown.cli.output import clean, counted, duration, echo_json, state_styled, wants_colour
from tinytown.cli.screen import Screen
from tinytown.config import environment
from tinytown.domain.mission import MissionState
from tinytown.domain.work_item import WorkStatus

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.domain.event import Event
    from tinytown.domain.ids import MissionId, WorkItemId
    from tinytown.services.mission_reading import MissionView

__all__ = ["follow"]

AT_ONCE = 100
WAIT_MS = 1000
LAST = 3
FAILED = 1


class _Show(Protocol):
    """Shows how a mission comes along."""

    def update(self, view: MissionView, events: Sequence[Event]) -> None:
        """Show how it is now, and what happened since the last time."""
        ...

    def end(self, view: MissionView) -> None:
        """It has ended."""
        ...


def follow(ctx: click.Context, town: AnyTown, mission: MissionId, *, as_json: bool) -> None:
    """Show how a mission comes along until it ends; exit with 1 unless it is completed.

    Ctrl-C ends the watching only, and says so.
    """
    view = town.missions.view(mission)
    try:
        if as_json:
            view = _follow(town, mission, _Silent())
        elif _draws(environment()):
            view = _follow(town, mission, _Graph(town, Screen(colour=wants_colour(environment()))))
        else:
            view = _follow(town, mission, _Lines(town))
    except KeyboardInterrupt:
        short = view.mission.short_id
        note(f"the mission goes on: `tt mission status {short} --follow` follows it again, `tt mission stop {short}` takes it back")
        raise
    if as_json:
        echo_json(as_data(view))
    if view.mission.state is not MissionState.COMPLETED:
        ctx.exit(FAILED)


def _draws(env: Mapping[str, str]) -> bool:
    """Is stdout a terminal on which the cursor can be moved?"""
    return sys.stdout.isatty() and env.get("TERM", "") not in {"", "dumb"}


def _follow(town: AnyTown, mission: MissionId, show: _Show) -> MissionView:
    stream = town.events.stream(mission=mission)
    last = town.events.last_id(stream)  # before the look: what happens in between is shown again, and not missed
    view = town.missions.view(mission)
    show.update(view, ())
    while not view.mission.state.is_terminal:
        last, found = town.events.since(stream, last, AT_ONCE, WAIT_MS)
        view = town.missions.view(mission)
        show.update(view, [event for _, event in found])
    while found := town.events.after(stream, last, AT_ONCE):  # what happened between the two
        last = found[-1][0]
        show.update(view, [event for _, event in found])
    show.end(view)
    return view


class _Silent:
    """Says nothing: programs get the end."""

    def update(self, view: MissionView, events: Sequence[Event]) -> None:
        """Say nothing."""

    def end(self, view: MissionView) -> None:
        """Say nothing."""


class _Lines:
    """A line for each change."""

    def __init__(self, town: AnyTown) -> None:
        self._town = town
        self._begun = False
        self._working: set[WorkItemId] = set()

    def update(self, view: MissionView, events: Sequence[Event]) -> None:
        """Print what happened; at first, how it stands."""
        if not self._begun and not view.mission.state.is_terminal:
            click.echo(_in_words(view))
        self._begun = True
        for event in events:
            click.echo(event_line(event))
        working = {item.id for item in view.items if item.status is WorkStatus.RUNNING}
        for item in view.items:
            if item.id in working - self._working:
                local = self._town.desk.now().astimezone()
                click.echo(f"{click.style(f'{local:%H:%M:%S}', dim=True)} {'running':<23} {clean(item.label)}")
        self._working = working

    def end(self, view: MissionView) -> None:
        """Print what came of it."""
        click.echo(_in_words(view))


class _Graph:
    """The graph, drawn anew in place."""

    def __init__(self, town: AnyTown, screen: Screen) -> None:
        self._town = town
        self._screen = screen
        self._last: list[str] = []

    def update(self, view: MissionView, events: Sequence[Event]) -> None:
        """Draw it as it is now."""
        self._last = [*self._last, *map(event_line, events)][-LAST:]
        ended = view.mission.state.is_terminal
        foot = [] if ended else ["", *self._last, click.style("Ctrl-C ends the watching; the mission goes on.", dim=True)]
        self._screen.draw(lambda height: graph_lines(view, self._names(view), self._town.desk.now(), height - len(foot)) + foot)

    def end(self, view: MissionView) -> None:
        """Print below it what came of it."""
        click.echo(_in_words(view))

    def _names(self, view: MissionView) -> dict[str, str]:
        working = {item.assigned_to for item in view.items if item.assigned_to is not None}
        return {str(agent): name for agent, name in self._town.desk.names(working).items()}


def _in_words(view: MissionView) -> str:
    """How it stands, in one line."""
    mission = view.mission
    done = sum(item.status is WorkStatus.DONE for item in view.items)
    took = "" if mission.ended_at is None else f" after {duration(mission.ended_at - mission.created_at)}"
    reason = "" if mission.blocked_reason is None else f" ({clean(mission.blocked_reason)})"
    return (
        f"Mission {mission.short_id} is {state_styled(standing(mission))}{took}: {done} of {counted(len(view.items), 'item')} done{reason}"
    )
