"""Errors about things that are not there."""

from __future__ import annotations

from tinytown.errors.root import TownError

__all__ = [
    "AgentNotFound",
    "ApiKeyNotFound",
    "DeadLetterNotFound",
    "MessageNotFound",
    "MissionNotFound",
    "NotFound",
    "NotificationNotFound",
    "QueueNotFound",
    "TaskNotFound",
    "TownNotFound",
    "WatchNotFound",
    "WorkItemNotFound",
    "WorkerNotFound",
]

_LONGEST = 80


class NotFound(TownError):
    """Nothing goes by that name or id; subclasses say in `sentence` what was looked for, and in `advice` what `tt` can do."""

    code = "not_found"
    exit_code = 3
    status = 404
    sentence = "nothing is called {!r}"
    advice = ""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference

    def __str__(self) -> str:
        return f"{self.detail}; {self.advice}" if self.advice else self.detail

    @property
    def detail(self) -> str:
        """What was looked for."""
        long = len(self.reference) > _LONGEST
        return self.sentence.format(f"{self.reference[:_LONGEST]}…" if long else self.reference)


class AgentNotFound(NotFound):
    """No agent goes by that reference."""

    code = "agent_not_found"

    sentence = "no agent named {!r}"
    advice = "`tt list` shows the agents of this town"


class TaskNotFound(NotFound):
    """No task goes by that id."""

    code = "task_not_found"

    sentence = "no task with id {!r}"
    advice = "`tt task list` shows the tasks of this town"


class MessageNotFound(NotFound):
    """No message goes by that id, or its receipt has expired."""

    code = "message_not_found"

    sentence = "no message with id {!r}: never sent, or settled longer ago than receipts are kept"


class DeadLetterNotFound(NotFound):
    """No dead letter goes by that id."""

    code = "dead_letter_not_found"

    sentence = "no dead letter with id {!r}"
    advice = "`tt dlq list` shows them"


class QueueNotFound(NotFound):
    """No queue goes by that name."""

    code = "queue_not_found"

    sentence = "no queue named {!r}; there are 'agents' and 'control'"


class TownNotFound(NotFound):
    """There is no town here nor in any parent directory."""

    code = "town_not_found"

    sentence = "no town in {} or any directory above it"
    advice = "`tt init` makes one, and REDIS_URL leads to one elsewhere"


class ApiKeyNotFound(NotFound):
    """No API key goes by that name or id."""

    code = "api_key_not_found"

    sentence = "no API key named {!r}"
    advice = "`tt auth list` shows them"


class MissionNotFound(NotFound):
    """No mission goes by that id."""

    code = "mission_not_found"

    sentence = "no mission with id {!r}"
    advice = "`tt mission list --all` shows the missions of this town"


class WorkItemNotFound(NotFound):
    """The mission has no such work item."""

    code = "work_item_not_found"

    sentence = "no work item {!r} in this mission"
    advice = "`tt mission status MISSION --work` shows them"


class WatchNotFound(NotFound):
    """The mission has no such watch."""

    code = "watch_not_found"

    sentence = "no watch {!r} in this mission"
    advice = "`tt mission watches MISSION` shows them"


class WorkerNotFound(NotFound):
    """No worker that was heard of lately goes by that id."""

    code = "worker_not_found"

    sentence = "no worker with id {!r}"
    advice = "`tt workers` shows those that are there"


class NotificationNotFound(NotFound):
    """No notification that is on its way or was given up goes by that id."""

    code = "notification_not_found"

    sentence = "no notification with id {!r}"
    advice = "`tt notify list` shows those that are on their way or were given up"
