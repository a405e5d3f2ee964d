"""How a task looks: a line in a list, and a sheet with everything."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from tinytown.cli.output import age, echo_table, shortened, state_styled, visible
from tinytown.domain.ids import AgentId
from tinytown.domain.task import Task

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown

__all__ = ["print_sheet", "print_tasks"]

_HEADERS = ("ID", "STATE", "AGENT", "TRIES", "AGE", "TASK")


def print_tasks(town: AnyTown, tasks: Sequence[Task]) -> None:
    """Print a table; nothing when there are none."""
    if not tasks:
        return
    names, now = _names(town, tasks), town.desk.now()
    rows = [
        (
            task.short_id,
            state_styled(task.state.value),
            _owner(task, names),
            f"{task.attempt}/{task.max_attempts}",
            age(task.created_at, now),
            shortened(task.title),
        )
        for task in tasks
    ]
    echo_table(rows, headers=_HEADERS)


def print_sheet(town: AnyTown, task: Task) -> None:
    """Print everything about one task, its text and result whole."""
    names, now = _names(town, [task]), town.desk.now()
    moments = {"created": task.created_at, "updated": task.updated_at, "started": task.started_at, "completed": task.completed_at}
    facts: dict[str, str | None] = {
        "task": task.id,
        "state": state_styled(task.state.value),
        "agent": _owner(task, names),
        "asked by": None if task.created_by is None else names.get(task.created_by, task.created_by),
        "attempts": f"{task.attempt} of {task.max_attempts}",
        **{name: None if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC ({age(at, now)} ago)" for name, at in moments.items()},
        "failure": task.failure_reason,
        "parent": task.parent_id,
        "mission": task.mission_id,
        "tags": ", ".join(task.tags) or None,
    }
    for name, fact in facts.items():
        if fact is not None:
            click.echo(f"{name:<10}{fact}")
    for title, text in (("text", task.description), ("result", task.result)):
        if text is not None:
            click.echo(f"\n{title}:\n{visible(text)}")


def _names(town: AnyTown, tasks: Iterable[Task]) -> dict[str, str]:
    known = {agent for task in tasks for agent in (task.assigned_to, task.created_by) if agent is not None}
    wanted = {AgentId(task.wanted) for task in tasks if task.wanted not in {None, "auto"}}
    return {str(agent): name for agent, name in town.desk.names(known | wanted).items()}


def _owner(task: Task, names: dict[str, str]) -> str | None:
    if task.assigned_to is not None:
        return names.get(task.assigned_to, f"{task.assigned_to[:8]} (gone)")
    return None if task.wanted is None else f"for {names.get(task.wanted, task.wanted[:8])}"
