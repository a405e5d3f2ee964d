"""Workers: who they are, what each is at, and how they are asked to go."""

from __future__ import annotations

import pytest

from tests.contract.mail import send
from tinytown.domain.agent import Agent
from tinytown.domain.worker import Drain, Worker, WorkerState
from tinytown.errors import AmbiguousReference, WorkerBusy, WorkerNotFound
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal


def heard_of(town: Rehearsal, *ids: str, running: tuple[str, ...] = ()) -> None:
    """Workers that serve turns, in the order of their coming."""
    for place, name in enumerate(ids):
        host, pid, _ = name.split(":")
        town.workers.announce(
            Worker(id=name, host=host, pid=int(pid), queues=("agents",), concurrency=4, running=running, started_at=place)
        )


def turn_on(town: Rehearsal, agent: Agent, worker: str) -> Turn:
    """A turn that a worker has begun."""
    send(town, agent.name, "one")
    turn = town.begin_turn(agent.id, worker=worker)
    assert turn is not None
    return turn


@pytest.mark.parametrize("reference", ["build-1:7:ab", "build-1", "build-1:7", "build-1:7:a"])
def test_a_worker_is_found_by_its_id_or_host_or_the_beginning(town: Rehearsal, reference: str) -> None:
    heard_of(town, "build-1:7:ab", "build-10:7:cd")

    assert town.workers.find(reference).id == "build-1:7:ab"


@pytest.mark.parametrize("reference", ["", "nobody", "build-1:8"])
def test_nobody_is_a_typed_error(town: Rehearsal, reference: str) -> None:
    heard_of(town, "build-1:7:ab")

    with pytest.raises(WorkerNotFound):
        town.workers.drain(reference)


def test_who_could_be_several_is_a_typed_error(town: Rehearsal) -> None:
    heard_of(town, "build-1:7:ab", "build-1:8:cd")

    with pytest.raises(AmbiguousReference, match="build-1:7:ab, build-1:8:cd"):
        town.workers.drain("build-1")


def test_as_many_may_go_as_the_signal_says_and_the_newest_first(town: Rehearsal, ada: Agent) -> None:
    heard_of(town, "a:1:x", "b:2:x", "c:3:x", "d:4:x")
    turn_on(town, ada, "c:3:x")
    town.workers.drain("a")

    standings = {each.worker.id: each for each in town.workers.standings()}
    signal = town.scaling.signal().workers

    assert [each.state for each in standings.values()] == [WorkerState.DRAINING, WorkerState.IDLE, WorkerState.BUSY, WorkerState.IDLE]
    assert [each.removable for each in standings.values()] == [False, True, False, True]
    assert (signal.idle, signal.busy, signal.draining, signal.removable_now) == (2, 1, 1, 2)
    assert (standings["c:3:x"].turns, town.workers.standing("c").worker.id) == (1, "c:3:x")


def test_who_is_asked_is_draining_at_once_and_to_everybody(town: Rehearsal) -> None:
    heard_of(town, "a:1:x", "b:2:x")

    asked, again = town.workers.drain("a"), town.workers.drain("a")

    assert asked.draining
    assert again.draining
    assert [worker.draining for worker in town.workers.all()] == [True, False]
    assert [worker.draining for worker in town.census().workers] == [True, False]
    assert (town.workers.asked_to_drain("a:1:x"), town.workers.asked_to_drain("b:2:x")) == (Drain.GRACE, None)


def test_only_an_idle_worker_is_asked_where_that_was_wanted(town: Rehearsal, ada: Agent) -> None:
    heard_of(town, "a:1:x")
    turn = turn_on(town, ada, "a:1:x")

    with pytest.raises(WorkerBusy):
        town.workers.drain("a", only_idle=True)
    refused = town.workers.asked_to_drain("a:1:x")
    town.turns.end(turn, Ending())
    town.workers.drain("a", only_idle=True)

    assert refused is None
    assert town.workers.asked_to_drain("a:1:x") is Drain.IDLE


@pytest.mark.usefixtures("ada")
def test_who_still_ends_a_turn_that_it_lost_is_not_idle(town: Rehearsal) -> None:
    """It has no lease any more, and a program of it runs."""
    heard_of(town, "a:1:x", running=("somebody",))

    with pytest.raises(WorkerBusy):
        town.workers.drain("a", only_idle=True)


def test_an_idle_drain_can_become_one_that_ends_turns_and_not_the_other_way(town: Rehearsal) -> None:
    heard_of(town, "a:1:x")

    town.workers.drain("a", only_idle=True)
    town.workers.drain("a")
    town.workers.drain("a", only_idle=True)

    assert town.workers.asked_to_drain("a:1:x") is Drain.GRACE


def test_what_a_worker_was_asked_goes_with_it(town: Rehearsal) -> None:
    heard_of(town, "a:1:x")
    town.workers.drain("a")

    town.workers.withdraw("a:1:x")

    assert town.workers.asked_to_drain("a:1:x") is None
    assert town.desk.store.connection.call("EXISTS", town.desk.store.keys.drains) == 0


def test_requests_to_workers_that_were_killed_do_not_pile_up(town: Rehearsal) -> None:
    heard_of(town, "a:1:x", "b:2:x")
    town.workers.drain("a")
    long_ago = town.desk.store.turns.now_ms() - 86_400_001
    town.desk.store.connection.call("HSET", town.desk.store.keys.drains, "killed:3:x", f"grace {long_ago}")

    town.workers.drain("b")

    asked = town.desk.store.connection.call("HKEYS", town.desk.store.keys.drains)
    assert sorted(asked) == [b"a:1:x", b"b:2:x"]


def test_a_request_outlives_a_registration_that_ran_out(town: Rehearsal) -> None:
    """Redis hung for long enough that the worker was no more on the list; it hears of it all the same."""
    heard_of(town, "a:1:x")
    town.workers.drain("a")
    town.desk.store.connection.call("DEL", town.desk.store.keys.worker("a:1:x"))

    lost = town.workers.all()
    heard_of(town, "a:1:x")

    assert lost == []
    assert town.workers.find("a").draining
    assert 0 < town.desk.store.connection.call("PTTL", town.desk.store.keys.drains) <= 86_400_000
