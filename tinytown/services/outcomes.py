"""Outcomes: what the end of a program means for the tasks and the mail of its turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.event import Event, EventKind, task_ended
from tinytown.domain.ids import MessageId, TaskId
from tinytown.domain.message import Kind, Message
from tinytown.domain.task import Task
from tinytown.domain.turn import TurnReason
from tinytown.errors import StaleTurn, TaskNotFound, WrongState
from tinytown.presets import Completion, Preset
from tinytown.services.desk import Desk
from tinytown.services.task_steps import verdict_in, without
from tinytown.services.tasks import TaskService
from tinytown.services.turns import Ending, Turn, TurnService

if TYPE_CHECKING:
    from tinytown.runner import Outcome

__all__ = ["OutcomeService"]


class OutcomeService:
    """Completes or buries what a turn worked on, and says what goes back to the mailbox."""

    def __init__(self, desk: Desk, tasks: TaskService, turns: TurnService) -> None:
        self._desk = desk
        self._tasks = tasks
        self._turns = turns

    def settle(
        self,
        turn: Turn,
        preset: Preset,
        work: list[tuple[Message, int]],
        passive: list[tuple[Message, int]],
        outcome: Outcome,
        *,
        closing: bool,
    ) -> tuple[Turn, Ending]:
        """The turn and its ending after a run, with the rest completed or buried."""
        if outcome.reason is TurnReason.LOST_LEASE:
            return turn, Ending(reason=outcome.reason, returned=tuple(message.id for message, _ in turn.mail))
        if outcome.succeeded and preset.completes is Completion.EXIT:
            turn, left = self._complete(turn, outcome.tail if outcome.tail.strip() else "Completed", _summary(outcome, len(work)))
        else:
            self._desk.store.events.note(turn.agent.id, _summary(outcome, len(work)))
            left = {task.id for task in self._desk.store.tasks.get_many(list(turn.tasks)) if not task.state.is_terminal}
        open_work = [pair for pair in work if (pair[0].type is not Kind.TASK_ASSIGN and not outcome.succeeded) or pair[0].task_id in left]
        reason = outcome.reason if outcome.reason is not None else TurnReason.UNFINISHED if open_work else None
        ending = Ending(reason=reason, detail=outcome.detail, retry_after=outcome.retry_after, closing=closing)
        returned: list[MessageId] = [] if outcome.succeeded else [message.id for message, _ in passive]
        for message, attempt in open_work:
            tried = turn.tasks.get(message.task_id) if isinstance(message.task_id, str) else None
            limit = self._desk.settings.agent.max_attempts if tried is None else tried.max_attempts
            if ending.counts and attempt + 1 >= limit:
                self._turns.bury(turn, message, reason.value if reason is not None else "", _last_words(outcome), attempts=attempt + 1)
            else:
                returned.append(message.id)
        still_open = {task: turn.tasks[task] for task in left}
        return msgspec.structs.replace(turn, tasks=still_open), msgspec.structs.replace(ending, returned=tuple(returned))

    def _complete(self, turn: Turn, result: str, note: str) -> tuple[Turn, set[TaskId]]:
        """Mark the tasks of the turn as done, in one round trip with the note; answers those that are open all the same.

        What was cancelled, or reported, while the program ran stands.
        """
        now, holder = self._desk.now(), turn.agent
        changes: list[tuple[Task, Task, tuple[Agent, Agent], Event]] = []
        for task in turn.tasks.values():
            done, after = task.completed(result, now, verdict_in(task, result)), without(holder, task, now, completed=1)
            changes.append((task, done, (holder, after), task_ended(done, EventKind.TASK_COMPLETED)))
            holder = after
        left: set[TaskId] = set()
        beside = self._desk.store.events.note_commands(turn.agent.id, note)
        answers = self._desk.store.tasks.change_many(changes, turn.epoch, beside=beside)
        for (task, done, _, _), answer in zip(changes, answers, strict=True):
            if answer == "changed":
                self._tasks.tell_asker(done, Kind.TASK_DONE, result=result)
            elif not self._complete_one(task.id, result, turn):
                left.add(task.id)
        return msgspec.structs.replace(turn, agent=holder), left

    def _complete_one(self, task: TaskId, result: str, turn: Turn) -> bool:
        """Mark a task as done that was changed meanwhile, or whose agent was; False when the turn is over."""
        try:
            self._tasks.settle(task, result, by=turn.agent.id, epoch=turn.epoch)
        except (WrongState, TaskNotFound):
            return True
        except StaleTurn:
            return False
        return True


def _summary(outcome: Outcome, handled: int) -> str:
    how = "ended well" if outcome.reason is None else f"failed: {outcome.reason.value}"
    return f"a turn with {handled} message{'' if handled == 1 else 's'} {how}"


def _last_words(outcome: Outcome) -> str:
    words = outcome.tail.strip()[-2000:]
    return f"{outcome.detail}\n{words}".strip()
