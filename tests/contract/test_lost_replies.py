"""Redis did what it was asked, and the reply was lost: asking again must change nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contract.mail import turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.task import TaskState
from tinytown.runner import Outcome, RunSpec
from tinytown.services.leases import LeaseKeeper
from tinytown.services.rounds import RoundService, Workplace
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def test_tasks_that_were_started_without_a_reply_are_of_the_turn(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    turn = turn_of(town, ada)
    unheard = town.turns.start(turn, [task.id])

    started = town.turns.start(turn, [task.id])

    assert started.tasks == unheard.tasks
    assert town.tasks.get(task.id).attempt == 1
    town.turns.end(started, Ending(returned=tuple(message.id for message, _ in started.mail)))
    assert town.tasks.get(task.id).state is TaskState.ASSIGNED


def test_a_task_that_was_taken_away_at_the_last_moment_is_not_run(town: Rehearsal, ada: Agent, bob: Agent, tmp_path: Path) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    ran: list[RunSpec] = []
    rounds = RoundService(town.desk, town.tasks, _Meddled(town, task.id), LeaseKeeper(town.desk), _place(tmp_path, ran))  # type: ignore[arg-type]

    rounds.take_turn(ada.id)

    assert ran == []
    assert town.tasks.get(task.id).state is TaskState.PENDING
    assert town.agents.get(ada.id).rounds_completed == 0


class _Meddled:
    """The turns of a town in which a task is requeued between the beginning of a turn and the start of its tasks."""

    def __init__(self, town: Rehearsal, task: Any) -> None:
        self._town = town
        self._task = task

    def start(self, *args: Any) -> Any:
        self._town.tasks.requeue(self._task, "bob")
        return self._town.turns.start(*args)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._town.turns, name)


def _place(root: Path, ran: list[RunSpec]) -> Workplace:
    def run(spec: RunSpec, **_: Any) -> Outcome:
        ran.append(spec)
        return Outcome(exit_status=0)

    return Workplace("rehearsal", root, {}, run)
