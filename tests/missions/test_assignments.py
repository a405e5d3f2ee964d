"""What comes of assignments, in rehearsals: tasks, mail, and that nothing is lost with whoever had it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.missions.scene import ROUND, Scene, bad, planned
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind
from tinytown.domain.task import Task, TaskState
from tinytown.domain.verdict import MissionTask
from tinytown.testing import Rehearsal


def test_an_assignment_is_a_task_in_a_mailbox() -> None:
    """§22, Scheduler: stored, with its tags, linked on both sides, and told."""
    scene = Scene(agents={"ada": "backend"})
    scene.tick()
    scene.deliver()
    item, task = scene.item(), scene.task()
    (message,) = [each for each in scene.town.messages.peek(scene.town.agents.find("ada").id) if each.type is Kind.TASK_ASSIGN]

    assert {f"mission:{scene.id}", f"work-item:{item.id}", "mission-work-item"} <= set(task.tags)
    assert (task.mission_id, task.work_item_id, task.mission_task) == (scene.id, item.id, MissionTask.WORK)
    assert (message.task_id, message.sender) == (task.id, SUPERVISOR_ID)
    assert task.state is TaskState.ASSIGNED


def test_two_missions_share_an_agent_one_item_at_a_time() -> None:
    """Defect 59: consecutive ticks of several missions do not pile work onto one."""
    first = Scene(planned(1), agents={"ada": "backend"}, reviewer_required=False)
    others = [Scene(planned(number), agents={}, town=first.town, reviewer_required=False) for number in (2, 3)]
    for scene in (first, *others, first, *others):
        scene.tick()
    assert [len(scene.open_tasks()) for scene in (first, *others)] == [1, 0, 0]

    first.report(result="by hand")
    for scene in (first, *others):
        scene.tick()
    assert [len(scene.open_tasks()) for scene in (first, *others)] == [0, 1, 0]


def test_a_reviewer_who_comes_later_is_given_the_review() -> None:
    """Defect 17: it is made sure of on every tick."""
    scene = Scene(agents={"ada": "backend"})
    scene.go()
    scene.town.spawn("rex", role="reviewer")
    scene.tick()

    assert scene.holder() == "rex"


LEAVING: dict[str, Callable[[Rehearsal, Task], object]] = {
    "its agent is stopped": lambda town, _: town.agents.kill("ada", now=True),
    "its agent is gone": lambda town, _: town.desk.store.agents.delete(town.agents.kill("ada"), throw_away_mail=True),
    "it is cancelled": lambda town, task: town.tasks.cancel(task.id),
    "it fails": lambda town, task: town.tasks.fail(task.id, "I cannot"),
    "it lies in the backlog": lambda town, task: town.tasks.requeue(task.id),
    "it is deleted": lambda town, task: town.desk.store.tasks.delete(town.tasks.cancel(task.id)),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_a_fix_outlives_its_task(leave: Callable[[Rehearsal, Task], object]) -> None:
    """Defects 18, 19 and 23: whatever becomes of agent and task, somebody mends the same."""
    scene = Scene(agents={"ada": "backend", "bob": "backend"}, reviewer_required=False)
    scene.pull(checks=(bad("unit", "E  boom"),))
    scene.tick()
    scene.report()
    scene.tick()
    scene.deliver()
    old = scene.task()
    assert scene.holder() == "ada"
    leave(scene.town, old)
    scene.tick()

    assert scene.task().id != old.id
    assert "E  boom" in scene.task().description
    assert [task.id for task in scene.open_tasks()] == [scene.task().id]


def test_stop_and_resume_keep_what_has_to_be_mended() -> None:
    """Defects 22 and 34."""
    scene = Scene(agents={"ada": "backend"}, reviewer_required=False)
    scene.pull(checks=(bad("unit", "E  boom"),))
    scene.tick()
    scene.report()
    scene.tick()
    attempts = scene.item().attempts
    scene.town.missions.stop(scene.id, by="rob")
    assert scene.open_tasks() == []
    scene.town.missions.resume(scene.id, by="rob")
    scene.tick()

    assert "E  boom" in scene.task().description
    assert scene.item().attempts == attempts


def test_a_review_never_makes_the_reviewer_the_author() -> None:
    """Defect 28: what is rejected goes back to who made it, and so does what follows from checks."""
    scene = Scene()
    scene.pull()
    scene.tick()
    scene.report()
    scene.tick()
    assert scene.holder() == "rex"
    scene.pull(checks=(bad(),))
    scene.tick(ROUND)

    assert scene.holder() == "ada"
    assert scene.item().author == scene.town.agents.find("ada").id


def test_time_does_not_move_an_item_that_is_taken_up() -> None:
    """Defect 59: consecutive ticks give it to nobody else."""
    scene = Scene(agents={"ada": "backend", "bob": "backend"})
    scene.tick()
    for _ in range(5):
        scene.tick(timedelta(seconds=30))

    assert len(scene.tasks()) == 1
