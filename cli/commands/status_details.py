"""What `tt status` adds with `--deep` and `--tasks`."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click
import msgspec

from tinytown.cli.output import counted, duration, shortened, state_styled
from tinytown.domain.agent import Agent
from tinytown.domain.task import Task, TaskState

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.store.census import Census

__all__ = ["Depth", "Details", "read_details"]

_ACTIVITY, _OUTPUT_LINES, _OUTPUT_PIECES = 5, 8, 20
_MOST_TASKS, _TASKS_EACH = 1000, 10


class Depth(msgspec.Struct, frozen=True, kw_only=True):
    """What one agent did lately, newest first, and how its output ends."""

    agent: Agent
    activity: tuple[str, ...]
    output: tuple[str, ...]


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """More about some agents; and the open tasks, of each agent and of nobody."""

    agents: tuple[Depth, ...] = ()
    tasks: tuple[Task, ...] | None = None
    names: dict[str, str] = {}

    def show(self, now: datetime) -> None:
        """Print it."""
        for depth in self.agents:
            _print_depth(depth, now)
        if self.tasks is not None:
            self._print_tasks()

    def _print_tasks(self) -> None:
        groups: dict[str, list[Task]] = {}
        for task in self.tasks or ():
            owner = task.assigned_to if task.assigned_to is not None else task.wanted
            groups.setdefault("nobody" if owner is None else self.names.get(owner, owner[:8]), []).append(task)
        for name, tasks in sorted(groups.items()):
            click.echo(f"\n{name}: {counted(len(tasks), 'open task')}")
            for task in tasks[:_TASKS_EACH]:
                click.echo(f"  {task.short_id}  {state_styled(task.state.value)}  {shortened(task.title, 80)}")
            if len(tasks) > _TASKS_EACH:
                click.echo(f"  … and {len(tasks) - _TASKS_EACH} more: `tt task list --agent {name}`")


def read_details(town: AnyTown, census: Census, *, deep: bool, by_agent: bool) -> Details:
    """Ask for what is not in the census."""
    depths = _depths(town, [one.agent for one in census.residents]) if deep else ()
    if not by_agent:
        return Details(agents=depths)
    states = (TaskState.RUNNING, TaskState.ASSIGNED, TaskState.PENDING)
    tasks = tuple(task for state in states for task in town.tasks.matching(state, limit=_MOST_TASKS))
    owners = {task.assigned_to for task in tasks if task.assigned_to is not None}
    names: dict[str, str] = {one.agent.id: one.agent.name for one in census.residents}
    names |= {str(agent): name for agent, name in town.desk.names({owner for owner in owners if owner not in names}).items()}
    return Details(agents=depths, tasks=tasks, names=names)


def _depths(town: AnyTown, agents: list[Agent]) -> tuple[Depth, ...]:
    activities = town.events.activities([agent.id for agent in agents], _ACTIVITY)
    return tuple(_depth(town, agent, tuple(lines)) for agent, lines in zip(agents, activities, strict=True))


def _depth(town: AnyTown, agent: Agent, activity: tuple[str, ...]) -> Depth:
    pieces = b"".join(piece.data for piece in town.events.output(agent.id, _OUTPUT_PIECES)).decode("utf-8", "replace")
    lines = [line for line in (click.unstyle(line).strip() for line in pieces.splitlines()) if line]
    return Depth(agent=agent, activity=activity, output=tuple(lines[-_OUTPUT_LINES:]))


def _print_depth(depth: Depth, now: datetime) -> None:
    agent = depth.agent
    limit = f" of {agent.max_rounds}" if agent.max_rounds else ""
    child = "" if agent.parent_agent_id is None else f", child of {agent.parent_agent_id[:8]}"
    click.echo(
        f"\n{agent.label} {agent.short_id}{child}: {shortened(agent.cli, 40)}, {counted(agent.rounds_completed, 'round')}{limit}, "
        f"{counted(agent.tasks_completed, 'task')} done, here for {duration(now - agent.created_at)}, "
        f"active {duration(now - agent.last_active_at)} ago"
    )
    for line in depth.activity:
        click.echo(f"  did  {shortened(line)}")
    for line in depth.output:
        click.echo(f"  out  {shortened(line)}")
