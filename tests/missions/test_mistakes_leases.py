"""Defects 1 and 2: leases that run out, and two who drive or decide at one moment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.missions.stage import Agents, agent, begin, item, later, live_tasks, made, mission_of, pull, tick
from tinytown.domain.ids import MissionId, new_id
from tinytown.domain.mission import MissionState
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import PullRequest
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import LeaseLost
from tinytown.missions.commands import Stop, Tick
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

    def renew_and_tell(_: object, which: MissionId, token: str, lease: timedelta) -> bool:
        renewed.append(token)
        return renew(which, token, lease)

    def slow(which: PullRef) -> PullRequest:
        seconds[0] += 40
        others.append(town.mission_ticks.tick(mission).driven)
        return asked(which)

    monkeypatch.setattr(town.hub, "pull", slow)
    monkeypatch.setattr(type(town.desk.store.missions), "renew", renew_and_tell)

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


def test_a_command_with_a_stale_lease_is_refused(town: Rehearsal) -> None:
    """Defect 1: even where the record has not changed since."""
    mission = begin(town, 1)

    with pytest.raises(LeaseLost):
        ledger(town).apply(mission, lambda _: Stop(by="me"), lease="an old one")

    assert mission_of(town, mission).state is MissionState.RUNNING
