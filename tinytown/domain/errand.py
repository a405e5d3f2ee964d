"""An errand: what a mission has decided and somebody must do; doing one twice is harmless.

Errands are stored with the decision, in the same step. Whoever made the decision runs
them at once; should it die before, the next tick does.
"""

from __future__ import annotations

import msgspec

from tinytown.domain.ids import MessageId, TaskId
from tinytown.domain.message import Message
from tinytown.domain.notification import Notification
from tinytown.domain.objective import PullRef
from tinytown.domain.task import Task

__all__ = ["AddTask", "CancelTask", "Errand", "MergePull", "Notify", "Tell", "Withdraw"]


class AddTask(msgspec.Struct, frozen=True, tag_field="do", tag="add_task"):
    """Store a task, and ring for its assignment."""

    task: Task


class CancelTask(msgspec.Struct, frozen=True, tag_field="do", tag="cancel_task"):
    """Cancel a task, if it is still open."""

    task_id: TaskId
    why: str


class Tell(msgspec.Struct, frozen=True, tag_field="do", tag="tell"):
    """Send a message."""

    message: Message
    urgent: bool = False


class Withdraw(msgspec.Struct, frozen=True, tag_field="do", tag="withdraw"):
    """Take a message back out of the supervisor's mailbox."""

    message_id: MessageId
    why: str


class Notify(msgspec.Struct, frozen=True, tag_field="do", tag="notify"):
    """Put a notification into the outbox."""

    notification: Notification


class MergePull(msgspec.Struct, frozen=True, tag_field="do", tag="merge_pull"):
    """Merge a pull request, if its head is still that commit."""

    pull: PullRef
    head: str


Errand = AddTask | CancelTask | Tell | Withdraw | Notify | MergePull
