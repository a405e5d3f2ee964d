"""Errands: doing what missions have decided; each may be done twice, by two at once, and does no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.errand import AddTask, CancelTask, Errand, MergePull, Notify, Tell, Withdraw
from tinytown.domain.ids import SUPERVISOR_ID, MessageId
from tinytown.errors import GitHubUnavailable, TaskNotFound, TownError, WrongState
from tinytown.services.desk import Desk
from tinytown.services.tasks import TaskService

if TYPE_CHECKING:
    from tinytown.github import GitHub
    from tinytown.services.notifications import NotificationService

__all__ = ["ErrandRunner", "Errands"]

_MAIL_LOOKED_THROUGH = 10_000


class Errands(msgspec.Struct, frozen=True, kw_only=True):
    """Which errands were done, and which will never be, and why; the others are left for later."""

    done: tuple[Errand, ...] = ()
    refused: tuple[tuple[Errand, str], ...] = ()


class ErrandRunner:
    """Does errands, in their order."""

    def __init__(self, desk: Desk, tasks: TaskService, notifications: NotificationService) -> None:
        self._desk = desk
        self._tasks = tasks
        self._notifications = notifications

    def run(self, errands: tuple[Errand, ...], github: Callable[[], GitHub] | None = None) -> Errands:
        """Do what can be done; without `github`, what needs it is left.

        Raises:
            RedisUnavailable: what is left is done by the next tick.
        """
        done: list[Errand] = []
        refused: list[tuple[Errand, str]] = []
        for errand in errands:
            if isinstance(errand, MergePull) and github is None:
                continue
            try:
                self._do(errand, github)
            except GitHubUnavailable:
                continue
            except TownError as error:
                if error.status >= 503:
                    raise
                refused.append((errand, str(error)))
            else:
                done.append(errand)
        return Errands(done=tuple(done), refused=tuple(refused))

    def _do(self, errand: Errand, github: Callable[[], GitHub] | None) -> None:
        match errand:
            case AddTask(task):
                self._desk.store.tasks.add(task)
            case CancelTask(task_id, why):
                try:
                    self._tasks.cancel(task_id, why)
                except (WrongState, TaskNotFound):
                    return  # it has ended, or is gone
            case Tell(message, urgent):
                self._desk.tell(message, urgent=urgent)
            case Withdraw(message_id, why):
                self._withdraw(message_id, why)
            case Notify(notification):
                self._notifications.post(notification)
            case MergePull(pull, head):
                assert github is not None
                github().merge(pull, head)

    def _withdraw(self, message_id: MessageId, why: str) -> None:
        mail = self._desk.store.mail
        for source, entry, message in mail.entries(SUPERVISOR_ID, _MAIL_LOOKED_THROUGH):
            if message is not None and message.id == message_id:
                mail.settle(source, entry, message, SUPERVISOR_ID, f"withdrawn: {why}")
