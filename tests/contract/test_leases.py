"""A worker's leases: renewed while turns run, and each turn told when it must end."""

from __future__ import annotations

from datetime import timedelta

from tests.contract.mail import ids, send, turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.turn import TurnReason
from tinytown.services.leases import LeaseKeeper
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def test_a_kept_lease_does_not_run_out(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    keeper = LeaseKeeper(town.desk)

    with keeper.keep(ada.id, turn.epoch) as stop:
        town.let_lease_run_out(ada.id)
        keeper.renew()
        keeper.heed()

    assert town.recovery.sweep().reaped == ()
    assert not stop.is_requested
    assert keeper.running == ()


def test_a_turn_is_told_when_somebody_ends_it(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    keeper = LeaseKeeper(town.desk)

    with keeper.keep(ada.id, turn.epoch) as stop:
        town.agents.interrupt("ada")
        keeper.heed()

    assert stop.reason is TurnReason.CANCELLED


def test_a_turn_that_lost_its_lease_is_told_though_the_next_one_runs_beside_it(town: Rehearsal, ada: Agent) -> None:
    """A worker that was frozen may be given its own agent again before its old turn has ended."""
    send(town, "ada", "one")
    keeper = LeaseKeeper(town.desk)
    old = turn_of(town, ada)
    with keeper.keep(ada.id, old.epoch) as lost:
        town.let_lease_run_out(ada.id)
        town.recovery.sweep()
        new = turn_of(town, ada)
        with keeper.keep(ada.id, new.epoch) as alive:
            keeper.renew()
            running = keeper.running
    with keeper.keep(ada.id, new.epoch) as alive:
        with keeper.keep(ada.id, old.epoch):
            pass
        still = keeper.running

    assert (lost.reason, lost.at_once) == (TurnReason.LOST_LEASE, True)
    assert not alive.is_requested
    assert (running, still) == ((ada.id,), (ada.id,))
    town.turns.end(new, Ending(reason=TurnReason.CANCELLED, returned=ids(new)))


def test_a_worker_that_leaves_ends_all_its_turns(town: Rehearsal, ada: Agent) -> None:
    keeper = LeaseKeeper(town.desk)

    with keeper.keep(ada.id, 1) as stop:
        keeper.cancel_all(at_once=True)

    assert (stop.reason, stop.at_once) == (TurnReason.CANCELLED, True)


def test_one_clock_leads_and_each_new_one_has_a_greater_number(town: Rehearsal) -> None:
    leadership = town.desk.store.leadership
    lease = timedelta(seconds=10)

    answers = [leadership.take("one", lease), leadership.take("two", lease), leadership.take("one", lease)]
    leadership.leave("two")
    still = leadership.leader()
    leadership.leave("one")
    answers.append(leadership.take("two", lease))

    assert answers == [1, 0, 1, 2]
    assert still == ("one", 1)
    assert town.leader() == ("two", 2)
