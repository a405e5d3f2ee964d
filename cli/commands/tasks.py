"""`tt assign` and `tt task`: giving work, and what becomes of it."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.task_sheets import print_sheet, print_tasks
from tinytown.cli.identity import speaker
from tinytown.cli.notes import note, note_if_held
from tinytown.cli.options import command, group, json_option
from tinytown.cli.output import echo_json, shortened, visible
from tinytown.cli.progress import progress
from tinytown.cli.start import warn_if_nothing_runs
from tinytown.cli.texts import file_option, given_text
from tinytown.config import environment
from tinytown.domain.task import Task, TaskState
from tinytown.domain.verdict import Verdict

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown

__all__ = ["assign", "print_end", "task"]

AUTO = "auto"


@command("assign")
@click.argument("agent")
@click.argument("text", required=False)
@file_option("the task")
@click.option("--tags", metavar="A,B", default="", help="Words to find it by, and for `auto` to route it by.")
@click.option("--max-attempts", metavar="N", type=click.IntRange(min=1), help="Turns that may try it before it is given up.")
@click.option("-w", "--wait", is_flag=True, help="Wait for its end and print the result; exit 1 if it was not completed.")
@click.option("--timeout", metavar="SECONDS", type=click.FloatRange(min=0), help="With --wait: wait no longer than that.")
@json_option
@click.pass_context
def assign(
    ctx: click.Context,
    agent: str,
    text: str | None,
    *,
    file: Path | None,
    tags: str,
    max_attempts: int | None,
    wait: bool,
    timeout: float | None,
    as_json: bool,
) -> None:
    """Give a task to an agent.

    AGENT is a name, nickname or id; `auto` chooses by role and load.
    Inside an agent's turn the task is that agent's, and it is told of the end.

    \b
    Examples:
      tt assign ada "fix the flaky test in test_api.py"
      tt assign auto "review the last commit" --tags review
      tt assign ada --file plan.md
      git diff | tt assign grace -
      tt assign ada "make test" --wait --timeout 600
    """
    if timeout is not None and not wait:
        raise click.UsageError("--timeout goes with --wait")
    description = given_text(text, file, name="the task")
    with reached(ctx, light=True) as town:
        given = _assign(town, agent, description, tags, max_attempts)
        if not wait:
            echo_json(given) if as_json else click.echo(given.id)
            warn_if_nothing_runs(town)
            return
        if not as_json:
            click.echo(given.id, err=True)
        warn_if_nothing_runs(town)
        with progress(f"waiting for task {given.short_id}"):
            ended = town.tasks.wait(given.id, None if timeout is None else timedelta(seconds=timeout))
    print_end(ctx, ended, as_json=as_json)


def _assign(town: AnyTown, agent: str, description: str, tags: str, max_attempts: int | None) -> Task:
    by = speaker(town, environment()).id
    chosen = agent.strip().lower()
    found = None if chosen in {AUTO, "supervisor", "conductor"} else town.agents.find(agent)
    to = chosen if found is None else found.id
    given = town.tasks.assign(to, description, by=by, tags=tags.split(","), max_attempts=max_attempts)
    if found is not None:
        note_if_held(found, "the task")
    return given


def print_end(ctx: click.Context, ended: Task, *, as_json: bool) -> None:
    """Print what came of a task, and fail if that was no good."""
    if as_json:
        echo_json(ended)
    elif ended.state is TaskState.COMPLETED:
        result = "" if ended.result is None else ended.result
        click.echo(visible(result) if sys.stdout.isatty() else result)  # programs get what the agent wrote
    else:
        click.echo(f"tt: task {ended.short_id} was {_how(ended)}: {visible(ended.result or 'nobody said why').strip()}", err=True)
    if ended.state is not TaskState.COMPLETED:
        ctx.exit(1)


def _how(ended: Task) -> str:
    reason = "" if ended.failure_reason in {None, "reported"} else f" ({ended.failure_reason})"
    return "given up" + reason if ended.state is TaskState.FAILED else ended.state.value


@group("task")
def task() -> None:
    """Show tasks and change their state."""


@task.command("show")
@click.argument("task_id", metavar="TASK")
@json_option
@click.pass_context
def show(ctx: click.Context, task_id: str, *, as_json: bool) -> None:
    """Show everything about a task.

    \b
    Examples:
      tt task show 3f2a
      tt task show 3f2a9c41-… --json
    """
    with reached(ctx, light=True) as town:
        found = town.tasks.find(task_id)
        echo_json(found) if as_json else print_sheet(town, found)


@task.command("list")
@click.option(
    "-s", "--state", type=click.Choice([state.value for state in TaskState], case_sensitive=False), help="Only tasks in this state."
)
@click.option("-a", "--agent", metavar="AGENT", help="Only tasks of this agent.")
@click.option("--tag", metavar="TAG", help="Only tasks with this tag.")
@click.option("-n", "--limit", metavar="N", type=click.IntRange(min=1), default=50, show_default=True, help="Show at most so many.")
@json_option
@click.pass_context
def list_tasks(ctx: click.Context, *, state: str | None, agent: str | None, tag: str | None, limit: int, as_json: bool) -> None:
    """List tasks, state by state, the newest first.

    \b
    Examples:
      tt task list
      tt task list --state failed --limit 10
      tt task list --agent ada --json
    """
    with reached(ctx, light=True) as town:
        owner = None if agent is None else town.agents.find(agent).id
        found = town.tasks.matching(None if state is None else TaskState(state), agent=owner, tag=tag, limit=limit + 1)
        if as_json:
            echo_json(found[:limit])
            return
        print_tasks(town, found[:limit])
    if not found:
        click.echo("no task is like that" if state or agent or tag else "no tasks yet: `tt assign AGENT TEXT` gives one", err=True)
    if len(found) > limit:
        note(f"there are more: `--limit {limit * 10}` shows them")


@task.command("complete")
@click.argument("task_id", metavar="TASK")
@click.option("-r", "--result", metavar="TEXT", help="What came of it; - reads stdin.")
@file_option("the result")
@click.option("--verdict", type=click.Choice(["approve", "reject"]), help="What a review of a mission came to; for reviews only.")
@json_option
@click.pass_context
def complete(ctx: click.Context, task_id: str, *, result: str | None, file: Path | None, verdict: str | None, as_json: bool) -> None:
    """Report a task as done.

    Whoever asked for it is told. An agent can only report on its own tasks, and
    only while its turn is the one that has them: else the call fails with 4.

    \b
    Examples:
      tt task complete 3f2a --result "fixed in commit 1a2b3c"
      tt task complete 3f2a --file report.md
      tt task complete 3f2a --verdict reject --result "the tests do not cover the error path"
    """
    judged = None if verdict is None else Verdict(verdict)
    said = "Completed" if result is None and file is None else given_text(result, file, name="the result")
    with reached(ctx, light=True) as town:
        who = speaker(town, environment())
        done = town.tasks.complete(town.tasks.find(task_id).id, said, by=who.reporter, epoch=who.epoch, verdict=judged)
    _print_changed(done, as_json=as_json)


@task.command("fail")
@click.argument("task_id", metavar="TASK")
@click.option("-r", "--reason", metavar="TEXT", help="Why it cannot be done; - reads stdin.")
@file_option("the reason")
@json_option
@click.pass_context
def fail(ctx: click.Context, task_id: str, *, reason: str | None, file: Path | None, as_json: bool) -> None:
    """Report that a task cannot be done.

    \b
    Examples:
      tt task fail 3f2a --reason "the repository has no tests"
    """
    why = given_text(reason, file, name="the reason (--reason)")
    with reached(ctx, light=True) as town:
        who = speaker(town, environment())
        failed = town.tasks.fail(town.tasks.find(task_id).id, why, by=who.reporter, epoch=who.epoch)
    _print_changed(failed, as_json=as_json)


@task.command("cancel")
@click.argument("task_id", metavar="TASK")
@click.option("-r", "--reason", metavar="TEXT", default="Cancelled", help="Why it is no longer wanted.")
@json_option
@click.pass_context
def cancel(ctx: click.Context, task_id: str, *, reason: str, as_json: bool) -> None:
    """Drop a task that is no longer wanted.

    A turn that is at it goes on, and what it reports about the task is refused.

    \b
    Examples:
      tt task cancel 3f2a
      tt task cancel 3f2a --reason "done by hand"
    """
    with reached(ctx, light=True) as town:
        dropped = town.tasks.cancel(town.tasks.find(task_id).id, reason)
    _print_changed(dropped, as_json=as_json)


@task.command("requeue")
@click.argument("task_id", metavar="TASK")
@click.option("--to", metavar="AGENT", help="Whom to give it to (`auto`: whoever fits); else it goes to the backlog.")
@json_option
@click.pass_context
def requeue(ctx: click.Context, task_id: str, *, to: str | None, as_json: bool) -> None:
    """Take an open task from whoever has it.

    \b
    Examples:
      tt task requeue 3f2a               # to the backlog
      tt task requeue 3f2a --to grace
    """
    with reached(ctx, light=True) as town:
        moved = town.tasks.requeue(town.tasks.find(task_id).id, to)
    where = "in the backlog" if to is None else f"on its way to {shortened(to, 63)}"
    echo_json(moved) if as_json else click.echo(f"Task {moved.short_id} is {where}: {shortened(moved.title)}")


@task.command("current")
@click.argument("agent", required=False)
@json_option
@click.pass_context
def current(ctx: click.Context, agent: str | None, *, as_json: bool) -> None:
    """Show the tasks that an agent is at.

    Inside a turn, AGENT is the agent itself when left out.

    \b
    Examples:
      tt task current
      tt task current ada
    """
    with reached(ctx, light=True) as town:
        who = speaker(town, environment()).agent if agent is None else town.agents.find(agent)
        if who is None:
            raise click.UsageError("say which agent: only inside a turn it is known")
        found = town.tasks.current(who.id)
        if as_json:
            echo_json(found)
            return
        for one in found:
            print_sheet(town, one)
            click.echo(f'\nReport it with: tt task complete {one.id} --result "…"')
    if not found:
        click.echo(f"{who.name} has no open task", err=True)


def _print_changed(changed: Task, *, as_json: bool) -> None:
    echo_json(changed) if as_json else click.echo(f"Task {changed.short_id} is {changed.state.value}: {shortened(changed.title)}")
