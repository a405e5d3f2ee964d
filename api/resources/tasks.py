"""Tasks: pieces of work, from their assignment to their end."""

from __future__ import annotations

from contextlib import suppress

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.paging import PageQuery
from tinytown.api.requests.tasks import AssignRequest, CancelRequest, CompleteRequest, FailRequest, RequeueRequest, TasksQuery, WaitQuery
from tinytown.api.task_cursor import cursor_of, place_of
from tinytown.api.views.tasks import (
    AssignedView,
    CompletedView,
    EndedView,
    PendingPage,
    TaskPageView,
    TaskView,
    assigned_view,
    completed_view,
    ended_view,
    names_of,
    owner_of,
    pending_view,
    task_view,
    task_views,
)  # fmt: skip
from tinytown.domain.ids import AgentId, MissionId, TaskId
from tinytown.domain.scope import Scope
from tinytown.domain.task import TaskState
from tinytown.errors import (
    AgentNotFound,
    AmbiguousReference,
    InvalidValue,
    KeyReused,
    RecordChanged,
    TaskNotFound,
    TimedOut,
    VersionMismatch,
    WrongState,
)  # fmt: skip
from tinytown.services.task_pages import Sought

__all__ = ["tasks"]

tasks = Tag("Tasks", "Pieces of work: given to agents, done in their turns, and final once they have ended.")

_FINDING = (TaskNotFound, AmbiguousReference)
_CHANGING = (*_FINDING, WrongState, VersionMismatch, RecordChanged)


@tasks.get("/v1/tasks", scope=Scope.TOWN_READ, refuses=(AgentNotFound, AmbiguousReference))
def list_tasks(call: Call, query: TasksQuery) -> TaskPageView:
    """List tasks, newest first.

    In the order in which they were stored, or, of a single state, since when
    they are in it. A page ends early when its texts are long, or when few of
    many tasks are sought: there is more for as long as `next_cursor` is given.
    A task that moves to another state in the meantime keeps its place.
    """
    agent = None if query.agent is None else call.town.agents.find(query.agent).id
    states = tuple(dict.fromkeys(query.state))
    sought = Sought(states=states, agent=agent, tag=query.tag, mission=None if query.mission is None else MissionId(query.mission))
    page = call.town.tasks.page(sought, place_of(query.cursor, sought), query.limit)
    return TaskPageView(tasks=task_views(call.town, page.tasks), count=len(page.tasks), next_cursor=cursor_of(page.next, sought))


@tasks.get("/v1/tasks/pending", scope=Scope.TOWN_READ)
def list_pending_tasks(call: Call, query: PageQuery) -> PendingPage:
    """List the tasks that wait for agents, newest first.

    Those in mailboxes and those on their way there; what runs or has ended is
    not among them, nor is the backlog, which waits for nobody yet.
    """
    sought = Sought(states=(TaskState.PENDING, TaskState.ASSIGNED), for_somebody=True)
    page = call.town.tasks.page(sought, place_of(query.cursor, sought), query.limit)
    names = names_of(call.town, page.tasks)
    waiting = tuple(pending_view(task, names) for task in page.tasks)
    return PendingPage(tasks=waiting, count=len(waiting), next_cursor=cursor_of(page.next, sought))


@tasks.post(
    "/v1/tasks/assign",
    scope=Scope.TOWN_WRITE,
    status=201,
    takes_key=True,
    refuses=(AgentNotFound, AmbiguousReference, InvalidValue, KeyReused, TaskNotFound),
)
def assign_task(call: Call, body: AssignRequest) -> AssignedView:
    """Give a task to an agent.

    The task is stored as `pending`, and is in the agent's mailbox a moment
    later. An agent that is held gets it, too, and does it when it goes on.
    """
    identity = None if call.derived_id is None else TaskId(call.derived_id)
    town = call.town
    task = town.tasks.assign(body.agent, body.task, tags=body.tags, parent=body.parent, max_attempts=body.max_attempts, identity=identity)
    owner = owner_of(task)
    call.created(f"/v1/tasks/{task.id}")
    call.tag_version(task.version)
    call.changed("task", task.id)
    agent = None
    with suppress(AgentNotFound):  # it was there when the task was stored
        agent = None if owner is None else town.agents.get(AgentId(owner))
    return assigned_view(task, agent)


@tasks.get("/v1/tasks/{task}", scope=Scope.TOWN_READ, refuses=_FINDING)
def get_task(call: Call, task: str) -> TaskView:
    """Show a task: by its id, or the beginning of it."""
    found = call.town.tasks.find(task)
    call.tag_version(found.version)
    return task_view(call.town, found)


@tasks.get("/v1/tasks/{task}/wait", scope=Scope.TOWN_READ, answers={202: TaskView}, refuses=_FINDING)
def wait_for_task(call: Call, task: str, query: WaitQuery) -> TaskView:
    """Wait for the end of a task.

    200 with the task when it has ended; 202 with the task as it is when it has
    not ended in time: then ask again.
    """
    found = call.town.tasks.find(task)
    if not found.state.is_terminal:
        with call.waiting(query.timeout_secs) as whiles:
            for span in whiles:
                with suppress(TimedOut):
                    found = call.town.tasks.wait(found.id, span)
                    break
            else:
                found = call.town.tasks.get(found.id)
    if not found.state.is_terminal:
        call.answer_with(202)
    call.tag_version(found.version)
    return task_view(call.town, found)


@tasks.post("/v1/tasks/{task}/complete", scope=Scope.TOWN_WRITE, takes_key=True, takes_version=True, refuses=(*_CHANGING, InvalidValue))
def complete_task(call: Call, task: str, body: CompleteRequest | None = None) -> CompletedView:
    """Report a task as done; whoever asked for it is told."""
    found = call.town.tasks.find(task).id
    said = CompleteRequest() if body is None else body
    done = call.town.tasks.report(found, said.result, verdict=said.verdict, expected=call.expected_version)
    _changed(call, done.task.id, done.task.version)
    return completed_view(call.town, done)


@tasks.post("/v1/tasks/{task}/fail", scope=Scope.TOWN_WRITE, takes_key=True, takes_version=True, refuses=_CHANGING)
def fail_task(call: Call, task: str, body: FailRequest) -> EndedView:
    """Report that a task cannot be done; whoever asked for it is told."""
    failed = call.town.tasks.fail(call.town.tasks.find(task).id, body.reason, expected=call.expected_version)
    _changed(call, failed.id, failed.version)
    return ended_view(call.town, failed)


@tasks.post("/v1/tasks/{task}/cancel", scope=Scope.TOWN_WRITE, takes_key=True, takes_version=True, refuses=_CHANGING)
def cancel_task(call: Call, task: str, body: CancelRequest | None = None) -> EndedView:
    """Drop a task that is no longer wanted.

    That is final at once. A turn that is at nothing else is asked to end, and
    what it may still report about the task is refused.
    """
    reason = (CancelRequest() if body is None else body).reason
    dropped = call.town.tasks.cancel(call.town.tasks.find(task).id, reason, expected=call.expected_version)
    _changed(call, dropped.id, dropped.version)
    return ended_view(call.town, dropped)


@tasks.post("/v1/tasks/{task}/requeue", scope=Scope.TOWN_WRITE, takes_key=True, takes_version=True, refuses=(*_CHANGING, AgentNotFound))
def requeue_task(call: Call, task: str, body: RequeueRequest | None = None) -> EndedView:
    """Take an open task from whoever has it: back to the backlog, or on to another agent."""
    to = None if body is None else body.to
    moved = call.town.tasks.requeue(call.town.tasks.find(task).id, to, expected=call.expected_version)
    _changed(call, moved.id, moved.version)
    return ended_view(call.town, moved)


def _changed(call: Call, task: TaskId, version: int) -> None:
    call.tag_version(version)
    call.changed("task", task)
