"""What is asked about tasks, and said of them."""

from __future__ import annotations

from typing import Annotated

import msgspec

from tinytown.api.paging import PageQuery
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import Verdict

__all__ = ["AssignRequest", "CancelRequest", "CompleteRequest", "FailRequest", "RequeueRequest", "TasksQuery", "WaitQuery"]

AgentReference = Annotated[
    str, msgspec.Meta(max_length=300, description="A name, a nickname, or (the beginning of) an id.", examples=["ada"])
]
Text = Annotated[str, msgspec.Meta(min_length=1, description="At most 8 MiB.", examples=["fix the flaky test in test_api.py"])]
Tag = Annotated[str, msgspec.Meta(min_length=1, max_length=200, examples=["review"])]
Tags = Annotated[tuple[Tag, ...], msgspec.Meta(max_length=100, description="Words to find the task by, and for `auto` to route it by.")]


class TasksQuery(PageQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks are asked for."""

    state: Annotated[tuple[TaskState, ...], msgspec.Meta(description="Only tasks in one of these states; may be given several times.")] = ()
    agent: Annotated[str, msgspec.Meta(max_length=300, description="Only tasks that this agent has, or that are meant for it.")] | None = (
        None
    )
    tag: Annotated[str, msgspec.Meta(max_length=200, description="Only tasks with this tag.")] | None = None
    mission: Annotated[str, msgspec.Meta(max_length=100, description="Only tasks of this mission.")] | None = None


class WaitQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long to wait."""

    timeout_secs: Annotated[
        float, msgspec.Meta(ge=0, le=300, description="How long to wait at most; cut to what a request may take.", examples=[20])
    ] = 20


class AssignRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A new task for an agent."""

    agent: Annotated[
        str, msgspec.Meta(max_length=300, description="Whom it is for; `auto`: whoever fits, by role and load.", examples=["ada", "auto"])
    ]
    task: Text
    tags: Tags = ()
    parent: Annotated[str, msgspec.Meta(max_length=100, description="The id of the task that this one is a part of.")] | None = None
    max_attempts: Annotated[int, msgspec.Meta(ge=1, le=1000, description="Turns that may try it before it is given up.")] | None = None


class CompleteRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What came of a task."""

    result: Annotated[str, msgspec.Meta(min_length=1, examples=["fixed in commit 1a2b3c"])] = "Completed"
    verdict: Annotated[Verdict, msgspec.Meta(description="What a review of a mission came to; for reviews only.")] | None = None


class FailRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a task cannot be done."""

    reason: Annotated[str, msgspec.Meta(min_length=1, examples=["the repository has no tests"])]


class CancelRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a task is no longer wanted."""

    reason: Annotated[str, msgspec.Meta(min_length=1, examples=["done by hand"])] = "Cancelled"


class RequeueRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a task goes."""

    to: (
        Annotated[
            str,
            msgspec.Meta(
                max_length=300, description="Whom to give it to; `auto`: whoever fits. Else it goes to the backlog.", examples=["grace"]
            ),
        ]
        | None
    ) = None
