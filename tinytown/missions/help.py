"""Help: when a mission cannot go on without somebody, who is told what, and how often."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from tinytown.domain.agent import AgentState
from tinytown.domain.errand import Notify, Tell
from tinytown.domain.event import EventKind
from tinytown.domain.ids import SUPERVISOR_ID, MessageId, derived_id
from tinytown.domain.message import Kind, Message
from tinytown.domain.mission import Help
from tinytown.domain.notification import News, Notification, NotificationId
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkItem
from tinytown.missions.commands import Facts
from tinytown.missions.ends import withdraw_help
from tinytown.missions.schedule import Unmet
from tinytown.missions.snapshot import Draft

__all__ = ["Patience", "ask_for_help", "cause_of_help"]


_ADVICE = "Answer with `tt mission note MISSION resume` (try again), `pause`, `redirect ITEM to AGENT`, or words for the agents at work."


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long things may stand still, and how often help is asked for."""

    still: timedelta = timedelta(seconds=180)
    repeat: timedelta = timedelta(seconds=1800)
    cap: int = 8
    failures: int = 5


def ask_for_help(draft: Draft, facts: Facts, unmet: Iterable[Unmet], patience: Patience) -> None:
    """Ask for help when there is a cause, again after a while, and take it back when the cause has gone."""
    reason = cause_of_help(draft, facts, unmet, patience)
    known = draft.mission.help
    if reason is None:
        withdraw_help(draft, "the cause has gone")
        return
    if known is not None and known.reason == reason:
        progressed = draft.mission.last_progress_at is not None and draft.mission.last_progress_at > known.sent_at
        attempts = 0 if progressed else known.attempts
        if draft.now - known.sent_at < patience.repeat * min(2 ** min(attempts, 30), patience.cap):
            return
        _send(draft, reason, attempts + 1)
    else:
        _send(draft, reason, 1)


def cause_of_help(draft: Draft, facts: Facts, unmet: Iterable[Unmet], patience: Patience) -> str | None:
    """Why somebody is needed, in words that stay the same while the cause does; None when nobody is."""
    for each in unmet:
        return _nobody(each)
    for item in draft.items.values():
        if (stuck := _stuck(draft, item, facts, patience)) is not None:
            return stuck
    for item in draft.items.values():
        if (blocked := _blocked(draft, item, patience)) is not None:
            return blocked
    return None


def _nobody(unmet: Unmet) -> str:
    """There is work, and no agent that could do it, now or later."""
    item = unmet.item
    if unmet.kind is MissionTask.REVIEW:
        return (
            f"{item.label} wants a review, and there is no reviewer other than its author. Spawn one (`tt spawn NAME --role reviewer`), "
            f"or decide yourself: `tt mission approve MISSION {item.short_id}` or `tt mission reject MISSION {item.short_id} REASON`"
        )
    role = "" if item.owner_role is None else f" --role {item.owner_role}"
    return (
        f"{item.label} may be begun, and no agent could do it. Spawn one (`tt spawn NAME{role}`), or resume one that is paused or stopped"
    )


def _stuck(draft: Draft, item: WorkItem, facts: Facts, patience: Patience) -> str | None:
    """Its task lies with an agent that does not take it up."""
    task = None if item.task_id is None else facts.tasks.get(item.task_id)
    if task is None or task.state not in {TaskState.PENDING, TaskState.ASSIGNED} or draft.now - task.updated_at < patience.still:
        return None
    holder = item.assigned_to if task.assigned_to is None else task.assigned_to
    hand = None if holder is None else facts.roster.get(holder)
    if hand is None or hand.agent.state is AgentState.WORKING:
        return None  # it works at something else first
    name, state = hand.agent.name, hand.agent.state.value
    advice = {
        AgentState.PAUSED: f"`tt resume {name}` lets it go on",
        AgentState.ERROR: f"`tt restart {name}` when it is mended",
        AgentState.STOPPED: f"`tt restart {name}`",
    }.get(hand.agent.state, "is a worker running? `tt status` shows it")
    return (
        f"{item.label} lies with {name}, which is {state} and does not take it up: {advice}, "
        f"or `tt mission redirect MISSION {item.short_id} AGENT`"
    )


def _blocked(draft: Draft, item: WorkItem, patience: Patience) -> str | None:
    """It waits for what does not come by itself."""
    command = "`tt mission {} MISSION " + item.short_id
    if item.waiting_on is Waiting.OPERATOR:
        again, done = f"{command.format('retry')}` has it made again", f"{command.format('update')} --status done` says that it is done"
        return f"{item.label} waits for {item.waiting_for}. {again}, {done}"
    if item.waiting_on is Waiting.HELP:
        return (
            f"{item.label} waits for {item.waiting_for}. {command.format('retry')}` tries again, `tt mission approve` and `reject` decide"
        )
    if item.waiting_on is Waiting.DEPENDENCY:
        for external in item.externals:
            if external.state in {"not_planned", "missing"} and not external.closed:
                state = external.state.replace("_", " ")
                anyhow = f"{command.format('update')} --status ready` begins it all the same"
                return f"{item.label} depends on {external.ref}, which is {state}. {anyhow}"
        if any(other not in draft.items for other in item.depends_on):
            return f"{item.label} depends on an item that is gone. `tt mission fail MISSION` gives the mission up"
    for watch in draft.watches_of(item):
        if watch.is_open and watch.consecutive_failures >= patience.failures and item.task_id is None:
            over = f"`tt mission override-watch MISSION {watch.id[:8]} REASON`"
            return f"{watch.target} cannot be looked at: {watch.last_error}. Mend that, or {over}"
    return None


def _send(draft: Draft, reason: str, attempts: int) -> None:
    mission = draft.mission
    withdraw_help(draft, "asked for again")
    identity = MessageId(derived_id(mission.id, "help", reason, draft.now.isoformat()))
    said = reason.replace("MISSION", mission.short_id)
    words = f"[Mission Help Needed] Mission {mission.id}\n\n{said}\n\n{_ADVICE.replace('MISSION', mission.short_id)}"
    message = Message(id=identity, sender=SUPERVISOR_ID, recipient=SUPERVISOR_ID, type=Kind.QUERY, created_at=draft.now, question=words)
    news = Notification(
        id=NotificationId(derived_id(identity, News.MISSION_NEEDS_HELP)),
        news=News.MISSION_NEEDS_HELP,
        title=f"Mission {mission.short_id} needs help",
        body=said,
        at=draft.now,
        mission_id=mission.id,
    )
    draft.ask(Tell(message), Notify(news))
    draft.change(help=Help(reason=reason, message_id=identity, sent_at=draft.now, attempts=attempts))
    draft.say(EventKind.MISSION_HELP_NEEDED, said)
