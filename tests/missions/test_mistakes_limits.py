"""Defects 24-27: everything comes to an end, good or bad, or somebody is told what it waits for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.missions.stage import (
    GOOD,
    Agents,
    begin,
    deliver,
    item,
    later,
    live_tasks,
    made,
    mission_of,
    plan,
    planned,
    pull,
    reason,
    ref,
    task_of,
    tick,
    turn,
    watches,
)
from tinytown.domain.mission import MissionState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import InvalidValue, RedisUnavailable
from tinytown.planning.graph import Plan
from tinytown.testing import Rehearsal


def submit(town: Rehearsal, mission: Any, result: str) -> None:
    """Complete the work of the first item."""
    town.tasks.complete(task_of(town, mission, 1).id, result)
    deliver(town)


def test_a_result_that_names_no_pull_request_is_asked_for_again(town: Rehearsal) -> None:
    """Defect 24: what it names is an issue, say; nothing watches that for ever, and it ends after some attempts."""
    mission = begin(town, 1, max_attempts=2)
    deliver(town)

    submit(town, mission, "see acme/shop#77")
    asked = task_of(town, mission, 1)
    deliver(town)
    submit(town, mission, "see acme/shop#78")

    assert asked.mission_task is MissionTask.FIX
    assert "names acme/shop#77, but that is no pull request" in asked.description
    assert watches(town, mission) == []
    assert mission_of(town, mission).state is MissionState.FAILED


@pytest.mark.parametrize(
    "result", ["made it, see https://", "acme/shop#", "#1", "acme/shop#1 is closed", "https://github.com/acme/shop/pull/x"]
)
def test_what_is_no_reference_makes_no_watch(town: Rehearsal, result: str) -> None:
    """Defect 24: nor does the issue that the item itself comes from."""
    mission = begin(town, 1)
    deliver(town)

    submit(town, mission, result)

    assert watches(town, mission) == []
    assert item(town, mission, 1).waiting_on is Waiting.REVIEW


def test_a_mission_with_nothing_to_do_is_refused(town: Rehearsal) -> None:
    """Defect 25."""
    with pytest.raises(InvalidValue, match="nothing to do"):
        town.missions.start(Plan())
    with pytest.raises(InvalidValue, match="policy"):
        town.missions.start(Plan(items=plan(1).items, policy={"max_parallel_items": 0}))

    assert town.missions.list(active_only=False) == []


def test_a_start_that_fails_leaves_nothing(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 25."""
    connection = town.desk.store.connection
    before = sorted(connection.call("KEYS", "*"))

    def crash(*_: object, **__: object) -> None:
        raise RedisUnavailable("redis", "gone")

    with monkeypatch.context() as patch:
        patch.setattr(type(town.desk.store.missions), "store", crash)
        with pytest.raises(RedisUnavailable):
            begin(town, 1)

    assert sorted(connection.call("KEYS", "*")) == before


def test_an_item_fails_after_its_attempts_and_the_mission_with_it(town: Rehearsal) -> None:
    """Defect 26: others that do not depend on it are finished first."""
    mission = begin(town, 1, planned(2, 1), 3, max_attempts=2, max_parallel_items=1, reviewer_required=False)
    for _ in range(2):
        deliver(town)
        town.tasks.fail(task_of(town, mission, 1).id, "no idea")
    deliver(town)
    states = [each.status for each in town.missions.view(mission).items]
    town.tasks.complete(task_of(town, mission, 3).id, "done")
    deliver(town)

    assert states == [WorkStatus.FAILED, WorkStatus.PENDING, WorkStatus.ASSIGNED]
    assert mission_of(town, mission).state is MissionState.FAILED
    assert [each.status for each in town.missions.view(mission).items] == [WorkStatus.FAILED, WorkStatus.CANCELLED, WorkStatus.DONE]
    assert "no idea" in town.sent[-1].body


@pytest.mark.parametrize("limit", ["item_timeout_secs", "timeout_secs"])
def test_what_takes_too_long_fails(town: Rehearsal, limit: str) -> None:
    """Defect 26: and nobody is at it any more."""
    mission = begin(town, 1, **{limit: 1000})
    deliver(town)
    later(town, 999)
    tick(town, mission)
    early = mission_of(town, mission).state

    later(town, 2)
    tick(town, mission)
    deliver(town)

    assert (early, mission_of(town, mission).state) == (MissionState.RUNNING, MissionState.FAILED)
    assert live_tasks(town, mission) == []
    assert "1000 seconds" in str(mission_of(town, mission).blocked_reason)


def test_a_mission_fails_when_its_tasks_are_used_up(town: Rehearsal) -> None:
    """Defect 26."""
    mission = begin(town, 1, max_tasks=2)
    for _ in range(3):
        deliver(town)
        for task in live_tasks(town, mission):
            town.tasks.fail(task.id, "no idea")
    deliver(town)

    assert mission_of(town, mission).tasks_made == 2
    assert mission_of(town, mission).state is MissionState.FAILED


def test_waiting_for_people_takes_no_time_of_an_item_and_mending_does_again(town: Rehearsal) -> None:
    """Defect 26: a merge may take weeks; a new commit's review after that may not."""
    mission = made(town, 1, item_timeout_secs=1000)
    turn(town, "rex")
    assert (item(town, mission, 1).waiting_on, item(town, mission, 1).deadline_at) == (Waiting.MERGE, None)
    later(town, 100_000)
    town.agents.kill("rex")
    pull(town, 101, head="newer")

    tick(town, mission)
    waiting = item(town, mission, 1)
    later(town, 1001)
    tick(town, mission)

    assert (waiting.waiting_on, waiting.deadline_at is not None) == (Waiting.REVIEW, True)
    assert item(town, mission, 1).status is WorkStatus.FAILED


def test_a_dependency_that_is_gone_is_told(town: Rehearsal) -> None:
    """Defect 27."""
    mission = begin(town, 1, planned(2, 1))
    gone = item(town, mission, 1).id
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("HDEL", keys.mission_work(mission), gone)

    tick(town, mission)

    assert "depends on an item that is gone" in reason(town, mission)
    assert gone in item(town, mission, 2).waiting_for
    assert mission_of(town, mission).state is MissionState.RUNNING


def test_good_work_in_the_end_completes_the_mission(town: Rehearsal) -> None:
    """The other end, for comparison."""
    mission = made(town, 1, auto_merge=True)
    town.answer_bells(Agents())

    tick(town, mission)
    deliver(town)

    assert ref(101) in [which for which, _ in town.hub.merged]
    assert mission_of(town, mission).state is MissionState.COMPLETED
    assert town.hub.pulls[ref(101).key].checks == GOOD
