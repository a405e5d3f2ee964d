"""A clock's life: it makes time pass, alone among others, and hands over when it ends, dies or sleeps."""

from __future__ import annotations

import signal

from tests.acceptance.household import Household
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.agent import AgentState
from tinytown.domain.task import TaskState

LEASE = 2.0
SLACK = 3.0  # two cores, other tests


def test_tasks_are_assigned_where_there_is_a_clock_and_no_worker(household: Household) -> None:
    household.spawn("ada")
    clock = household.clock()

    task = household.town.assign("ada", "echo later")
    wait_until(lambda: household.task(task).state is TaskState.ASSIGNED)

    assert household.town.workers.all() == []
    assert clock.terminated() == 0


def test_a_standby_takes_over_within_the_lease_when_the_leader_dies(household: Household) -> None:
    leader = household.clock()
    leader.says("leading")
    standby = household.clock()
    _, epoch = household.town.leader()

    leader.kill()
    wait_until(lambda: household.town.leader()[1] == epoch + 1, LEASE + SLACK)

    standby.says(f"leading, epoch {epoch + 1}")


def test_a_leader_that_is_told_to_end_hands_over_at_once(household: Household) -> None:
    """The next one need not wait for the lease to run out: here it would be a minute."""
    settings = household.folder / "tinytown.toml"
    settings.write_text(settings.read_text().replace("leader_lease_secs = 2", "leader_lease_secs = 12"))
    leader = household.clock()
    leader.says("leading")
    standby = household.clock()

    status = leader.terminated()
    standby.says("leading", timeout=6)

    assert status == 0


def test_a_leader_that_slept_past_its_lease_does_no_harm(household: Household) -> None:
    """While it slept another led and brought a dead worker's turn back; waking, it brings back nothing twice."""
    household.spawn("ada")
    sleeper = household.clock()
    sleeper.says("leading")
    standby = household.clock()
    worker = household.worker("--queues", "agents")
    task = household.gated("ada")

    sleeper.signal(signal.SIGSTOP)
    worker.kill()
    standby.says("leading", timeout=LEASE + SLACK)
    wait_until(lambda: household.task(task).state is TaskState.ASSIGNED, 10)
    sleeper.signal(signal.SIGCONT)
    sleeper.says("another clock leads now")
    household.worker("--queues", "agents")
    household.open()
    after = household.town.wait(task.id, 15)

    assert (after.state, after.attempt) == (TaskState.COMPLETED, 2)
    assert len(household.runs_of()) == 2
    assert sleeper.output.count("leading, epoch") == 1


def test_agents_without_a_worker_go_cold_and_mail_wakes_them(household: Household) -> None:
    household.spawn("ada")
    household.clock()
    wait_until(lambda: household.town.agents.find("ada").state is AgentState.COLD, 20)

    task = household.town.assign("ada", "echo warm")
    household.worker()

    assert household.town.wait(task.id, 10).result == "warm\n"


def test_a_doorbell_that_was_lost_is_rung_again(household: Household) -> None:
    household.spawn("ada")
    task = household.town.assign("ada", "echo found")
    connection = household.town.desk.store.connection
    for queue in ("control", "agents"):
        connection.call("DEL", f"tt:quick:dramatiq:{queue}", f"tt:quick:dramatiq:{queue}.msgs")

    household.clock()
    household.worker()

    assert household.town.wait(task.id, 20).result == "found\n"


def test_a_clock_leads_again_after_redis_was_away(shaky: Household, own_server: Server) -> None:
    shaky.spawn("ada")
    clock = shaky.clock()
    clock.says("leading")
    clock_name, _ = shaky.town.leader()

    own_server.stop()
    clock.says("waiting for Redis")
    own_server.start()
    clock.says("Redis answers again after")
    wait_until(lambda: shaky.town.leader()[0] == clock_name, 10)
    task = shaky.town.assign("ada", "echo done")
    shaky.worker("--queues", "agents")

    assert shaky.town.wait(task.id, 15).result == "done\n"
    assert clock.output.count("waiting for Redis") == 1
    assert clock.terminated() == 0


def test_what_has_been_finished_for_long_is_forgotten(household: Household) -> None:
    household.spawn("ada")
    household.worker()
    task = household.town.wait(household.town.assign("ada", "echo old").id, 10)
    connection = household.town.desk.store.connection
    connection.call("ZADD", "tt:quick:tasks:completed", "XX", 1, task.id)
    household.clock()

    wait_until(lambda: household.town.desk.store.tasks.get(task.id) is None, 20)

    assert household.town.events.counters()["completed"] == 1
