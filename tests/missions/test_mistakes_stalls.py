"""Defects 17-19: what came to nothing is given out again."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.missions.stage import (
    GOOD,
    Agents,
    agent,
    begin,
    deliver,
    item,
    later,
    live_tasks,
    made,
    mission_of,
    planned,
    pull,
    reason,
    ref,
    task_of,
    tick,
    turn,
)
from tinytown.domain.mission import MissionState
from tinytown.domain.task import Task, TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.work_item import Waiting, WorkKind, WorkStatus
from tinytown.testing import Rehearsal


def test_a_review_waits_for_a_reviewer(town: Rehearsal) -> None:
    """Defect 17: there is none when the work is made; people are told, and the first that comes has it."""
    town.agents.kill("rex")
    mission = made(town, 1)
    tick(town, mission)
    assert "there is no reviewer" in reason(town, mission)

    town.spawn("kim", role="reviewer")
    tick(town, mission)

    task = task_of(town, mission, 1)
    assert (task.mission_task, task.wanted) == (MissionTask.REVIEW, agent(town, "kim"))
    assert reason(town, mission) == ""


def test_a_review_waits_for_a_reviewer_that_is_busy(town: Rehearsal) -> None:
    """Defect 17: without bothering anybody."""
    mission = begin(town, 1, 2, max_parallel_items=4)
    for _ in range(2):
        turn(town, "ada")
    reviewed = [each.task_id for each in town.missions.view(mission).items if each.task_kind is MissionTask.REVIEW]
    assert (len(reviewed), reason(town, mission)) == (1, "")

    turn(town, "rex")
    tick(town, mission)

    assert [task.mission_task for task in live_tasks(town, mission)] == [MissionTask.REVIEW]
    assert live_tasks(town, mission)[0].id not in reviewed


def test_a_review_that_was_lost_is_given_again(town: Rehearsal) -> None:
    """Defect 17: cancelled, say."""
    mission = made(town, 1)
    lost = task_of(town, mission, 1)

    town.tasks.cancel(lost.id)
    deliver(town)

    assert task_of(town, mission, 1).mission_task is MissionTask.REVIEW
    assert task_of(town, mission, 1).id != lost.id


def test_a_fix_waits_for_its_author(town: Rehearsal) -> None:
    """Defect 18: who is away when the work is rejected, and there is nobody else."""
    mission = made(town, 1)
    town.agents.kill("ada")

    turn(town, "rex", Agents(verdict=Verdict.REJECT))
    waiting = item(town, mission, 1)
    town.agents.restart("ada")
    tick(town, mission)

    assert (waiting.status, waiting.fix is not None) == (WorkStatus.READY, True)
    assert task_of(town, mission, 1).mission_task is MissionTask.FIX
    assert "I say reject." in task_of(town, mission, 1).description


def test_a_fix_goes_to_another_when_its_author_has_gone(town: Rehearsal) -> None:
    """Defect 18."""
    mission = made(town, 1)
    town.agents.kill("ada")
    town.spawn("bob", role="backend")

    turn(town, "rex", Agents(verdict=Verdict.REJECT))

    assert task_of(town, mission, 1).mission_task is MissionTask.FIX
    assert item(town, mission, 1).author == agent(town, "bob")


def test_what_was_rejected_is_not_done_though_its_checks_are_good(town: Rehearsal) -> None:
    """Defect 18: nor for a kind of work that needs no review."""
    pull(town, 101, checks=())
    mission = made(town, planned(1, kind=WorkKind.DESIGN), dependency="approved", no_checks="wait")
    town.missions.reject(mission, "#1", "not like this", by="me")
    pull(town, 101, checks=GOOD)
    later(town, 181)

    tick(town, mission, times=2)

    assert item(town, mission, 1).status is not WorkStatus.DONE
    assert "not like this" in task_of(town, mission, 1).description


ENDS: dict[str, Callable[[Rehearsal, Task], object]] = {
    "cancelled": lambda town, task: town.tasks.cancel(task.id),
    "failed": lambda town, task: town.tasks.fail(task.id, "it is too hard"),
    "to the backlog": lambda town, task: town.tasks.requeue(task.id),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_task_that_comes_to_nothing_is_followed_by_another(town: Rehearsal, how: str) -> None:
    """Defect 19: whoever ends it, by whatever surface; its mission hears of it by a bell, at once."""
    mission = begin(town, 1)
    deliver(town)
    lost = task_of(town, mission, 1)

    ENDS[how](town, lost)
    deliver(town)

    assert task_of(town, mission, 1).id != lost.id
    assert len(live_tasks(town, mission)) == 1
    assert town.tasks.get(lost.id).state in {TaskState.CANCELLED, TaskState.FAILED}


def test_why_an_attempt_failed_is_told_to_the_next(town: Rehearsal) -> None:
    """Defect 19."""
    mission = begin(town, 1)
    deliver(town)

    town.tasks.fail(task_of(town, mission, 1).id, "it is too hard")
    deliver(town)

    assert "it is too hard" in task_of(town, mission, 1).description


def test_completing_a_task_anywhere_reaches_its_item(town: Rehearsal) -> None:
    """Defect 19: here by somebody who has no turn."""
    mission = begin(town, 1)
    deliver(town)
    pull(town, 101)

    town.tasks.complete(task_of(town, mission, 1).id, ref(101).url)
    deliver(town)

    assert item(town, mission, 1).pull == ref(101)
    assert item(town, mission, 1).waiting_on is Waiting.REVIEW


def test_an_agent_that_never_completes_uses_its_attempts_up(town: Rehearsal) -> None:
    """Defect 19: its rounds end and the task is open still; in the end the item, and the mission, fail."""
    mission = begin(town, 1, max_attempts=2)

    for _ in range(2):
        deliver(town)
        town.tasks.fail(task_of(town, mission, 1).id, "no round completed it", reason="unfinished")
    deliver(town)

    assert mission_of(town, mission).state is MissionState.FAILED
    assert item(town, mission, 1).attempts == 2
    assert "2 attempts were not enough" in str(item(town, mission, 1).failure_reason)
