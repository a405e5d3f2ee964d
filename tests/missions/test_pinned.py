"""What the reference pins besides: storage, the log, names of towns and of lanes, and what waits for what."""

from __future__ import annotations

import pytest

from tests.missions.scene import ROUND, Scene, bad, planned, running
from tinytown.domain.event import EventKind
from tinytown.domain.mission import MissionState, Policy
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkKind, WorkStatus
from tinytown.errors import InvalidName, InvalidValue, MissionNotFound, WrongState
from tinytown.planning.graph import Plan
from tinytown.testing import does_everything, in_memory, rehearse


@pytest.mark.parametrize("name", ["shop:work", "a:active", "x:watch:y", "st*r", "wh?t", "[a-z]", "back\\slash"])
def test_a_town_is_not_called_by_what_divides_keys_or_is_a_pattern(name: str) -> None:
    """Defect 73: such names are refused, whatever wants to open the town."""
    with pytest.raises(InvalidName):
        rehearse(name)


@pytest.mark.parametrize("name", ["work", "active", "mission", "watch", "control", "events", "tt", "a.b-c_d", "mission-work", "0"])
def test_a_town_may_be_called_what_it_likes(name: str) -> None:
    """Defect 73: no key is found by a piece of its name, so none is hidden or taken for another's."""
    connection = in_memory()
    town = rehearse(name, connection=connection)
    scene = Scene(planned(1), planned(2, 1), town=town)
    other = Scene(planned(1), town=rehearse("other", connection=connection))
    scene.go()

    assert [line.mission.id for line in town.missions.list()] == [scene.id]
    assert [line.mission.id for line in other.town.missions.list()] == [other.id]
    assert town.desk.store.missions.active() == [scene.id]
    assert len(scene.town.missions.view(scene.id).items) == 2
    with pytest.raises(MissionNotFound):
        other.town.missions.find(scene.id)


def test_the_log_is_newest_first_and_says_what_kind_each_is() -> None:
    """Defect 74, §22, Storage: typed, in one stream of the mission's own, written with the step."""
    scene = Scene()
    scene.go()
    listed = scene.town.missions.events(scene.id, 200)
    ids = [tuple(int(part) for part in identity.split("-")) for identity, _ in listed]
    kinds = {event.event_type for _, event in listed}

    assert ids == sorted(ids, reverse=True)
    assert {
        EventKind.MISSION_STATE_CHANGED, EventKind.MISSION_WORK_PROMOTED, EventKind.MISSION_WORK_ASSIGNED, EventKind.MISSION_WORK_BLOCKED,
        EventKind.REVIEWER_HANDOFF, EventKind.REVIEWER_APPROVAL,
    } <= kinds  # fmt: skip
    assert len(scene.town.missions.events(scene.id, 2)) == 2


def test_what_triggers_and_what_is_done_is_logged_as_that() -> None:
    """Defect 74."""
    scene = Scene(reviewer_required=False)
    scene.pull(checks=(bad(),))
    scene.tick()
    scene.report()
    scene.tick()
    scene.merge()
    scene.tick(ROUND)

    assert {EventKind.MISSION_WATCH_TRIGGERED, EventKind.MISSION_WORK_COMPLETED} <= {event.event_type for event in scene.events()}


def test_a_tick_that_changes_nothing_writes_nothing() -> None:
    """Defect 15: the version is that of the last change."""
    scene = Scene(reviewer_required=False)
    scene.pull(checks=(running(),))
    scene.tick()
    scene.report()
    scene.tick()
    before = scene.town.missions.view(scene.id)
    scene.tick()

    after = scene.town.missions.view(scene.id)
    assert (after.mission, after.items, after.watches) == (before.mission, before.items, before.watches)


def test_missions_are_listed_with_how_far_they_are() -> None:
    """§22, Storage: all of them, or those that have not ended."""
    scene = Scene(planned(1), planned(2, 1), reviewer_required=False)
    scene.says[1] = "by hand"
    scene.tick()
    scene.report(1)
    scene.tick()
    (line,) = scene.town.missions.list()
    assert (line.items_total, line.items_done, line.items_failed) == (2, 1, 0)

    scene.town.missions.fail(scene.id, "enough", by="rob")
    assert list(scene.town.missions.list()) == []
    assert [line.mission.state for line in scene.town.missions.list(active_only=False)] == [MissionState.FAILED]


KINDS = {kind: kind in {WorkKind.IMPLEMENT, WorkKind.TEST} for kind in WorkKind if kind is not WorkKind.REVIEW}


@pytest.mark.parametrize(("kind", "reviewed"), KINDS.items())
def test_what_is_made_or_tested_is_reviewed(kind: WorkKind, reviewed: bool) -> None:
    """§14: the other kinds are not; with the policy, none is."""
    scene = Scene(planned(1, kind=kind), agents={"ada": "backend", "rex": "reviewer"})
    scene.says[1] = "by hand"
    scene.go()

    assert bool(scene.tasks(MissionTask.REVIEW)) is reviewed
    assert scene.item().status is WorkStatus.DONE


def test_an_item_follows_its_task() -> None:
    """§22, Scheduler: with whom it is, and whether that has taken it up, whoever moves it."""
    scene = Scene(agents={"ada": "backend", "bob": "frontend"})
    scene.tick()
    scene.deliver()
    assert scene.item().status is WorkStatus.ASSIGNED
    scene.town.tasks.requeue(scene.task().id, "bob")
    scene.tick()
    assert scene.holder() == "bob"

    seen = []

    def watched(town: object, turn: object) -> None:
        seen.append(scene.tick().status)

    bob = scene.town.agents.find("bob")
    scene.deliver()
    scene.town.take_turn(bob.id, watched)
    assert seen == [WorkStatus.RUNNING]
    assert scene.item().author == bob.id


def test_done_work_lets_the_next_begin_in_the_same_tick() -> None:
    """§11.3: dependants are promoted with what they waited for."""
    scene = Scene(planned(1), planned(2, 1), planned(3, 2), reviewer_required=False)
    assert [scene.item(number).waiting_on for number in (2, 3)] == [Waiting.DEPENDENCY] * 2
    scene.tick()
    scene.report(1, "by hand")
    scene.tick()

    assert [scene.item(number).status for number in (1, 2, 3)] == [WorkStatus.DONE, WorkStatus.ASSIGNED, WorkStatus.PENDING]


def test_a_mission_without_work_does_not_begin() -> None:
    """Defect 25."""
    town = rehearse()
    with pytest.raises(InvalidValue):
        town.missions.start(Plan(objectives=(), items=()))

    assert list(town.missions.list(active_only=False)) == []


def test_settings_are_the_policy_unless_said_otherwise() -> None:
    """Defect 72: none of them is a dead letter."""
    town = rehearse(mission={"max_parallel_items": 7, "reviewer_required": False, "auto_merge": True, "watch_interval_secs": 60})
    scene = Scene(town=town, max_parallel_items=3)

    assert scene.mission.policy == Policy(max_parallel_items=3, reviewer_required=False, auto_merge=True, watch_interval_secs=60)


def test_a_review_is_completed_with_a_verdict_only() -> None:
    """Defect 29: no words stand for one."""
    scene = Scene()
    scene.tick()
    scene.report()
    scene.tick()
    with pytest.raises(InvalidValue):
        scene.town.tasks.complete(scene.task().id, "Rejected, because it is ugly")

    assert scene.tick().waiting_on is Waiting.REVIEW
    assert scene.task().state is not TaskState.COMPLETED


def test_agents_need_not_know_of_missions() -> None:
    """Work that names no pull request goes past the gates that are there, and ends."""
    scene = Scene(reviewer_required=False)
    scene.town.answer_bells(does_everything)

    assert scene.mission.state is MissionState.COMPLETED
    with pytest.raises(WrongState):
        scene.town.missions.resume(scene.id, by="rob")
