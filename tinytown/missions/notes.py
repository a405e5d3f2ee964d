"""Notes: dealing with what somebody had to say, and acknowledging it in the same step."""

from __future__ import annotations

from tinytown.domain.event import EventKind
from tinytown.domain.mission import MissionState
from tinytown.domain.note import Note
from tinytown.domain.work_item import WorkItem
from tinytown.errors import AmbiguousReference, TownError, WorkItemNotFound, WrongState
from tinytown.missions.commands import AddNote, Pause, ProcessNote, Redirect, Resume
from tinytown.missions.directives import Directive, Verb, directive
from tinytown.missions.holding import pause, refuse_terminal, resume
from tinytown.missions.links import tell
from tinytown.missions.redirecting import redirect
from tinytown.missions.snapshot import Draft

__all__ = ["add_note", "item_meant", "process_note"]


def add_note(draft: Draft, command: AddNote) -> None:
    """Keep what somebody has to say until the next tick.

    Raises:
        WrongState: the mission has ended, and nobody would hear it.
    """
    refuse_terminal(draft, "told anything")
    draft.notes[command.note.id] = command.note
    draft.say(EventKind.MISSION_EVENT, f"note by {command.note.sender}: {command.note.body}")


def process_note(draft: Draft, command: ProcessNote) -> None:
    """Do what a note asks for, whole or not at all; whatever comes of it, the note is dealt with."""
    note = draft.notes.get(command.note)
    if note is None or note.processed_at is not None:
        return
    asked = directive(note.body)
    try:
        with draft.whole():
            outcome = _obey(draft, note, asked, command)
    except TownError as error:
        outcome = f"ignored: {error}"
    draft.notes[note.id] = _processed(draft, note, outcome)
    draft.say(EventKind.MISSION_EVENT, f"note by {note.sender} ({note.body.strip()[:80]}): {outcome}")


def item_meant(draft: Draft, reference: str | None) -> WorkItem:
    """The item that is meant by an id, the beginning of one (4 characters) or a source; None: the only unfinished one.

    What is unfinished goes before what has ended.

    Raises:
        WorkItemNotFound: there is none.
        AmbiguousReference: several could be meant.
    """
    unfinished = [item for item in draft.items.values() if not item.status.is_terminal]
    wanted = None if reference is None else reference.strip().lower()
    found = unfinished if wanted is None else [item for item in unfinished if _is_called(item, wanted)]
    if not found and wanted is not None:
        found = [item for item in draft.items.values() if _is_called(item, wanted)]
    if not found:
        raise WorkItemNotFound("the only unfinished one" if reference is None else reference)
    if len(found) > 1:
        raise AmbiguousReference("work item" if reference is None else reference, tuple(f"{item.short_id} {item.label}" for item in found))
    return found[0]


def _is_called(item: WorkItem, wanted: str) -> bool:
    source = "" if item.source_ref is None else item.source_ref.lower()
    return (len(wanted) >= 4 and item.id.startswith(wanted)) or source == wanted or (wanted.startswith("#") and source.endswith(wanted))


def _obey(draft: Draft, note: Note, asked: Directive, command: ProcessNote) -> str:
    if draft.mission.state.is_terminal:
        raise WrongState(f"mission {draft.mission.short_id}", draft.mission.state.value, "told anything")
    if asked.verb is Verb.RESUME:
        resume(draft, Resume(by=note.sender))
        return "resumed"
    if asked.verb is Verb.PAUSE:
        pause(draft, Pause(by=note.sender, reason=asked.reason))
        return "paused"
    if asked.verb is Verb.REDIRECT:
        return _redirected(draft, note, asked, command)
    at_work = {item.assigned_to: item for item in draft.items.values() if item.task_id is not None and item.assigned_to is not None}
    for agent, item in at_work.items():
        tell(draft, agent, f"About {item.label}, {note.sender} says: {note.body.strip()}", "note", note.id, urgent=True)
    return f"passed on to {len(at_work)} agent{'' if len(at_work) == 1 else 's'} at work" if at_work else "kept: no agent is at work"


def _redirected(draft: Draft, note: Note, asked: Directive, command: ProcessNote) -> str:
    try:
        item = item_meant(draft, asked.item)
    except TownError as error:
        return f"ignored, could not resolve work item: {error}"
    if command.agent is None:
        return f"ignored, unknown agent {asked.agent!r}{f': {command.trouble}' if command.trouble else ''}"
    if draft.mission.state is MissionState.BLOCKED:
        resume(draft, Resume(by=note.sender))
    redirect(draft, Redirect(by=note.sender, agent=command.agent, facts=command.facts, item=item.id, reason=asked.reason))
    return f"{item.label} goes to {command.agent.name}"


def _processed(draft: Draft, note: Note, outcome: str) -> Note:
    return Note(
        version=note.version, id=note.id, mission_id=note.mission_id, sender=note.sender, body=note.body, created_at=note.created_at,
        processed_at=draft.now, outcome=outcome,
    )  # fmt: skip
