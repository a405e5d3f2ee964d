"""Defects 1-5: leases that run out, two drivers, lost updates and missions that fall out of the index."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.missions.stage import Agents, agent, begin, deliver, item, later, live_tasks, made, mission_of, pull, ref, task_of, tick, watch
from tinytown.domain.errand import AddTask
from tinytown.domain.ids import MissionId, new_id
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import PullRequest
from tinytown.domain.watch import WatchKind
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import LeaseLost, RedisUnavailable
from tinytown.missions.commands import Command, PullMoved, Stop, Tick
from tinytown.missions.reducer import reduce
from tinytown.missions.snapshot import Decision
from tinytown.services.errands import ErrandRunner
from tinytown.services.mission_ledger import MissionLedger
from tinytown.services.mission_ticks import Ticked
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


def lose_lease(town: Rehearsal, mission: MissionId) -> str:
    """Have the lease run out and another driver take it; answers the other's token."""
    store, token = town.desk.store, new_id()
    store.connection.call("DEL", store.keys.dispatch_lock(mission))
    assert store.missions.take(mission, token, timedelta(seconds=90)) == "taken"
    return token


def test_a_tick_that_lost_its_lease_writes_nothing(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 1."""
    mission = made(town, 1)
    later(town, 200)
    pull(town, 101, head="newer")
    before = mission_of(town, mission).version
    in_the_middle_of_a_look(town, monkeypatch, lambda: lose_lease(town, mission))

    ticked = tick(town, mission)

    assert ticked == Ticked(mission_id=mission, driven=False)
    assert mission_of(town, mission).version == before
    assert item(town, mission, 1).head == "head-101-1"


def test_the_lease_of_another_is_not_given_up(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 1."""
    mission = made(town, 1)
    later(town, 200)
    tokens: list[str] = []
    in_the_middle_of_a_look(town, monkeypatch, lambda: tokens.append(lose_lease(town, mission)))

    tick(town, mission)

    assert town.desk.store.connection.call("GET", town.desk.store.keys.dispatch_lock(mission)) == tokens[0].encode()


def test_a_long_tick_renews_its_lease(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 1: fifteen slow looks take longer than one lease, and nobody gets in between."""
    mission = begin(town, *range(1, 6), max_parallel_items=5, reviewer_required=False)
    town.answer_bells(Agents(), most=100)
    later(town, 200)
    seconds, others = [0.0], []
    monkeypatch.setattr(town.clock, "monotonic", lambda: seconds[0])
    renewed: list[str] = []
    renew, asked = town.desk.store.missions.renew, town.hub.pull

    def slow(which: PullRef) -> PullRequest:
        seconds[0] += 40
        others.append(town.mission_ticks.tick(mission).driven)
        return asked(which)

    monkeypatch.setattr(town.hub, "pull", slow)
    monkeypatch.setattr(type(town.desk.store.missions), "renew", lambda _, *args: renewed.append(args[1]) or renew(*args))

    ticked = tick(town, mission)

    assert (ticked.driven, ticked.looks) == (True, 5)
    assert not any(others)
    assert len(renewed) >= 5


def test_a_lease_that_ran_out_is_not_revived(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 1: who sleeps through its lease stops at the next renewal."""
    mission = made(town, 1)
    later(town, 200)
    seconds = [0.0]
    monkeypatch.setattr(town.clock, "monotonic", lambda: seconds[0])

    def sleep() -> None:
        town.desk.store.connection.call("DEL", town.desk.store.keys.dispatch_lock(mission))
        seconds[0] += 1000

    in_the_middle_of_a_look(town, monkeypatch, sleep)

    assert not tick(town, mission).driven
    assert town.desk.store.connection.call("EXISTS", town.desk.store.keys.dispatch_lock(mission)) == 0


def test_two_ticks_that_see_an_item_ready_make_one_task(town: Rehearsal) -> None:
    """Defect 2."""
    mission = begin(town, 1)
    first, second = decided(town, mission), decided(town, mission)
    store = town.desk.store.missions

    answers = [store.store(first), store.store(second)]
    tick(town, mission)

    assert answers == ["changed", "stale"]
    assert len(live_tasks(town, mission)) == 1
    assert mission_of(town, mission).tasks_made == 1


def test_a_person_and_a_tick_do_not_give_one_item_twice(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 2: an operator redirects between a tick's reading and its writing; the tick decides again."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1)
    store = type(town.desk.store.missions)
    write, rest = store.store, [lambda: town.missions.redirect(mission, None, "bob", by="me")]

    def slow(self: Any, *args: Any, **kwargs: Any) -> str:
        if rest:
            rest.pop()()
        return write(self, *args, **kwargs)

    monkeypatch.setattr(store, "store", slow)

    tick(town, mission)

    assert [task.wanted for task in live_tasks(town, mission)] == [agent(town, "bob")]
    assert item(town, mission, 1).assigned_to == agent(town, "bob")


def test_two_missions_do_not_give_two_items_to_one_agent(town: Rehearsal) -> None:
    """Defect 2: both see ada free; the one that writes second sees her taken."""
    one, two = begin(town, 1), begin(town, 2)
    first, second = decided(town, one), decided(town, two)
    store = town.desk.store.missions

    answers = [store.store(first), store.store(second)]
    tick(town, two)

    assert answers == ["changed", f"taken:{agent(town, 'ada')}"]
    assert item(town, two, 2).status is WorkStatus.READY


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
    calls = []

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


def test_a_command_with_a_stale_lease_is_refused(town: Rehearsal) -> None:
    """Defect 1: even where the record has not changed since."""
    mission = begin(town, 1)

    with pytest.raises(LeaseLost):
        ledger(town).apply(mission, lambda _: Stop(by="me"), lease="an old one")

    assert mission_of(town, mission).state is MissionState.RUNNING
