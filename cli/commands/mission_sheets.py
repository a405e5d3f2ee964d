"""How missions look: a line in a list, and a sheet with everything that a person needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tinytown.cli.commands.mission_items_sheet import item_lines
from tinytown.cli.commands.mission_watches_sheet import watch_lines
from tinytown.cli.output import age, clean, counted, duration, echo_table, shortened, state_styled
from tinytown.domain.mission import Mission, Policy
from tinytown.domain.note import Note

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.services.mission_reading import MissionLine, MissionView

__all__ = ["as_data", "objectives_in_words", "policy_in_words", "print_lines", "print_view", "standing"]

EVENTS = 5
NOTES = 3


def as_data(record: Any) -> Any:
    """A mission, or what holds one, for JSON; errands, which are for the dispatcher only, are left out."""
    data = msgspec.to_builtins(record)
    for one in (data, data.get("mission")):
        if isinstance(one, dict):
            one.pop("errands", None)
    return data


def standing(mission: Mission) -> str:
    """Its state in one word; how it is held, if it is."""
    return mission.state.value if mission.hold is None else mission.hold.value


def objectives_in_words(mission: Mission, shown: int | None = 2) -> str:
    """The first objectives, and how many more there are."""
    names = [str(objective) for objective in mission.objective_refs]
    cut = names if shown is None else names[:shown]
    return ", ".join(cut) + (f" +{len(names) - len(cut)} more" if len(names) > len(cut) else "")


def policy_in_words(policy: Policy) -> str:
    """How it is gone about."""
    words = [
        f"{policy.max_parallel_items} at a time",
        "reviewed" if policy.reviewer_required else "not reviewed",
        "merged when approved" if policy.auto_merge else "merged by people",
        f"dependencies are to be {policy.dependency.value}",
        f"{counted(policy.max_attempts, 'attempt')} an item",
    ]
    words += ["no checks: wait"] if policy.no_checks.value == "wait" else []
    words += [f"{_span(policy.item_timeout_secs)} an item"] if policy.item_timeout_secs else []
    words += [f"{_span(policy.timeout_secs)} in all"] if policy.timeout_secs else []
    words += [f"{counted(policy.max_tasks, 'task')} in all"] if policy.max_tasks else []
    return ", ".join(words)


def print_lines(lines: Sequence[MissionLine], now: datetime) -> None:
    """Print a table of missions, and below it why some do not go on."""
    rows = [
        (
            line.mission.short_id,
            state_styled(standing(line.mission)),
            f"{line.items_done}/{line.items_total}",
            str(line.items_failed) if line.items_failed else None,
            str(line.items_waiting) if line.items_waiting else None,
            age(line.mission.created_at, now),
            shortened(objectives_in_words(line.mission)),
        )
        for line in lines
    ]
    if rows:
        echo_table(rows, ("ID", "STATE", "DONE", "FAILED", "WAITING", "AGE", "OBJECTIVES"))
    for line in lines:
        mission = line.mission
        if mission.help is not None:
            click.echo(f"{mission.short_id} needs help: {shortened(mission.help.reason, 300)}")
        elif mission.blocked_reason is not None:
            click.echo(f"{mission.short_id} {_why(mission)}: {shortened(mission.blocked_reason, 300)}")


def print_view(town: AnyTown, view: MissionView, *, work: bool, watches: bool, dispatcher: bool) -> None:
    """Print everything about a mission; the options show more of a part."""
    now = town.desk.now()
    agents = {agent for item in view.items for agent in (item.assigned_to, item.author, item.meant_for) if agent is not None}
    creator = {view.mission.created_by} if view.mission.created_by is not None else set()
    names = {str(agent): name for agent, name in town.desk.names(agents | creator).items()}
    _print_facts(view, names, now)
    if dispatcher:
        _print_dispatcher(town, view, now)
    _section("work", item_lines(view, names, now, whole=work))
    _section("watches", watch_lines(view, now, whole=watches))
    _section("notes", _note_lines(view.notes, now, whole=dispatcher))
    _print_events(town, view.mission)


def _print_facts(view: MissionView, names: dict[str, str], now: datetime) -> None:
    mission = view.mission
    by = "" if mission.created_by is None else f" by {names.get(mission.created_by, mission.created_by[:8])}"
    facts = {
        "mission": mission.id,
        "state": state_styled(standing(mission)),
        _why(mission): None if mission.blocked_reason is None else clean(mission.blocked_reason),
        "help": None if mission.help is None else f"asked for {age(mission.help.sent_at, now)} ago: {clean(mission.help.reason)}",
        "objectives": clean(objectives_in_words(mission, None)),
        "policy": policy_in_words(mission.policy),
        "begun": f"{_stamp(mission.created_at, now)}{by}",
        "ended": None if mission.ended_at is None else _stamp(mission.ended_at, now),
        "next look": None if mission.next_wake_at is None or mission.state.is_terminal else _ahead(mission.next_wake_at, now),
        "driven": "never" if view.last_tick_at is None else f"{age(view.last_tick_at, now)} ago",
    }
    for name, fact in facts.items():
        if fact is not None:
            click.echo(f"{name:<12}{fact}")


def _print_dispatcher(town: AnyTown, view: MissionView, now: datetime) -> None:
    """Print what drives it, and how it comes along."""
    mission = view.mission
    pending = sum(note.processed_at is None for note in view.notes)
    helped = "no" if mission.help is None else f"{counted(mission.help.attempts, 'time')}, last {age(mission.help.sent_at, now)} ago"
    lines = {
        "last tick": "never" if view.last_tick_at is None else _stamp(view.last_tick_at, now),
        "last progress": "none" if mission.last_progress_at is None else _stamp(mission.last_progress_at, now),
        "asked for help": helped,
        "notes": f"{pending} pending, {len(view.notes) - pending} dealt with",
        "tasks made": str(mission.tasks_made),
        "to be done": str(town.missions.to_be_done(mission)),
    }
    click.echo("\ndispatcher:")
    for name, fact in lines.items():
        click.echo(f"  {name:<16}{fact}")


def _note_lines(notes: Sequence[Note], now: datetime, *, whole: bool) -> list[str]:
    pending = [note for note in notes if note.processed_at is None]
    shown = [*pending, *(note for note in notes if note.processed_at is not None)] if whole else pending[:NOTES]
    lines = []
    for note in shown:
        outcome = "pending" if note.processed_at is None else clean("" if note.outcome is None else note.outcome)
        lines.append(f"{age(note.created_at, now)} ago, {clean(note.sender)}: {shortened(note.body)} ({outcome})")
    if not whole and len(pending) > NOTES:
        lines.append(f"… and {len(pending) - NOTES} more that are pending: --dispatcher shows them")
    return lines


def _print_events(town: AnyTown, mission: Mission) -> None:
    from tinytown.cli.commands.events import event_line

    found = town.missions.events(mission.id, EVENTS)
    _section("events", [event_line(event) for _, event in reversed(found)])


def _section(title: str, lines: Sequence[str]) -> None:
    if lines:
        click.echo(f"\n{title}:")
        for line in lines:
            click.echo(f"  {line}")


def _why(mission: Mission) -> str:
    """What its reason is about."""
    if mission.hold is not None:
        return "held"
    return "because" if mission.state.is_terminal else "waits for"


def _stamp(moment: datetime, now: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC ({age(moment, now)} ago)"


def _ahead(moment: datetime, now: datetime) -> str:
    return "now" if moment <= now else f"in {duration(moment - now)}"


def _span(seconds: int) -> str:
    from datetime import timedelta

    return duration(timedelta(seconds=seconds))
