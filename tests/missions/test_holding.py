"""Pausing, stopping, resuming and ending: the same guards from every surface, and what each does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.missions.scene import ROUND, Scene, bad, planned
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.notification import News
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import AmbiguousReference, InvalidValue, MissionNotFound, WorkItemNotFound, WrongState
from tinytown.services.missions import Moved

Move = Callable[[Scene], Moved]


def _pause(scene: Scene) -> Moved:
    return scene.town.missions.pause(scene.id, "lunch", by="rob")


def _resume(scene: Scene) -> Moved:
    return scene.town.missions.resume(scene.id, by="rob")


def _stop(scene: Scene) -> Moved:
    return scene.town.missions.stop(scene.id, by="rob")


def _stop_for_good(scene: Scene) -> Moved:
    return scene.town.missions.stop(scene.id, by="rob", force=True)


def _complete(scene: Scene) -> Moved:
    return scene.town.missions.complete(scene.id, by="rob")


def _fail(scene: Scene) -> Moved:
    return scene.town.missions.fail(scene.id, "enough", by="rob")


RUNNING, PAUSED, STOPPED = "running", "paused", "stopped"
ENDS = {"completed": _complete, "failed": _fail}
BEGINNINGS: dict[str, list[Move]] = {RUNNING: [], PAUSED: [_pause], STOPPED: [_stop], "completed": [_complete], "failed": [_fail]}
MOVES: dict[str, tuple[Move, dict[str, str]]] = {
    "pause": (_pause, {RUNNING: PAUSED}),
    "resume": (_resume, {RUNNING: RUNNING, PAUSED: RUNNING, STOPPED: RUNNING}),
    "stop": (_stop, {RUNNING: STOPPED, PAUSED: STOPPED, STOPPED: STOPPED}),
    "stop for good": (_stop_for_good, {RUNNING: "failed", PAUSED: "failed", STOPPED: "failed"}),
    "complete": (_complete, {RUNNING: "completed", PAUSED: "completed", STOPPED: "completed"}),
    "fail": (_fail, {RUNNING: "failed", PAUSED: "failed", STOPPED: "failed"}),
}


def stands(scene: Scene) -> str:
    """How the mission stands, in one word."""
    mission = scene.mission
    return mission.state.value if mission.hold is None else mission.hold.value


def begun(beginning: str) -> Scene:
    """A mission at work, that was brought there."""
    scene = Scene(planned(1), planned(2))
    scene.tick()
    for move in BEGINNINGS[beginning]:
        move(scene)
    return scene


@pytest.mark.parametrize("move", MOVES)
@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_step_has_its_guard(beginning: str, move: str) -> None:
    """Defect 69, §22, MCP: what has ended stays so; a pause needs a mission that runs; the rest may be repeated."""
    scene = begun(beginning)
    step, steps = MOVES[move]
    before = scene.mission
    if beginning not in steps:
        with pytest.raises(WrongState):
            step(scene)
        assert scene.mission == before
        return
    moved = step(scene)

    assert stands(scene) == steps[beginning]
    assert (moved.before, moved.mission.state) == (before.state, scene.mission.state)


def test_paused_stopped_and_blocked_are_told_apart() -> None:
    """Defect 70: by a field, not by words."""
    scene = begun(RUNNING)
    _pause(scene)
    assert (scene.mission.state, scene.mission.hold, scene.mission.blocked_reason) == (
        MissionState.BLOCKED,
        Hold.PAUSED,
        "paused by rob: lunch",
    )
    _stop(scene)
    assert (scene.mission.hold, scene.mission.blocked_reason) == (Hold.STOPPED, "stopped by rob")
    _resume(scene)
    assert (scene.mission.state, scene.mission.hold, scene.mission.blocked_reason) == (MissionState.RUNNING, None, None)


def test_what_is_stopped_is_not_driven_and_keeps_nobody_waiting() -> None:
    """Defect 70: it is not among the active ones, so nothing stalls there."""
    scene = begun(STOPPED)
    active = scene.town.desk.store.missions.active

    assert scene.id not in active()
    _resume(scene)
    assert scene.id in active()
    _resume(scene)
    assert scene.id in active()


def test_a_pause_begins_nothing_and_what_agents_report_counts() -> None:
    """Defect 71."""
    scene = begun(PAUSED)
    scene.pull()
    scene.report(1)
    scene.tick(ROUND)

    assert scene.open_tasks() == []
    assert scene.item(1).artifact_refs
    assert (scene.item(1).status, scene.item(2).status) == (WorkStatus.BLOCKED, WorkStatus.READY)
    _resume(scene)
    scene.tick()
    assert {task.mission_task for task in scene.open_tasks()} == {MissionTask.REVIEW, MissionTask.WORK}


def test_a_pause_leaves_agents_at_their_work() -> None:
    """Defect 71: a stop does not."""
    scene = begun(RUNNING)
    task = scene.task()
    _pause(scene)
    assert not scene.town.tasks.get(task.id).state.is_terminal

    _stop(scene)
    assert scene.town.tasks.get(task.id).state.is_terminal
    told = scene.town.messages.peek(scene.town.agents.find("ada").id)
    assert any("the mission was stopped" in str(message.summary) for message in told)
    assert scene.item().status is WorkStatus.READY


@pytest.mark.parametrize("end", ENDS)
def test_an_end_leaves_nothing_at_work(end: str) -> None:
    """Defect 69: no task, no watch, no item that still waits; and people are told."""
    scene = Scene(planned(1), planned(2), planned(3, 1), reviewer_required=False)
    scene.pull(checks=(bad(),))
    scene.tick()
    scene.report()
    scene.tick()
    ENDS[end](scene)

    assert scene.open_tasks() == []
    assert {item.status for item in scene.town.missions.view(scene.id).items} == {WorkStatus.CANCELLED}
    assert {watch.status for watch in scene.watches()} == {WatchStatus.DONE}
    assert (scene.mission.next_wake_at, scene.mission.ended_at) == (None, scene.town.clock.now())
    news = News.MISSION_COMPLETED if end == "completed" else News.MISSION_FAILED
    assert len(scene.news(news)) == 1


@pytest.mark.parametrize("end", ENDS)
def test_nothing_moves_a_mission_that_is_over(end: str) -> None:
    """Defects 32, 69 and 71: neither a tick, nor GitHub, nor a late report, nor people."""
    scene = begun(end)
    before = scene.town.missions.view(scene.id)
    item = scene.item().id
    missions = scene.town.missions
    for refused in (
        lambda: missions.approve(scene.id, item, by="rob"),
        lambda: missions.reject(scene.id, item, "no", by="rob"),
        lambda: missions.retry(scene.id, item, by="rob"),
        lambda: missions.update_item(scene.id, item, by="rob", status=WorkStatus.DONE),
        lambda: missions.note(scene.id, "hello"),
    ):
        with pytest.raises(WrongState):
            refused()
    with pytest.raises((WrongState, WorkItemNotFound)):
        missions.redirect(scene.id, item, "ada", by="rob")
    scene.go(ROUND)

    after = scene.town.missions.view(scene.id)
    assert (after.mission, after.items, after.watches) == (before.mission, before.items, before.watches)


def test_only_what_is_over_is_deleted() -> None:
    """Defects 10 and 69, §22, Storage: with force it is ended first; a second time there is nothing."""
    scene = begun(RUNNING)
    with pytest.raises(WrongState):
        scene.town.missions.delete(scene.id)
    assert scene.town.missions.delete(scene.id, force=True).id == scene.id
    with pytest.raises(MissionNotFound):
        scene.town.missions.delete(scene.id)
    scene.town.answer_bells()

    assert scene.open_tasks() == []
    assert list(scene.town.missions.list(active_only=False)) == []


def test_approving_needs_something_to_approve() -> None:
    """§22, MCP: a missing item is an error; without an id, exactly one has to wait for a verdict."""
    scene = Scene(planned(1), planned(2), agents={"ada": "backend", "bob": "backend"})
    missions = scene.town.missions
    with pytest.raises(WorkItemNotFound):
        missions.approve(scene.id, "ffffffff", by="rob")
    with pytest.raises(WorkItemNotFound):
        missions.reject(scene.id, None, "no", by="rob")
    scene.go()
    with pytest.raises(AmbiguousReference):
        missions.approve(scene.id, None, by="rob")
    missions.approve(scene.id, "#1", by="rob")

    assert missions.approve(scene.id, None, by="rob").id == scene.item(2).id


def test_rejecting_takes_a_reason_and_judging_another_than_the_author() -> None:
    """Defects 29 and 33."""
    scene = Scene(agents={"ada": "backend"})
    scene.go()
    with pytest.raises(InvalidValue):
        scene.town.missions.reject(scene.id, None, " ", by="rob")
    with pytest.raises(InvalidValue):
        scene.town.missions.approve(scene.id, None, by="ada", agent=scene.town.agents.find("ada").id)

    scene.town.missions.reject(scene.id, None, "use a set", by="rob")
    scene.tick()
    assert scene.holder() == "ada"
    assert "use a set" in scene.task().description


def test_an_item_that_somebody_holds_stays_held_whatever_its_checks_say() -> None:
    """Defects 36 and 37: what is found is kept, and mended when it is let go."""
    scene = Scene(reviewer_required=False)
    scene.tick()
    scene.report()
    scene.tick()
    scene.town.missions.update_item(scene.id, scene.item().id, by="rob", status=WorkStatus.BLOCKED)
    scene.pull(head="h2", checks=(bad("unit", "E  boom"),))
    scene.tick(ROUND)
    assert scene.item().status is WorkStatus.BLOCKED
    assert scene.open_tasks() == []

    scene.town.missions.update_item(scene.id, scene.item().id, by="rob", status=WorkStatus.READY)
    scene.tick()
    assert "E  boom" in scene.task().description
