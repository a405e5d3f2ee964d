"""Limits: what has taken too long or too much fails, and says why."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.missions.scene import ROUND, Scene, bad, planned, running
from tinytown.domain.mission import MissionState
from tinytown.domain.notification import News
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import InvalidValue

HOUR = timedelta(hours=1)
MAKERS: dict[str, str | None] = {"ada": "backend", "bob": "backend", "rex": "reviewer", "roy": "reviewer"}


def fail_task(scene: Scene, number: int = 1, why: str = "boom") -> None:
    """Have the live task of an item fail."""
    scene.town.tasks.fail(scene.task(number).id, why)
    scene.tick()


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_an_item_has_so_many_attempts(limit: int) -> None:
    """Defect 26: then it fails, with what went wrong the last time; here it was all there was."""
    scene = Scene(max_attempts=limit)
    scene.tick()
    for number in range(limit):
        assert scene.is_running()
        fail_task(scene, why=f"boom {number}")

    item = scene.item()
    assert (item.status, item.attempts) == (WorkStatus.FAILED, limit)
    assert f"{limit} attempts were not enough" in str(item.failure_reason)
    assert f"boom {limit - 1}" in str(item.failure_reason)
    assert scene.mission.state is MissionState.FAILED
    assert "acme/shop#1 item 1" in str(scene.mission.blocked_reason)
    assert len(scene.news(News.MISSION_FAILED)) == 1


def test_attempts_count_fixes_too_and_reviews_not() -> None:
    """Defect 26: an endless back and forth between author and reviewer comes to an end."""
    scene = Scene(max_attempts=3)
    scene.verdict, scene.reason = Verdict.REJECT, "use a set"
    scene.go()

    assert scene.item().status is WorkStatus.FAILED
    assert [len(scene.tasks(kind)) for kind in MissionTask] == [1, 3, 2]
    assert "use a set" in str(scene.item().failure_reason)


def test_the_next_attempt_knows_what_went_wrong() -> None:
    """Defect 19: and it is another task."""
    scene = Scene()
    scene.tick()
    first = scene.task()
    fail_task(scene, why="E  boom")

    assert scene.task().id != first.id
    assert "E  boom" in scene.task().description
    assert scene.task().mission_task is MissionTask.WORK


def test_a_failed_item_fails_the_mission_only_when_nothing_else_can_go_on() -> None:
    """Defect 26."""
    scene = Scene(planned(1), planned(2, 1), planned(3), agents=MAKERS, max_attempts=1)
    scene.tick()
    fail_task(scene)
    scene.tick()
    assert scene.is_running()
    assert scene.item(2).waiting_for == "acme/shop#1 item 1, which failed"

    scene.report(3, "by hand")
    scene.tick()
    scene.report(3)
    scene.tick()
    assert scene.item(3).status is WorkStatus.DONE
    assert scene.mission.state is MissionState.FAILED
    assert scene.item(2).status is WorkStatus.CANCELLED


def test_an_operator_grants_as_many_attempts_again() -> None:
    """Defect 22."""
    scene = Scene(planned(1), planned(2), agents=MAKERS, max_attempts=2)
    scene.tick()
    fail_task(scene)
    fail_task(scene)
    assert scene.item().status is WorkStatus.FAILED
    scene.town.missions.retry(scene.id, scene.item().id, by="rob")
    scene.tick()
    fail_task(scene)
    assert scene.item().status is WorkStatus.ASSIGNED
    fail_task(scene)

    assert (scene.item().status, scene.item().attempts) == (WorkStatus.FAILED, 4)


def test_an_item_has_so_much_time() -> None:
    """Defect 26: whoever is at it is called back."""
    scene = Scene(planned(1), planned(2, 1), item_timeout_secs=3600)
    scene.tick()
    task = scene.task()
    scene.tick(HOUR)
    assert scene.item().status is WorkStatus.ASSIGNED
    scene.tick(timedelta(seconds=1))

    assert (scene.item().status, scene.item().failure_reason) == (WorkStatus.FAILED, "it was at work for longer than 3600 seconds")
    assert scene.town.tasks.get(task.id).state.is_terminal
    assert scene.mission.state is MissionState.FAILED


def test_the_time_in_review_counts_and_that_for_people_does_not() -> None:
    """Defect 26: a merge may take a week."""
    scene = Scene(item_timeout_secs=3600)
    scene.go()
    assert scene.item().waiting_on is Waiting.MERGE
    scene.go(24 * HOUR)
    assert scene.item().waiting_on is Waiting.MERGE

    scene = Scene(agents={"ada": "backend"}, item_timeout_secs=3600)
    scene.go()
    scene.go(HOUR + ROUND)
    assert scene.item().status is WorkStatus.FAILED


def test_checks_that_never_end_do() -> None:
    """Defect 21: a pipeline that hangs is not waited for for ever."""
    scene = Scene(reviewer_required=False, item_timeout_secs=3600)
    scene.pull(checks=(running(),))
    scene.go()
    scene.tick(HOUR + ROUND)

    assert scene.item().status is WorkStatus.FAILED


def test_endless_failures_of_checks_come_to_an_end() -> None:
    """Defect 21: they are attempts, no progress."""
    scene = Scene(reviewer_required=False, max_attempts=4)
    scene.pull(checks=(bad("unit"),))
    scene.go()

    assert scene.mission.state is MissionState.FAILED
    assert len(scene.tasks()) == 4


def test_the_time_of_an_item_begins_anew_after_a_pause() -> None:
    """Defect 71: held time is nobody's time at work."""
    scene = Scene(item_timeout_secs=3600)
    scene.tick()
    scene.town.missions.pause(scene.id, by="rob")
    scene.tick(10 * HOUR)
    scene.town.missions.resume(scene.id, by="rob")
    scene.tick(HOUR)

    assert scene.item().status is WorkStatus.ASSIGNED


def test_a_mission_has_so_much_time() -> None:
    """Defect 26: from its start on."""
    scene = Scene(timeout_secs=7200)
    scene.tick()
    scene.tick(2 * HOUR)
    assert scene.is_running()
    scene.tick(timedelta(seconds=1))

    assert (scene.mission.state, scene.mission.blocked_reason) == (MissionState.FAILED, "it took longer than its 7200 seconds")
    assert scene.open_tasks() == []
    assert scene.item().status is WorkStatus.CANCELLED


@pytest.mark.parametrize(("limit", "state"), [(1, MissionState.FAILED), (2, MissionState.COMPLETED), (0, MissionState.COMPLETED)])
def test_a_mission_has_so_many_tasks(limit: int, state: MissionState) -> None:
    """Defect 26: reviews count, for they cost as much; none is begun that is one too many."""
    scene = Scene(max_tasks=limit)
    scene.says[1] = "by hand"
    scene.go()

    assert scene.mission.state is state
    assert len(scene.tasks()) == min(limit or 2, 2)


def test_the_last_task_of_a_mission_may_still_end() -> None:
    """Defect 26: it fails only when there is more to do and nobody at it."""
    scene = Scene(planned(1), reviewer_required=False, max_tasks=1)
    scene.tick()
    scene.tick(ROUND)
    assert scene.is_running()
    scene.report(result="by hand")
    scene.tick()

    assert scene.mission.state is MissionState.COMPLETED


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_so_many_tasks_are_with_agents_at_the_same_time(limit: int) -> None:
    """Defect 61: whatever they are for, through a whole mission."""
    makers: dict[str, str | None] = dict.fromkeys(("ada", "bob", "cy", "dee"), "backend")
    agents = makers | {"rex": "reviewer", "roy": "reviewer"}
    scene = Scene(*[planned(number) for number in range(1, 6)], agents=agents, max_parallel_items=limit)
    for number in range(1, 6):
        scene.pull(number * 10, checks=(bad(),) if number % 2 else scene.pull(90).checks)
    most, kinds = 0, set()
    scene.tick()
    for _ in range(40):
        live = scene.open_tasks()
        most = max(most, len(live))
        kinds |= {task.mission_task for task in live}
        if not live:
            break
        task = live[0]
        item = next(item for item in scene.town.missions.view(scene.id).items if item.task_id == task.id)
        number = int(str(item.source_ref).rsplit("#", 1)[1])
        if task.mission_task is MissionTask.FIX:
            scene.pull(number * 10, head=f"h{item.attempts}", checks=scene.pull(90).checks)
        scene.report(number)
        scene.tick()

    assert most == limit
    assert kinds == set(MissionTask)
    assert [item.waiting_on for item in scene.town.missions.view(scene.id).items] == [Waiting.MERGE] * 5


@pytest.mark.parametrize(
    "policy", [{"max_attempts": 0}, {"max_parallel_items": 0}, {"max_tasks": -1}, {"timeout_secs": -1}, {"no_such": 1}]
)
def test_limits_make_sense(policy: dict[str, Any]) -> None:
    """Defect 25: what makes no sense leaves nothing behind."""
    with pytest.raises(InvalidValue):
        Scene(**policy)


def test_reviews_without_end_ask_for_help() -> None:
    """Defect 29: three that say nothing in a row are for people, and cost the item no attempts."""
    scene = Scene()
    scene.verdict = None
    scene.go()

    assert (scene.item().waiting_on, scene.item().attempts) == (Waiting.HELP, 1)
    assert len(scene.tasks(MissionTask.REVIEW)) == 3
    assert scene.is_running()
