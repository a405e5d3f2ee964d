"""Defects 12-16: what a tick costs, and that nothing is written when nothing happens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests.contract.test_scale import Counting
from tests.missions.stage import begin, deliver, later, made, mission_of, pull, ref, tick, watch, watches
from tinytown.domain.mission import Mission
from tinytown.domain.watch import WatchKind
from tinytown.testing import Rehearsal, rehearse

SEARCHES = {"KEYS", "SCAN", "HSCAN", "SSCAN", "ZSCAN"}


def cost(town: Rehearsal, step: Callable[[Rehearsal], object]) -> Counting:
    """What a step asks of Redis, at the town's own moment and with its pull requests."""
    counting = Counting(town.desk.store.connection)
    twin = rehearse(town.name, connection=counting, at=town.clock.at)  # type: ignore[arg-type]  # nobody listens here
    twin.hub = town.hub
    step(twin)
    return counting


def test_a_tick_costs_the_same_however_many_tasks_the_town_has(town: Rehearsal) -> None:
    """Defect 12."""
    mission = made(town, 1)
    tick(town, mission)
    deliver(town)
    few = cost(town, lambda twin: tick(twin, mission))
    for number in range(200):
        town.tasks.stored(town.tasks.new(f"task {number}"))

    many = cost(town, lambda twin: tick(twin, mission))

    assert many.commands == few.commands
    assert many.received == few.received
    assert not SEARCHES & set(many.commands)


def test_a_tick_costs_the_same_however_many_missions_there_are(town: Rehearsal) -> None:
    """Defect 12."""
    mission = made(town, 1)
    tick(town, mission)
    few = cost(town, lambda twin: tick(twin, mission))
    for number in range(2, 12):
        begin(town, number)

    many = cost(town, lambda twin: tick(twin, mission))

    assert many.commands == few.commands


def test_listing_missions_and_asking_for_health_search_nothing(town: Rehearsal) -> None:
    """Defect 12: and health reads no mission at all."""
    for number in range(1, 6):
        begin(town, number)

    listed = cost(town, lambda twin: twin.missions.list())
    health = cost(town, lambda twin: twin.health.check())

    assert not SEARCHES & {*listed.commands, *health.commands}
    assert health.received < listed.received / 5


def test_an_item_reads_its_own_task_only(town: Rehearsal) -> None:
    """Defect 12: many that ended long ago are not read again."""
    mission = begin(town, 1, max_attempts=50)
    deliver(town)
    few = cost(town, lambda twin: tick(twin, mission))
    for _ in range(20):
        town.tasks.cancel(str(town.missions.view(mission).items[0].task_id))  # type: ignore[arg-type]
        tick(town, mission)
        deliver(town)

    many = cost(town, lambda twin: tick(twin, mission))

    assert len(many.commands) == len(few.commands)


def test_of_notes_only_the_newest_are_kept(town: Rehearsal) -> None:
    """Defect 13: and those that nobody has dealt with."""
    mission = begin(town, 1)
    for number in range(130):
        later(town, 0.01)
        town.missions.note(mission, f"note {number}")
    assert len(town.missions.view(mission).notes) == 130

    tick(town, mission)
    deliver(town)
    town.missions.note(mission, "one more")
    kept = {note.body for note in town.missions.view(mission).notes}

    assert len(kept) == 101
    assert {"one more", "note 129", "note 30"} <= kept
    assert "note 29" not in kept


def test_a_note_is_dealt_with_once(town: Rehearsal) -> None:
    """Defect 13."""
    mission = begin(town, 1)
    town.missions.note(mission, "mind the gap")

    counts = [tick(town, mission).notes for _ in range(3)]

    assert counts == [1, 0, 0]


def test_four_watches_of_a_pull_request_ask_once(town: Rehearsal) -> None:
    """Defect 14."""
    mission = made(town, 1)
    for _ in range(3):
        later(town, 181)
        asked = town.hub.asked

        ticked = tick(town, mission)

        assert ticked.looks == 1
        assert town.hub.asked == asked + 1
    assert len(watches(town, mission)) == 4


def test_two_items_with_one_pull_request_ask_once(town: Rehearsal) -> None:
    """Defect 14."""
    mission = begin(town, 1, 2, reviewer_required=False)
    pull(town, 7)
    for _ in range(2):
        deliver(town)
        for item in town.missions.view(mission).items:
            if item.task_id is not None:
                town.tasks.complete(item.task_id, ref(7).url)
                tick(town, mission)
    assert len(watches(town, mission)) == 8
    later(town, 181)
    asked = town.hub.asked

    tick(town, mission)

    assert town.hub.asked == asked + 1


def test_between_looks_nobody_is_asked(town: Rehearsal) -> None:
    """Defect 14."""
    mission = made(town, 1)
    asked = town.hub.asked

    tick(town, mission, times=5)

    assert town.hub.asked == asked


@pytest.mark.parametrize("seconds", [0, 30])
def test_a_tick_in_which_nothing_happens_writes_nothing(town: Rehearsal, seconds: int) -> None:
    """Defect 15: so `updated_at` is the last change."""
    mission = made(town, 1)
    tick(town, mission)
    before = mission_of(town, mission)
    later(town, seconds)

    tick(town, mission, times=3)

    assert mission_of(town, mission) == before


def test_a_look_that_sees_nothing_new_leaves_the_items_alone(town: Rehearsal) -> None:
    """Defect 15: only when it was looked at is written."""
    mission = made(town, 1)
    tick(town, mission)
    before = town.missions.view(mission).items[0]
    later(town, 181)

    tick(town, mission)

    after = town.missions.view(mission).items[0]
    assert changed(before, after) <= {"version", "updated_at", "next_check_at"}
    assert watch(town, mission, WatchKind.MERGEABILITY).last_check_at == town.clock.now()
    assert mission_of(town, mission).last_progress_at == before_progress(before.updated_at, mission_of(town, mission))


def changed(before: object, after: object) -> set[str]:
    """The members in which two records differ."""
    return {name for name in before.__struct_fields__ if getattr(before, name) != getattr(after, name)}  # type: ignore[attr-defined]


def before_progress(moment: datetime, mission: Mission) -> datetime | None:
    """The last progress, if it was no later than that moment."""
    progress = mission.last_progress_at
    return progress if progress is not None and progress <= moment else None


def test_starting_a_mission_asks_nobody_outside(town: Rehearsal) -> None:
    """Defect 16: a plan is made before; to begin it is one write."""
    counting = cost(town, lambda twin: begin(twin, 1, 2, 3))

    assert town.hub.asked == 0
    assert counting.trips <= 4
