"""Defects 3-5: lost updates, missions that fall out of the index, and errors that spread."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.missions.stage import begin, deliver, item, later, live_tasks, made, mission_of, pull, ref, task_of, tick, watch
from tinytown.domain.errand import AddTask
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import PullRequest
from tinytown.domain.watch import WatchKind
from tinytown.domain.work_item import Waiting
from tinytown.errors import RedisUnavailable
from tinytown.missions.commands import Command, PullMoved, Tick
from tinytown.missions.reducer import reduce
from tinytown.missions.snapshot import Decision
from tinytown.services.errands import ErrandRunner
from tinytown.services.mission_ledger import MissionLedger
from tinytown.services.roster import facts_about
from tinytown.testing import Rehearsal


def decided(town: Rehearsal, mission: MissionId) -> Decision:
    """What a tick would make of the mission, as it is now; not stored."""
    snapshot = town.desk.store.missions.load(mission)
    assert snapshot is not None
    return reduce(snapshot, Tick(facts=facts_about(town.desk, snapshot)), town.clock.now())


def ledger(town: Rehearsal) -> MissionLedger:
    """The place where commands become changes."""
    return MissionLedger(town.desk, ErrandRunner(town.desk, town.tasks, town.notifications))


def in_the_middle_of_a_look(town: Rehearsal, monkeypatch: pytest.MonkeyPatch, step: Callable[[], object]) -> None:
    """Have something happen once, while the next question to GitHub is under way."""
    asked, rest = town.hub.pull, [step]

    def pull_slowly(which: PullRef) -> PullRequest:
        if rest:
            rest.pop()()
        return asked(which)

    monkeypatch.setattr(town.hub, "pull", pull_slowly)


def test_a_tick_that_began_before_a_stop_does_not_undo_it(town: Rehearsal) -> None:
    """Defect 3."""
    mission = begin(town, 1)
    late = decided(town, mission)
    town.missions.stop(mission, by="me")

    answer = town.desk.store.missions.store(late)

    assert answer == "stale"
    assert mission_of(town, mission).hold is Hold.STOPPED
    assert live_tasks(town, mission) == []


def test_a_tick_that_began_before_a_submission_does_not_lose_it(town: Rehearsal) -> None:
    """Defect 3: the result of a task that was settled meanwhile stays on the item."""
    mission = begin(town, 1)
    deliver(town)
    late = decided(town, mission)
    pull(town, 101)
    town.tasks.complete(task_of(town, mission, 1).id, ref(101).url)
    tick(town, mission)

    town.desk.store.missions.store(late)
    tick(town, mission)

    assert item(town, mission, 1).pull == ref(101)
    assert item(town, mission, 1).waiting_on is Waiting.REVIEW


def test_a_look_does_not_undo_what_is_said_meanwhile(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 3: a note, and an override, during a look are kept, and so is what the look saw."""
    mission = made(town, 1)
    later(town, 200)
    pull(town, 101, head="newer")
    checks = watch(town, mission, WatchKind.PR_CHECKS).id

    def meanwhile() -> None:
        town.missions.note(mission, "mind the gap")
        town.missions.override_watch(mission, checks, "it is known to fail", by="me")

    in_the_middle_of_a_look(town, monkeypatch, meanwhile)

    tick(town, mission)

    assert item(town, mission, 1).head == "newer"
    assert watch(town, mission, WatchKind.PR_CHECKS).override is not None
    assert [note.body for note in town.missions.view(mission).notes] == ["mind the gap"]


def test_a_command_that_comes_second_is_made_anew(town: Rehearsal) -> None:
    """Defect 3: of two commands at one moment neither is lost."""
    mission = made(town, 1)
    calls: list[int] = []

    def make(_: object) -> Command:
        if not calls:
            calls.append(1)
            town.missions.note(mission, "first")
        return PullMoved(ref=ref(101))

    later(town, 10)
    ledger(town).apply(mission, make)

    assert len(town.missions.view(mission).notes) == 1
    assert watch(town, mission, WatchKind.MERGEABILITY).next_due_at == town.clock.now()


@pytest.mark.parametrize("how", ["command", "note"])
def test_a_stopped_mission_is_driven_again_when_it_is_resumed(town: Rehearsal, how: str) -> None:
    """Defect 4: by whatever way, and if its bell is lost as well."""
    mission = begin(town, 1)
    tick(town, mission)
    town.missions.stop(mission, by="me")
    tick(town, mission)
    town.lose_bells()
    assert town.desk.store.missions.active() == []

    if how == "command":
        town.missions.resume(mission, by="me")
    else:
        town.missions.note(mission, "resume")
    town.lose_bells()
    rung = town.mission_ticks.ring_due()
    deliver(town)

    assert rung == 1
    assert mission_of(town, mission).state is MissionState.RUNNING
    assert town.desk.store.missions.active() == [mission]
    assert len(live_tasks(town, mission)) == 1


def test_resuming_what_runs_changes_nothing_and_is_no_error(town: Rehearsal) -> None:
    """Defect 4."""
    mission = begin(town, 1)
    tick(town, mission)

    moved = town.missions.resume(mission, by="me")

    assert moved.before is MissionState.RUNNING
    assert town.desk.store.missions.active() == [mission]
    assert len(live_tasks(town, mission)) == 1


def test_one_mission_that_fails_stops_no_other(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 5: and its lease is given up at once."""
    bad, good = sorted([begin(town, 1), begin(town, 2)])
    keys, connection = town.desk.store.keys, town.desk.store.connection
    deliver(town)
    record = connection.call("GET", keys.mission(bad))
    connection.call("SET", keys.mission(bad), b"{damaged")

    ticked = town.mission_ticks.tick_all()
    connection.call("SET", keys.mission(bad), record)

    assert [each.mission_id for each in ticked] == [good]
    assert connection.call("EXISTS", keys.dispatch_lock(bad)) == 0
    assert tick(town, bad).driven


def test_an_outage_in_the_middle_of_a_tick_leaves_what_the_next_one_finishes(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 5."""
    mission = begin(town, 1)

    def broken(*_: object) -> None:
        raise RedisUnavailable("redis", "gone")

    with monkeypatch.context() as patch:
        patch.setattr(ErrandRunner, "run", broken)
        with pytest.raises(RedisUnavailable):
            tick(town, mission)
    assert [type(errand) for errand in mission_of(town, mission).errands] == [AddTask]

    assert tick(town, mission).driven
    assert mission_of(town, mission).errands == ()
    assert len(live_tasks(town, mission)) == 1
