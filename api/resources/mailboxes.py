"""Mailboxes: what waits for an agent, and what its turns printed."""

from __future__ import annotations

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.paging import cursor_after, position_of
from tinytown.api.problems import Fault, Refusal
from tinytown.api.requests.agents import FollowRequest, LogsQuery
from tinytown.api.requests.messages import DrainRequest, InboxQuery, TakeQuery
from tinytown.api.views.agents import FollowedView, LogsView, LogView, OutputView, logs_as_text
from tinytown.api.views.messages import DrainedView, InboxView, MessageView, message_views
from tinytown.domain.ids import AgentId
from tinytown.domain.message import Message
from tinytown.domain.scope import Scope
from tinytown.errors import AgentNotFound, AmbiguousReference, MessageNotFound
from tinytown.services.mailboxes import Mark
from tinytown.services.outputs import PrintedText, printed_by_several, printed_text

__all__ = ["mailboxes"]

mailboxes = Tag("Mailboxes", "What waits for an agent, and what its turns printed. `supervisor` is the mailbox of the people of the town.")

_FINDING = (AgentNotFound, AmbiguousReference)


@mailboxes.get("/v1/agents/{agent}/inbox", id="getInboxGet", scope=Scope.TOWN_READ, refuses=_FINDING)
@mailboxes.post("/v1/agents/{agent}/inbox", id="getInboxPost", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_inbox(call: Call, agent: str, query: InboxQuery) -> InboxView:
    """Show the mail of an agent; nothing is taken out.

    POST does the same, for callers of old; no body is read.
    """
    whose = call.town.agents.find_id(agent)
    page = call.town.messages.page(whose, position_of(query.cursor, Mark), query.limit)
    inbox, urgent, taken, dead = call.town.messages.lengths([whose])[0]
    return InboxView(
        agent=agent,
        agent_id=whose,
        total=inbox,
        urgent=urgent,
        taken=taken,
        dead=dead,
        messages=message_views(call.town, page.messages, whole=query.whole),
        next_cursor=None if page.next is None else cursor_after(page.next),
    )


@mailboxes.post("/v1/agents/{agent}/inbox/drain", scope=Scope.TOWN_WRITE, takes_key=True, refuses=_FINDING)
def drain_inbox(call: Call, agent: str, body: DrainRequest | None = None) -> DrainedView:
    """Take some mail out for good, urgent messages first.

    What the answer holds is in no mailbox any more: send an Idempotency-Key, and a lost answer can be asked for again.
    """
    wanted = DrainRequest() if body is None else body
    whose = call.town.agents.find_id(agent)
    taken: list[tuple[Message, bool]] = [(message, True) for message in call.town.messages.receive_urgent(whose, wanted.limit)]
    if not wanted.urgent:
        taken += [(message, False) for message in call.town.messages.receive_some(whose, wanted.limit - len(taken))]
    for message, _ in taken:
        call.changed("message", message.id)
    inbox, urgent, _, _ = call.town.messages.lengths([whose])[0]
    return DrainedView(agent=agent, messages=message_views(call.town, taken, whole=wanted.whole), left=inbox + urgent)


@mailboxes.delete("/v1/agents/{agent}/inbox/{message}", scope=Scope.TOWN_WRITE, takes_key=True, refuses=(*_FINDING, MessageNotFound))
def take_message(call: Call, agent: str, message: str, query: TakeQuery) -> MessageView:
    """Take one message out for good, by its id or the beginning of it; the answer is the message.

    With an Idempotency-Key a lost answer can be asked for again.
    """
    taken = call.town.messages.take(agent, message)
    call.changed("message", taken.id)
    was_urgent = call.town.messages.receipt(taken.id).queue == "urgent"
    return message_views(call.town, [(taken, was_urgent)], whole=query.whole)[0]


@mailboxes.get("/v1/agents/{agent}/logs", scope=Scope.TOWN_READ, as_text=logs_as_text, refuses=_FINDING)
def get_agent_logs(call: Call, agent: str, query: LogsQuery) -> LogsView:
    """Show what the turns of an agent printed, or wait for more.

    Without `after` the newest pieces are shown, or those before the piece
    `before`; with it what came later, waiting `wait_secs` for some. About 2,000 pieces are kept; `0-0` begins
    with the oldest. As text/plain, the Link header says how to go on.
    """
    if query.after is not None and query.before is not None:
        raise Refusal(
            422, "The parameters 'after' and 'before' exclude each other.", errors=(Fault(parameter="before", detail="excludes 'after'"),)
        )
    found = call.town.agents.find(agent)
    pieces: list[PrintedText] = []
    with call.waiting(0 if query.after is None else query.wait_secs) as whiles:
        for a_while in whiles:
            pieces = printed_text(call.town.desk, found.id, query.after, query.limit, a_while, before=query.before)
            if pieces:
                break
    last = pieces[-1].id if pieces else query.after
    if last is not None:
        call.goes_on(after=last, limit=query.limit)
    shown = tuple(LogView(id=piece.id, round=piece.round, text=piece.text) for piece in pieces)
    return LogsView(agent=found.name, pieces=shown, last_id=last)


@mailboxes.post("/v1/logs/follow", scope=Scope.TOWN_READ)
def follow_logs(call: Call, body: FollowRequest) -> FollowedView:
    """Show what the turns of several agents printed since, or wait for more.

    Ask again with the ids of the last pieces; of an agent that is gone nothing comes.
    """
    marks = {AgentId(agent): piece for agent, piece in body.after.items()}
    told: list[tuple[AgentId, PrintedText]] = []
    with call.waiting(body.wait_secs) as whiles:
        for a_while in whiles:
            told = printed_by_several(call.town.desk, marks, body.limit, a_while)
            if told:
                break
    pieces = tuple(OutputView(agent_id=agent, id=piece.id, round=piece.round, text=piece.text) for agent, piece in told)
    return FollowedView(pieces=pieces)
