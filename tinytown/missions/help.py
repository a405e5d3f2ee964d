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
from tinytown.missions.sight import DRAFT, UNSETTLED
from tinytown.missions.snapshot import Draft

__all__ = ["Cause", "Patience", "ask_for_help", "causes_of_help"]


_SHOWN = 5
"""So many causes are told at once; the others come up when those are gone."""
_TOLD = 50
_ADVICE = "Answer with `tt mission note {} resume` (try again), `pause`, `redirect ITEM to AGENT`, or words for the agents at work."


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long things may stand still, and how often help is asked for."""

    still: timedelta = timedelta(seconds=180)
    repeat: timedelta = timedelta(seconds=1800)
    cap: int = 8
    failures: int = 5


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody is needed, in words that stay the same while the cause does; and what is known of it at the moment."""

    reason: str
    detail: str = ""


def ask_for_help(draft: Draft, facts: Facts, unmet: Iterable[Unmet], patience: Patience) -> None:
    """Ask for help when there is a cause, again after a while, and take it back when the cause has gone.

    A cause that comes and goes is told once while another holds: two must not take turns.
    """
    causes = causes_of_help(draft, facts, unmet, patience)
    known = draft.mission.help
    if not causes:
        withdraw_help(draft, "the cause has gone")
    elif known is None:
        _send(draft, causes, ())
    elif any(cause.reason not in known.told for cause in causes):
        _send(draft, causes, known.told)
    else:
        progressed = draft.mission.last_progress_at is not None and draft.mission.last_progress_at > known.sent_at
        attempts = 0 if progressed else known.attempts
        if draft.now - known.sent_at >= patience.repeat * min(2 ** min(attempts, 30), patience.cap):
            _send(draft, causes, known.told, attempts=attempts + 1)


def causes_of_help(draft: Draft, facts: Facts, unmet: Iterable[Unmet], patience: Patience) -> list[Cause]:
    """What somebody is needed for, the most urgent first."""
    items, run = draft.items.values(), draft.mission.short_id
    stuck = [_stuck(draft, item, facts, patience) for item in items]
    waiting = [_blocked(draft, item, patience) for item in items]
    return [*(_nobody(each, run) for each in unmet), *(cause for cause in (*stuck, *waiting) if cause is not None)]


def _nobody(unmet: Unmet, run: str) -> Cause:
    """There is work, and no agent that could do it, now or later."""
    item = unmet.item
    if unmet.kind is MissionTask.REVIEW:
        return Cause(
            reason=f"{item.label} wants a review, and there is no reviewer other than its author. "
            "Spawn one (`tt spawn NAME --role reviewer`), "
            f"or decide yourself: `tt mission approve {run} {item.short_id}` or `tt mission reject {run} {item.short_id} REASON`"
        )
    role = "" if item.owner_role is None else f" --role {item.owner_role}"
    words = f"Spawn one (`tt spawn NAME{role}`), or resume one that is paused or stopped"
    return Cause(reason=f"{item.label} may be begun, and no agent could do it. {words}")


def _stuck(draft: Draft, item: WorkItem, facts: Facts, patience: Patience) -> Cause | None:
    """Its task lies with an agent that does not take it up, and does nothing else either."""
    task = None if item.task_id is None else facts.tasks.get(item.task_id)
    hand = None if item.assigned_to is None else facts.roster.get(item.assigned_to)
    if task is None or hand is None or task.state not in {TaskState.PENDING, TaskState.ASSIGNED} or hand.agent.state is AgentState.WORKING:
        return None
    if draft.now - max(task.updated_at, hand.agent.last_active_at) < patience.still:
        return None
    name, state = hand.agent.name, hand.agent.state
    advice = {
        AgentState.PAUSED: f"`tt resume {name}` lets it go on",
        AgentState.ERROR: f"`tt restart {name}` when it is mended",
        AgentState.STOPPED: f"`tt restart {name}`",
    }.get(state if hand.agent.is_held else AgentState.IDLE, "is a worker running? `tt status` shows it")
    held = f"is {state.value} and " if hand.agent.is_held else ""
    return Cause(
        reason=f"{item.label} lies with {name}, which {held}does not take it up: {advice}, "
        f"or `tt mission redirect {draft.mission.short_id} {item.short_id} AGENT`"
    )


def _blocked(draft: Draft, item: WorkItem, patience: Patience) -> Cause | None:
    """It waits for what does not come by itself."""
    again = f"`tt mission retry {draft.mission.short_id} {item.short_id}`"
    if item.waiting_on is Waiting.OPERATOR:
        done = f"`tt mission update {draft.mission.short_id} {item.short_id} --status done` says that it is done"
        return Cause(reason=f"{item.label} waits for {item.waiting_for}. {again} has it made again, {done}")
    if item.waiting_on is Waiting.HELP:
        return Cause(reason=f"{item.label} waits for {item.waiting_for}. {again} tries again, `tt mission approve` and `reject` decide")
    if item.waiting_on is Waiting.DEPENDENCY:
        return _outside(draft, item, patience)
    for watch in draft.watches_of(item):
        over = f"`tt mission override-watch {draft.mission.short_id} {watch.id[:8]} REASON`"
        if watch.is_open and watch.consecutive_failures >= patience.failures and item.task_id is None:
            detail = "" if watch.last_error is None else watch.last_error
            return Cause(reason=f"{watch.target} cannot be looked at on GitHub. Mend that, or {over}", detail=detail)
        if item.waiting_on is Waiting.MERGE and watch.finding == DRAFT and watch.override is None:
            return Cause(reason=f"{item.label} is approved and good, but {watch.target} is a draft. Mark it as ready for review, or {over}")
        if item.waiting_on is Waiting.CI and watch.finding == UNSETTLED and watch.override is None and _has_stood(draft, item, patience):
            return Cause(reason=f"{watch.target}: {UNSETTLED}. Ask for another look at it there, or {over}")
    return None


def _outside(draft: Draft, item: WorkItem, patience: Patience) -> Cause | None:
    """It depends on what the mission cannot bring about."""
    anyhow = f"`tt mission update {draft.mission.short_id} {item.short_id} --status ready` begins it all the same"
    for external in item.externals:
        if external.closed:
            continue
        if external.state in {"not_planned", "missing"}:
            return Cause(reason=f"{item.label} depends on {external.ref}, which is {external.state.replace('_', ' ')}. {anyhow}")
        if external.failures >= patience.failures:
            detail = "" if external.last_error is None else external.last_error
            return Cause(
                reason=f"{item.label} depends on {external.ref}, which cannot be looked at on GitHub. Mend that; {anyhow}", detail=detail
            )
    if any(other not in draft.items for other in item.depends_on):
        return Cause(
            reason=f"{item.label} depends on an item that is gone. `tt mission fail {draft.mission.short_id}` gives the mission up"
        )
    return None


def _has_stood(draft: Draft, item: WorkItem, patience: Patience) -> bool:
    return item.waiting_since is not None and draft.now - item.waiting_since >= patience.still


def _send(draft: Draft, causes: list[Cause], told: tuple[str, ...], attempts: int = 1) -> None:
    """Say all that somebody is needed for; `told` are the causes that were told before, and need no message of their own."""
    mission = draft.mission
    fresh = next((cause.reason for cause in causes if cause.reason not in told), causes[0].reason)
    withdraw_help(draft, "asked for again")
    identity = MessageId(derived_id(mission.id, "help", fresh, draft.now.isoformat()))
    shown = [f"{cause.reason}\n\n{cause.detail}".strip() for cause in causes[:_SHOWN]]
    said = "\n\n".join(shown)
    words = f"[Mission Help Needed] Mission {mission.id}\n\n{said}\n\n{_ADVICE.format(mission.short_id)}"
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
    known = tuple(dict.fromkeys((*told, *(cause.reason for cause in causes))))[-_TOLD:]
    draft.change(help=Help(reason=fresh, message_id=identity, sent_at=draft.now, attempts=attempts, told=known))
    draft.say(EventKind.MISSION_HELP_NEEDED, said)
