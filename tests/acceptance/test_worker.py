"""A worker's life: it says that it is there, does turns, drains, and leaves nothing undone."""

from __future__ import annotations

import signal

from tests.acceptance.household import QUICK, Household, lists_and_streams
from tests.redis_server.processes import is_running
from tests.waiting import wait_until
from tinytown.domain.agent import AgentState, StopReason
from tinytown.domain.task import TaskState


def test_a_worker_is_on_the_list_for_as_long_as_it_lives(household: Household) -> None:
    worker = household.worker("--concurrency", "3")
    (listed,) = household.town.workers.all()

    status = worker.terminated()

    assert (listed.pid, listed.concurrency, listed.queues, listed.draining) == (worker.pid, 3, ("agents", "control"), False)
    assert status == 0
    assert household.town.workers.all() == []


def test_as_many_turns_run_at_once_as_it_was_told(household: Household) -> None:
    household.spawn("ada", "bob", "eve")
    household.worker("--concurrency", "2")
    household.gated("ada", "first")
    household.gated("bob", "second")

    third = household.town.assign("eve", "echo third")
    wait_until(lambda: household.task(third).state is TaskState.ASSIGNED)
    wait_until(lambda: len(household.town.workers.all()[0].running) == 2)
    waiting = household.task(third).state
    household.open("first")

    assert waiting is TaskState.ASSIGNED
    assert household.town.wait(third.id, 10).state is TaskState.COMPLETED


def test_a_worker_for_control_only_assigns_and_runs_nothing(household: Household) -> None:
    household.spawn("ada")
    household.worker("--queues", "control")

    task = household.town.assign("ada", "echo never here")
    wait_until(lambda: household.task(task).state is TaskState.ASSIGNED)
    household.worker("--queues", "agents")

    assert household.town.wait(task.id, 10).state is TaskState.COMPLETED


def test_an_unknown_queue_is_refused(household: Household) -> None:
    worker = household.tt("worker", "--queues", "agents,contrl")

    assert worker.status() == 2
    assert "'contrl' is none of agents, control" in worker.output


@lists_and_streams
def test_a_drain_lets_running_turns_end_and_takes_nothing_more(household: Household) -> None:
    household.spawn("ada", "bob")
    worker = household.worker()
    running = household.gated("ada")

    worker.signal(signal.SIGTERM)
    wait_until(lambda: household.town.workers.all()[0].draining)
    late = household.town.assign("bob", "echo late")
    household.open()
    status = worker.status()

    assert status == 0
    assert household.task(running).state is TaskState.COMPLETED
    assert household.task(late).state is TaskState.PENDING
    household.worker()
    assert household.town.wait(late.id, 10).result == "late\n"


def test_a_turn_that_outlasts_the_grace_is_ended_and_its_mail_goes_back_uncounted(household: Household) -> None:
    household.spawn("ada")
    worker = household.worker()
    task = household.gated("ada")
    (child,) = household.runs_of()

    status = worker.terminated()
    after = household.task(task)

    assert status == 0
    assert not is_running(child)
    assert (after.state, after.attempt) == (TaskState.ASSIGNED, 0)
    household.open()
    household.worker()
    assert household.town.wait(task.id, 10).state is TaskState.COMPLETED


def test_ctrl_c_drains_as_sigterm_does(household: Household) -> None:
    household.spawn("ada")
    worker = household.worker()
    task = household.gated("ada")

    worker.signal(signal.SIGINT)
    worker.says("draining")
    household.open()

    assert worker.status() == 0
    assert household.task(task).state is TaskState.COMPLETED


def test_a_second_signal_ends_running_turns_at_once(household: Household) -> None:
    """Neither the worker's grace period nor the turn's own is waited for."""
    (household.folder / "tinytown.toml").write_text(
        QUICK.replace("grace_secs = 1", "grace_secs = 600").replace("grace_secs = 2", "grace_secs = 600")
    )
    household.spawn("ada")
    worker = household.worker()
    started = household.folder / "started"
    task = household.town.assign("ada", f"trap '' TERM; touch {started}; while :; do sleep 0.1; done")
    wait_until(started.exists)

    worker.signal(signal.SIGTERM)
    worker.says("draining")
    worker.signal(signal.SIGTERM)
    status = worker.status(10)
    after = household.task(task)

    assert status == 0
    assert (after.state, after.attempt) == (TaskState.ASSIGNED, 0)
    assert household.town.workers.all() == []


def test_a_worker_that_is_asked_to_drain_finishes_its_turns_and_goes(household: Household) -> None:
    household.spawn("ada", "bob")
    worker = household.worker()
    running = household.gated("ada")

    said = household.tt("workers", "drain", str(household.town.workers.all()[0].id), "--wait", "--timeout", "20")
    worker.says("asked to end: draining, turns that run: 1")
    late = household.town.assign("bob", "echo late")
    household.open()

    assert (said.status(), worker.status()) == (0, 0)
    assert household.task(running).state is TaskState.COMPLETED
    assert household.task(late).state is TaskState.PENDING
    assert household.town.workers.all() == []


def test_one_that_was_asked_as_an_idle_one_has_all_the_time_for_what_it_began_since(household: Household) -> None:
    """No grace period ends a turn that began between the look and the asking."""
    (household.folder / "tinytown.toml").write_text(QUICK.replace("shutdown_grace_secs = 2", "shutdown_grace_secs = 0"))
    household.spawn("ada")
    worker = household.worker()
    keys, connection = household.town.desk.store.keys, household.town.desk.store.connection
    running = household.gated("ada")
    (listed,) = household.town.workers.all()

    connection.call("HSET", keys.drains, listed.id, "idle")  # as if it had been asked just before its turn began
    worker.says("asked to end")
    asked = household.town.workers.all()[0].seen_at
    wait_until(lambda: household.town.workers.all()[0].seen_at > asked)
    household.open()

    assert worker.status() == 0
    assert household.task(running).state is TaskState.COMPLETED


def test_an_idle_worker_puts_its_agents_to_rest_and_goes(household: Household) -> None:
    household.spawn("ada", "bob")
    worker = household.tt("worker", "--idle-timeout", "0.5")
    household.town.wait(household.town.assign("ada", "echo done").id, 10)

    status = worker.status()
    rested, untouched = household.town.agents.find("ada"), household.town.agents.find("bob")
    told = [event.message for _, event in household.town.history()]

    assert status == 0
    assert (rested.state, rested.stop_reason) == (AgentState.STOPPED, StopReason.IDLE_TIMEOUT)
    assert untouched.state is AgentState.STARTING
    assert any("draining" in line for line in told), told
    assert household.town.workers.all() == []


def test_mail_wakes_an_agent_whose_worker_went_for_want_of_work(household: Household) -> None:
    household.spawn("ada")
    worker = household.tt("worker", "--idle-timeout", "0.3")
    household.town.wait(household.town.assign("ada", "echo before").id, 10)
    worker.status()

    task = household.town.assign("ada", "echo after")
    household.worker()

    assert household.town.wait(task.id, 10).result == "after\n"
    wait_until(lambda: household.town.agents.find("ada").state is AgentState.IDLE)


def test_a_worker_whose_turn_runs_is_not_idle(household: Household) -> None:
    household.spawn("ada")
    worker = household.tt("worker", "--idle-timeout", "0.3")

    task = household.town.assign("ada", "sleep 1.5; echo done")

    assert worker.status() == 0
    assert household.task(task).result == "done\n"
    assert household.task(task).attempt == 1


@lists_and_streams
def test_work_that_comes_while_the_worker_goes_is_done_by_somebody(household: Household) -> None:
    """Tasks keep coming just when the worker is about to leave; none is lost with it."""
    household.spawn("ada")
    tasks = []
    worker = household.tt("worker", "--idle-timeout", "0.01")

    for number in range(200):
        tasks.append(household.town.assign("ada", f"echo {number}"))
        if not worker.is_running:
            break
    worker.status()
    household.worker()

    assert [household.town.wait(task.id, 20).state for task in tasks] == [TaskState.COMPLETED] * len(tasks)


def test_a_task_that_is_cancelled_ends_the_program_that_was_at_it(household: Household) -> None:
    household.worker()
    household.spawn("ada")
    task = household.town.assign("ada", "echo $$ > pid; sleep 600")
    pid = household.folder / "pid"
    wait_until(lambda: pid.exists() and pid.read_text().strip())

    household.town.tasks.cancel(task.id)

    wait_until(lambda: household.town.agents.find("ada").state is AgentState.IDLE)
    assert not is_running(int(pid.read_text()))
    assert household.town.tasks.get(task.id).state is TaskState.CANCELLED
