"""Messages: sent to agents, and what became of them; the dead letters among them."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.paging import cursor_after, position_of
from tinytown.api.requests.messages import BroadcastRequest, DeadLettersQuery, RequeueLetterRequest, SendRequest
from tinytown.api.views.messages import (
    BroadcastView,
    DeadLetterPage,
    DeadLetterView,
    DroppedView,
    ReceiptView,
    RequeuedView,
    SentView,
    dead_letter_views,
    receipt_view,
)  # fmt: skip
from tinytown.domain.ids import SUPERVISOR_ID, MessageId
from tinytown.domain.scope import Scope
from tinytown.domain.task import Task
from tinytown.errors import AgentNotFound, AmbiguousReference, DeadLetterNotFound, InvalidValue, MessageNotFound, TaskNotFound, WrongState
from tinytown.services.dead_letters import DeadMark

__all__ = ["messages"]

messages = Tag("Messages", "Words for an agent; each has a receipt that says what became of it.")

_FINDING = (AgentNotFound, AmbiguousReference)
_LETTER = (DeadLetterNotFound, AmbiguousReference)


@messages.post("/v1/messages/send", scope=Scope.TOWN_WRITE, status=201, takes_key=True, refuses=(*_FINDING, InvalidValue))
def send_message(call: Call, body: SendRequest) -> SentView:
    """Send a message to an agent, or to `supervisor`.

    It lies in the mailbox when this answers; `bell` says whether that wakes anybody.
    """
    message, bell = call.town.messages.send(
        body.to,
        body.message,
        kind=body.kind.kind,
        sender=SUPERVISOR_ID if body.sender is None else body.sender,
        urgent=body.urgent,
        priority=body.priority,
        identity=None if call.derived_id is None else MessageId(call.derived_id),
    )
    call.created(f"/v1/messages/{message.id}")
    call.changed("message", message.id)
    return SentView(message_id=message.id, to_agent=message.recipient, urgent=body.urgent, bell=bell)


@messages.post("/v1/messages/broadcast", scope=Scope.TOWN_WRITE, takes_key=True, refuses=_FINDING)
def broadcast_message(call: Call, body: BroadcastRequest) -> BroadcastView:
    """Say something to every program that listens to the town at this moment; it is kept nowhere."""
    sender = SUPERVISOR_ID if body.sender is None else body.sender
    return BroadcastView(listeners=call.town.messages.broadcast(body.message, sender=sender))


@messages.get("/v1/messages/{message}", scope=Scope.TOWN_READ, refuses=(MessageNotFound,))
def get_receipt(call: Call, message: str) -> ReceiptView:
    """Show what became of a message: queued, taken by which turn, settled, or dead and why.

    Receipts of settled messages are kept for a week.
    """
    return receipt_view(call.town, message.strip().lower(), call.town.messages.receipt(message))


@messages.get("/v1/dead-letters", scope=Scope.TOWN_READ, refuses=_FINDING)
def list_dead_letters(call: Call, query: DeadLettersQuery) -> DeadLetterPage:
    """List messages that were given up, agent by agent, oldest first."""
    page = call.town.messages.dead_page(query.agent, position_of(query.cursor, DeadMark), query.limit)
    return DeadLetterPage(
        dead_letters=dead_letter_views(call.town, page.letters),
        count=len(page.letters),
        total=page.total,
        next_cursor=None if page.next is None else cursor_after(page.next),
    )


@messages.get("/v1/dead-letters/{letter}", scope=Scope.TOWN_READ, refuses=_LETTER)
def get_dead_letter(call: Call, letter: str) -> DeadLetterView:
    """Show a dead letter, by its id or the beginning of it."""
    found = call.town.messages.find_dead(letter)
    return dead_letter_views(call.town, [found])[0]


@messages.post(
    "/v1/dead-letters/{letter}/requeue",
    scope=Scope.TOWN_WRITE,
    takes_key=True,
    status=202,
    refuses=(*_LETTER, *_FINDING, TaskNotFound, WrongState),
)
def requeue_dead_letter(call: Call, letter: str, body: RequeueLetterRequest | None = None) -> RequeuedView:
    """Try a dead letter again, by the same agent or another one.

    What has failed stays failed: a task is tried again as a new task, which names the old one as its parent.
    """
    found = call.town.messages.find_dead(letter)
    again = call.town.messages.requeue_dead(found, None if body is None else body.to)
    is_task = isinstance(again, Task)
    call.changed("task" if is_task else "message", again.id)
    return RequeuedView(id=found.name, message_id=None if is_task else again.id, task_id=again.id if is_task else None)


@messages.delete("/v1/dead-letters/{letter}", scope=Scope.TOWN_WRITE, refuses=_LETTER)
def drop_dead_letter(call: Call, letter: str) -> DroppedView:
    """Throw a dead letter away."""
    found = call.town.messages.find_dead(letter)
    call.town.messages.drop_dead(found)
    call.changed("dead-letter", found.name)
    return DroppedView(id=found.name)
