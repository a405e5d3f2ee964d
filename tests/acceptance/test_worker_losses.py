"""What a worker may lose without losing work: its life, its time, its Redis."""

from __future__ import annotations

import signal
import time

from tests.acceptance.household import Household, lists_and_streams
from tests.redis_server.processes import is_running
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.task import TaskState

LEASE_AND_SWEEP = 2.0 + 1.0
SLACK = 4.0  # two cores, other tests


@lists_and_streams
def test_the_turn_of_a_killed_worker_runs_again_within_a_lease_and_a_sweep(household: Household) -> None:
    household.spawn("ada")
    household.clock()
    victim = household.worker("--queues", "agents")
    task = household.gated("ada")
    household.worker("--queues", "agents")
    (child,) = household.runs_of()

    victim.kill()
    wait_until(lambda: len(household.runs_of()) == 2, LEASE_AND_SWEEP + SLACK)
    alive = is_running(child)
    household.open()
    after = household.town.wait(task.id, 10)

    assert not alive, "the program of the killed worker still ran beside the new one"
    assert (after.state, after.attempt) == (TaskState.COMPLETED, 2)


def test_a_worker_that_was_frozen_past_its_lease_changes_nothing(household: Household) -> None:
    household.spawn("ada")
    household.clock()
    frozen = household.worker("--queues", "agents")
    task = household.gated("ada")
    household.worker("--queues", "agents")
    (child,) = household.runs_of()

    frozen.signal(signal.SIGSTOP)
    wait_until(lambda: len(household.runs_of()) == 2, LEASE_AND_SWEEP + SLACK)
    frozen.signal(signal.SIGCONT)
    wait_until(lambda: not is_running(child), message="the late turn's program to be ended")
    between = household.task(task)
    household.open()
    after = household.town.wait(task.id, 10)

    assert (between.state, between.attempt) == (TaskState.RUNNING, 2)
    assert (after.state, after.attempt, after.result) == (TaskState.COMPLETED, 2, "through\n")
    assert frozen.terminated() == 0


def test_a_long_turn_keeps_its_lease(household: Household) -> None:
    """It lasts three leases while the clock sweeps, and runs once."""
    household.spawn("ada")
    household.clock()
    household.worker()

    task = household.town.assign("ada", "sleep 6; echo done")
    after = household.town.wait(task.id, 20)

    assert (after.state, after.attempt) == (TaskState.COMPLETED, 1)


def test_a_worker_waits_for_a_redis_that_is_not_there_yet(shaky: Household, own_server: Server) -> None:
    shaky.spawn("ada")
    task = shaky.town.assign("ada", "echo done")
    own_server.stop()
    worker = shaky.tt("worker")
    worker.says("waiting for Redis")

    own_server.start()

    assert shaky.town.wait(task.id, 15).state is TaskState.COMPLETED
    assert "Redis answers" in worker.output
    assert worker.output.count("waiting for Redis") == 1


def test_a_worker_that_waits_for_redis_can_be_told_to_end(shaky: Household, own_server: Server) -> None:
    own_server.stop()
    worker = shaky.tt("worker")
    worker.says("waiting for Redis")

    assert worker.terminated(5) == 0


@lists_and_streams
def test_a_restart_of_redis_costs_no_turn_and_no_worker(shaky: Household, own_server: Server) -> None:
    shaky.spawn("ada", "bob")
    clock = shaky.clock()
    worker = shaky.worker("--queues", "agents")
    running = shaky.gated("ada")

    own_server.stop()
    worker.says("waiting for Redis")
    clock.says("waiting for Redis")
    own_server.start()
    worker.says("Redis answers again after")
    clock.says("Redis answers again after")
    shaky.open()
    after = shaky.town.wait(running.id, 15)
    new = shaky.town.wait(shaky.town.assign("bob", "echo new").id, 15)

    assert (after.state, after.attempt) == (TaskState.COMPLETED, 1)
    assert new.result == "new\n"
    assert len(shaky.runs_of()) == 1
    assert worker.output.count("waiting for Redis") == 1
    assert (worker.terminated(), clock.terminated()) == (0, 0)


def test_a_turn_survives_a_redis_that_is_away_for_longer_than_its_lease(shaky: Household, own_server: Server) -> None:
    """Nobody could renew a lease meanwhile, so nobody is called dead for it."""
    shaky.spawn("ada")
    shaky.clock()
    shaky.worker("--queues", "agents")
    task = shaky.gated("ada")
    began = time.monotonic()

    own_server.stop_signal()
    wait_until(lambda: time.monotonic() > began + 4, message="two leases")
    own_server.cont_signal()
    wait_until(lambda: time.monotonic() > began + 8, message="the sweeps after that")
    shaky.open()
    after = shaky.town.wait(task.id, 10)

    assert (after.state, after.attempt) == (TaskState.COMPLETED, 1)
    assert len(shaky.runs_of()) == 1


def test_a_worker_ends_when_told_so_although_redis_is_away(shaky: Household, own_server: Server) -> None:
    """It cannot put the mail back then, says so, and leaves that to the lease."""
    shaky.spawn("ada")
    worker = shaky.worker()
    task = shaky.gated("ada")
    (child,) = shaky.runs_of()

    own_server.stop()
    worker.signal(signal.SIGTERM)
    worker.says("draining")
    worker.signal(signal.SIGTERM)
    status = worker.status(15)
    own_server.start()
    shaky.clock()
    shaky.open()
    shaky.worker("--queues", "agents")

    assert status == 1
    assert not is_running(child)
    assert shaky.town.wait(task.id, 20).state is TaskState.COMPLETED
