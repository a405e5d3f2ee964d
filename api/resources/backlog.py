"""The backlog: tasks that nobody is meant for yet."""

from __future__ import annotations

from datetime import timedelta

from tinytown.api.call import MARGIN_SECONDS, Call
from tinytown.api.operation import Tag
from tinytown.api.paging import PageQuery, cursor_after, position_of
from tinytown.api.requests.backlog import BacklogRequest, ClaimRequest
from tinytown.api.views.backlog import (
    BacklogView,
    ClaimedAllView,
    ClaimedView,
    RemovedView,
    WaitingView,
    claimed_view,
    removed_view,
    waiting_views,
)  # fmt: skip
from tinytown.domain.ids import TaskId
from tinytown.domain.scope import Scope
from tinytown.errors import (
    AgentNotFound,
    AmbiguousReference,
    InvalidValue,
    KeyReused,
    RecordChanged,
    TaskNotFound,
    VersionMismatch,
    WrongState,
)  # fmt: skip

__all__ = ["backlog"]

backlog = Tag("Backlog", "Tasks that nobody is meant for yet, oldest first.")


@backlog.get("/v1/backlog", scope=Scope.TOWN_READ)
def list_backlog(call: Call, query: PageQuery) -> BacklogView:
    """List the waiting tasks, oldest first.

    What is taken from the backlog between two pages does not make any other
    task be left out.
    """
    anchors = position_of(query.cursor, tuple[TaskId, ...])
    page = call.town.backlog.page(() if anchors is None else anchors[:8], query.limit)
    return BacklogView(
        backlog=waiting_views(call.town, page.tasks),
        count=len(page.tasks),
        total=page.total,
        next_cursor=cursor_after(page.next) if page.next else None,
    )


@backlog.post("/v1/backlog", scope=Scope.TOWN_WRITE, status=201, takes_key=True, refuses=(InvalidValue, KeyReused))
def add_to_backlog(call: Call, body: BacklogRequest) -> WaitingView:
    """Add a task."""
    identity = None if call.derived_id is None else TaskId(call.derived_id)
    try:
        added = call.town.backlog.add(body.description, tags=body.tags, identity=identity)
    except InvalidValue as error:
        raise InvalidValue("description", error.why) from error  # as the text is called here
    call.created(f"/v1/tasks/{added.id}")
    call.tag_version(added.version)
    call.changed("task", added.id)
    return waiting_views(call.town, [added])[0]


@backlog.post(
    "/v1/backlog/{task_id}/claim",
    scope=Scope.TOWN_WRITE,
    takes_key=True,
    takes_version=True,
    refuses=(AgentNotFound, AmbiguousReference, RecordChanged, TaskNotFound, VersionMismatch, WrongState),
)
def claim_backlog_task(call: Call, task_id: str, body: ClaimRequest) -> ClaimedView:
    """Give a waiting task to an agent; nothing moves unless both are there."""
    agent = call.town.agents.find(body.agent)
    claimed = call.town.backlog.claim(task_id, agent.id, expected=call.expected_version)
    call.tag_version(claimed.version)
    call.changed("task", claimed.id)
    return claimed_view(claimed, agent)


@backlog.post("/v1/backlog/assign-all", scope=Scope.TOWN_WRITE, takes_key=True, refuses=(AgentNotFound, AmbiguousReference, RecordChanged))
def assign_all_backlog(call: Call, body: ClaimRequest) -> ClaimedAllView:
    """Give every waiting task to one agent.

    As many as the time of a request allows: `remaining` says how many are left.
    """
    agent = call.town.agents.find(body.agent)
    within = timedelta(seconds=max(0.0, call.seconds_left - MARGIN_SECONDS))
    given = call.town.backlog.assign_all(agent.id, within=within)
    for task in given:
        call.changed("task", task.id)
    return ClaimedAllView(
        assigned=len(given),
        tasks=tuple(task.id for task in given),
        agent_id=agent.id,
        agent_name=agent.name,
        remaining=call.town.backlog.length(),
    )


@backlog.delete(
    "/v1/backlog/{task_id}",
    scope=Scope.TOWN_WRITE,
    takes_key=True,
    takes_version=True,
    refuses=(AmbiguousReference, RecordChanged, TaskNotFound, VersionMismatch),
)
def remove_backlog_task(call: Call, task_id: str) -> RemovedView:
    """Delete a waiting task."""
    removed = call.town.backlog.remove(task_id, expected=call.expected_version)
    call.changed("task", removed.id)
    return removed_view(removed)
