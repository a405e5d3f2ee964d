"""What the audience reads: a line for everything that happens, and a table at the end."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import click

from tinytown.cli.demo.play import CAST, Step
from tinytown.cli.lines import without_escapes
from tinytown.cli.output import duration, echo_table
from tinytown.domain.task import Task, TaskState

__all__ = ["Narrator"]

_COLOURS = dict(zip(CAST, ("green", "blue", "magenta", "cyan", "yellow"), strict=True))
_WIDTH = 60


class Narrator:
    """Tells what happens, with the seconds since the beginning and who it is about."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self._began

    def says(self, text: str, *, colour: str | None = None) -> None:
        """Tell something about the whole."""
        self._line("demo", click.style(text, fg=colour, bold=True), "white")

    def explains(self, text: str) -> None:
        """Tell what there is to know."""
        click.echo(click.style(text, dim=True))

    def changed(self, step: Step, before: Task, task: Task) -> None:
        """Tell what happened to a task between two looks, which may be more than one thing."""
        was_running = before.state is TaskState.RUNNING
        was_lost = was_running and (task.state is TaskState.ASSIGNED or task.attempt > before.attempt)
        if was_lost:
            self.lost(step)
        if task.state is TaskState.RUNNING or (task.state.is_terminal and (was_lost or not was_running)):
            self.started(step, task)
        if task.state.is_terminal:
            self.ended(step, task)

    def started(self, step: Step, task: Task) -> None:
        """Tell that an agent is at a task."""
        again = f" (again, attempt {task.attempt})" if task.attempt > 1 else ""
        self._line(step.agent, f"▶ {_title(task)}{again}", _COLOURS[step.agent])

    def ended(self, step: Step, task: Task) -> None:
        """Tell what came of a task."""
        good = task.state is TaskState.COMPLETED
        mark = click.style("✔" if good else "✘", fg="green" if good else "red")
        self._line(step.agent, f"{mark} {_title(task)}: {_outcome(task, step.expects)}", _COLOURS[step.agent])

    def lost(self, step: Step) -> None:
        """Tell that a task is back in its mailbox because its worker died."""
        self._line(
            step.agent, click.style(f"↺ {step.name}: its worker was lost, so the task is back in the mailbox", fg="yellow"), "yellow"
        )

    def table(self, steps: Sequence[Step], tasks: Mapping[str, Task]) -> None:
        """Show all tasks with what it took to do them."""
        click.echo()
        rows = [_row(step, tasks.get(step.name)) for step in steps]
        echo_table(rows, ["TASK", "AGENT", "ATTEMPTS", "TOOK", "STATE", "RESULT"])
        click.echo()

    def _line(self, who: str, text: str, colour: str) -> None:
        click.echo(f"{click.style(f'{self.seconds:5.1f}s', dim=True)} {click.style(f'{who:<5}', fg=colour)} │ {text}")


def _row(step: Step, task: Task | None) -> list[str | None]:
    if task is None:
        return [step.name, step.agent, None, None, "not begun", None]
    took = None if task.completed_at is None else duration(task.completed_at - task.created_at)
    state = click.style(task.state.value, fg="green" if task.state is TaskState.COMPLETED else "red")
    return [step.name, step.agent, str(task.attempt), took, state, _outcome(task, step.expects)]


def _title(task: Task) -> str:
    return without_escapes(task.title.removeprefix("# ").removesuffix("."))


def _outcome(task: Task, expects: str) -> str:
    """The line of the result that matters."""
    lines = [line.strip() for line in (task.result or "").splitlines() if line.strip()]
    telling = next((line for line in lines if expects in line), lines[-1] if lines else "")
    plain = without_escapes(telling)
    return plain if len(plain) <= _WIDTH else f"{plain[: _WIDTH - 1]}…"
