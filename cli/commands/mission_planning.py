"""`tt mission plan`, `tt mission start`: what a mission would do, and beginning it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tinytown.cli.call import reached
from tinytown.cli.commands.mission_following import follow
from tinytown.cli.commands.mission_sheets import as_data, policy_in_words
from tinytown.cli.identity import speaker
from tinytown.cli.options import command, json_option
from tinytown.cli.output import counted, echo_json, visible
from tinytown.cli.progress import progress
from tinytown.cli.spans import Span
from tinytown.cli.start import warn_if_nothing_runs
from tinytown.config import environment

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.planning.graph import Plan
    from tinytown.services.mission_reading import MissionView

__all__ = ["plan", "start"]

F = TypeVar("F", bound=Callable[..., Any])


def _objectives(function: F) -> F:
    """Add what a mission can be made of."""
    for add in (
        click.option(
            "-f", "--manifest", metavar="FILE", type=click.Path(path_type=Path), help="A TOML or YAML file that says more of items."
        ),
        click.option(
            "-d", "--doc", "docs", metavar="FILE", multiple=True, help="A document; its tasks or sections are items. May be repeated."
        ),
        click.option("-i", "--issue", "issues", metavar="ISSUE", multiple=True, help="An issue, as the arguments. May be repeated."),
        click.argument("objectives", metavar="[ISSUE]...", nargs=-1),
    ):
        function = add(function)
    return function


@command("plan")
@_objectives
@click.option("--mermaid", is_flag=True, help="Print a Mermaid flow chart.")
@json_option
@click.pass_context
def plan(
    ctx: click.Context,
    objectives: tuple[str, ...],
    *,
    issues: tuple[str, ...],
    docs: tuple[str, ...],
    manifest: Path | None,
    mermaid: bool,
    as_json: bool,
) -> None:
    """Show what a mission would do, and begin nothing.

    ISSUE is 12, #12, owner/repo#12 or the address of its page; a number alone is
    of the repository that the git remote `origin` leads to.

    \b
    Examples:
      tt mission plan 12 13 14
      tt mission plan --doc ROADMAP.md --manifest mission.toml
      tt mission plan acme/shop#12 --mermaid > plan.mmd
    """
    from msgspec.structs import replace

    from tinytown.planning.render import to_json, to_mermaid, to_text

    if mermaid and as_json:
        raise click.UsageError("give one of --mermaid and --json")
    with reached(ctx) as town:  # not light: issues are read by several threads
        made = _planned(town, (*objectives, *issues), docs, manifest)
    if as_json:
        echo_json(to_json(made))
        return
    click.echo(to_mermaid(made) if mermaid else visible(to_text(replace(made, warnings=()))))
    _warn(made)


@command("start")
@_objectives
@click.option("--max-parallel", metavar="N", type=click.IntRange(1, 1_000_000), help="So many tasks of it are with agents at once.")
@click.option("--no-reviewer", is_flag=True, help="Nobody has to review what is made.")
@click.option("--auto-merge", is_flag=True, help="Merge what is approved and has good checks.")
@click.option("--dependency", type=click.Choice(["merged", "approved"]), help="When work that others depend on counts as done.")
@click.option("--no-checks", type=click.Choice(["pass", "wait"]), help="What it means when a pull request has no checks.")
@click.option("--max-attempts", metavar="N", type=click.IntRange(1, 1_000_000), help="Tasks an item may take before it fails.")
@click.option("--item-timeout", metavar="SECONDS", type=Span(seconds=True, zero=True), help="How long an item may be at work; 0: no limit.")
@click.option("--timeout", metavar="SECONDS", type=Span(seconds=True, zero=True), help="How long the mission may take; 0: no limit.")
@click.option("--watch", is_flag=True, help="Follow it until it ends; exit 1 if it has failed.")
@json_option
@click.pass_context
def start(
    ctx: click.Context,
    /,
    objectives: tuple[str, ...],
    *,
    issues: tuple[str, ...],
    docs: tuple[str, ...],
    manifest: Path | None,
    watch: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Begin a mission; prints its id.

    ISSUE is as with `tt mission plan`. What no option says, the manifest does,
    else [mission] in the settings. Nothing is stored unless all of it can be
    planned. Times are seconds, or have a unit: 45m, 12h, 2d.

    \b
    Examples:
      tt mission start 12 13 14
      tt mission start --doc ROADMAP.md --max-parallel 4 --watch
      tt mission start acme/shop#12 --auto-merge --timeout 12h
    """
    with reached(ctx) as town:  # not light: issues are read by several threads
        made = _planned(town, (*objectives, *issues), docs, manifest)
        policy = town.missions.policy(**{**made.policy, **_changes(**given)})
        view = town.missions.start(made, policy, by=speaker(town, environment()).id)
        if not as_json:
            _warn(made)
            click.echo(view.mission.id)
            _summarise(view, watched=watch)
        elif not watch:
            echo_json(as_data(view))
        warn_if_nothing_runs(town)
        if watch:
            follow(ctx, town, view.mission.id, as_json=as_json)


def _planned(town: AnyTown, objectives: tuple[str, ...], docs: tuple[str, ...], manifest: Path | None) -> Plan:
    if not objectives and not docs and manifest is None:
        raise click.UsageError("name an issue, a document (--doc) or a manifest (--manifest)")
    file = None if manifest is None else Path(_from_here(str(manifest)))
    with progress("reading what is to be done"):
        return town.planner.plan(objectives, docs=[_from_here(doc) for doc in docs], manifest=file)


def _from_here(path: str) -> str:
    """A file of this directory; if there is none, one of the town's."""
    here = Path.cwd() / path
    return str(here) if here.exists() else path


def _changes(
    *,
    max_parallel: int | None,
    no_reviewer: bool,
    auto_merge: bool,
    dependency: str | None,
    no_checks: str | None,
    max_attempts: int | None,
    item_timeout: timedelta | None,
    timeout: timedelta | None,
) -> dict[str, object]:
    """The members of the policy that options give."""
    wanted: dict[str, object] = {
        "max_parallel_items": max_parallel,
        "reviewer_required": False if no_reviewer else None,
        "auto_merge": True if auto_merge else None,
        "dependency": dependency,
        "no_checks": no_checks,
        "max_attempts": max_attempts,
        "item_timeout_secs": _seconds(item_timeout),
        "timeout_secs": _seconds(timeout),
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _warn(made: Plan) -> None:
    for warning in made.warnings:
        click.echo(f"warning: {visible(warning)}", err=True)


def _summarise(view: MissionView, *, watched: bool) -> None:
    """Say on stderr what was begun, and what to do next."""
    short, items = view.mission.short_id, len(view.items)
    begun = sum(item.waiting_on is None for item in view.items)
    click.echo(f"{counted(items, 'item')}, {begun} of which may be begun; {policy_in_words(view.mission.policy)}", err=True)
    if not watched:
        commands = {f"status {short} --follow": "watch it", f"note {short} TEXT": "say something to it", f"stop {short}": "take it back"}
        width = max(len(words) for words in commands)
        for words, what in commands.items():
            click.echo(f"  tt mission {words:<{width}}   {what}", err=True)
