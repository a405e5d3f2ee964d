"""The five promises of a town, each with somebody who tries to break it.

1. No message and no task is ever lost.
2. A task that is running has a live lease, or is queued again within the lease
   and one sweep.
3. A late worker can change nothing.
4. One agent never runs two turns at once.
5. A message that kills its worker each time ends among the dead letters.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.acceptance.household import QUICK, STREAMS, Household, lists_and_streams
from tests.bells import bells_on, drop_bells, ring_again
from tests.recount import check_town
from tests.redis_server.processes import is_running
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.ids import TaskId
from tinytown.domain.message import ReceiptState
from tinytown.domain.task import Task, TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import RedisUnavailable
from tinytown.town import Town

LEASE_AND_SWEEP = 2.0 + 1.0
LEADER_LEASE = 2.0
SLACK = 4.0  # two cores, other tests
MARKING = """
[agent_clis.marking]
command = "sh marking.sh"
input = "task"
deliver = "stdin"
completes = "exit"
"""
MARKS = """
echo "begin $TINYTOWN_TURN_EPOCH" >> "$TINYTOWN_AGENT_NAME.marks"
read -r word
echo "did $word" >> "$TINYTOWN_AGENT_NAME.marks"
echo "end $TINYTOWN_TURN_EPOCH" >> "$TINYTOWN_AGENT_NAME.marks"
"""


@pytest.fixture
def safe_server(redis_server_binary: Path) -> Iterator[Server]:
    """A server that has on disk whatever it answered, so that it may be killed at any moment."""
    server = Server(redis_server_binary, durable=True, fsync="always")
    server.start()
    yield server
    server.remove()


@pytest.fixture
def town_of_marks(place: Path, home: Path, safe_server: Server, use_streams: bool) -> Iterator[Household]:
    """A town on `safe_server` whose agents leave marks in files."""
    (place / "marking.sh").write_text(MARKS)
    household = Household(place, home, safe_server.url, (STREAMS if use_streams else "") + QUICK + MARKING)
    yield household
    household.close()


@pytest.mark.parametrize(("blow", "use_streams"), [("stop", False), ("kill", False), ("kill", True)])
def test_1_nothing_is_lost_when_redis_is_restarted_under_load(town_of_marks: Household, safe_server: Server, blow: str) -> None:
    town = town_of_marks.town
    agents = [town.spawn(f"agent-{number}", cli="marking").id for number in range(4)]
    town_of_marks.clock()
    worker = town_of_marks.worker()
    tasks = [town.tasks.new(f"task-{number}", wanted=agents[number % 4], max_attempts=9) for number in range(120)]
    feeder = threading.Thread(target=_store, args=(town, tasks))

    feeder.start()
    wait_until(lambda: town.tasks.count()[TaskState.COMPLETED] >= 10, 20)
    safe_server.stop() if blow == "stop" else safe_server.kill()
    safe_server.start()
    feeder.join(30)
    _await_all(town, tasks, TaskState.COMPLETED)
    assert worker.terminated() == 0

    assert {f"task-{number}" for number in range(120)} == set(_did(town_of_marks))
    assert town.events.counters()["completed"] == 120
    check_town(town)


@lists_and_streams
def test_1_nothing_is_lost_when_doorbells_are(town_of_marks: Household) -> None:
    town = town_of_marks.town
    town.spawn("ada", cli="marking")
    first = [town.assign("ada", f"first-{number}") for number in range(5)]
    assigned = drop_bells(town, "control", 1000)
    town_of_marks.clock()  # it serves `control` itself, and rings again for what it finds unanswered
    wait_until(lambda: town.tasks.count()[TaskState.ASSIGNED] == 5, 15)
    second = drop_bells(town, "agents", 1000)
    message = town.send("ada", "by-mail")

    worker = town_of_marks.worker("--queues", "agents")
    _await_all(town, first, TaskState.COMPLETED)

    assert (assigned, second) == (5, 1)
    wait_until(lambda: town.messages.receipt(message.id).state is ReceiptState.SETTLED)
    assert sorted(_did(town_of_marks)) == ["by-mail", *(f"first-{number}" for number in range(5))]
    assert worker.terminated() == 0
    check_town(town)


def test_2_a_running_task_is_queued_again_though_worker_and_clock_die_together(household: Household) -> None:
    household.spawn("ada")
    leader = household.clock()
    wait_until(lambda: _leads(household.town, leader.pid))
    standby = household.clock()
    victim = household.worker("--queues", "agents")
    task = household.gated("ada")

    victim.kill()
    leader.kill()
    wait_until(lambda: household.task(task).state is TaskState.ASSIGNED, LEADER_LEASE + LEASE_AND_SWEEP + SLACK)

    assert _leads(household.town, standby.pid)
    assert household.task(task).failure_reason == TurnReason.WORKER_LOST
    household.open()
    worker = household.worker("--queues", "agents")
    assert household.town.wait(task.id, 20).state is TaskState.COMPLETED
    assert worker.terminated() == 0
    check_town(household.town)


def test_2_a_running_task_is_queued_again_though_the_leader_stands_still(household: Household) -> None:
    """And when it goes on, it finds that another leads, and reaps nobody who is alive."""
    household.spawn("ada")
    leader = household.clock()
    wait_until(lambda: _leads(household.town, leader.pid))
    standby = household.clock()
    victim = household.worker("--queues", "agents")
    task = household.gated("ada")
    household.worker("--queues", "agents")

    leader.signal(signal.SIGSTOP)
    victim.kill()
    wait_until(lambda: len(household.runs_of()) == 2, LEADER_LEASE + LEASE_AND_SWEEP + SLACK)
    leader.signal(signal.SIGCONT)
    wait_until(lambda: "another clock leads now" in leader.output)
    household.open()

    after = household.town.wait(task.id, 20)
    assert (after.state, after.attempt, len(household.runs_of())) == (TaskState.COMPLETED, 2, 2)
    assert _leads(household.town, standby.pid)


def test_3_a_late_worker_changes_nothing_and_its_program_is_ended(household: Household) -> None:
    """The other worker has done the task before the late one wakes."""
    household.spawn("ada")
    household.clock()
    late = household.worker("--queues", "agents")
    task = household.gated("ada")
    (child,) = household.runs_of()

    late.signal(signal.SIGSTOP)
    wait_until(lambda: household.task(task).state is TaskState.ASSIGNED, LEASE_AND_SWEEP + SLACK)
    other = household.worker("--queues", "agents")
    wait_until(lambda: len(household.runs_of()) == 2, 15)
    late.signal(signal.SIGCONT)
    wait_until(lambda: not is_running(child), message="the late turn's program to be ended")
    household.open()
    household.town.wait(task.id, 20)
    assert (late.terminated(), other.terminated()) == (0, 0)

    after = household.task(task)
    assert (after.state, after.attempt) == (TaskState.COMPLETED, 2)
    counters = household.town.events.counters()
    assert (counters["completed"], counters["rounds"], counters["leases_lost"]) == (1, 1, 1)
    check_town(household.town)


@lists_and_streams
def test_4_one_agent_never_runs_two_turns_at_once(town_of_marks: Household) -> None:
    """Each of its doorbells rings twenty times, for three workers."""
    town = town_of_marks.town
    agents = [town.spawn(name, cli="marking") for name in ("ada", "bob")]
    tasks = [town.assign(agents[number % 2].name, f"task-{number}") for number in range(40)]
    for task in tasks:
        town.tasks.deliver(task.id)
    _repeated(town, "agents", 20)

    town_of_marks.clock()
    workers = [town_of_marks.worker() for _ in range(3)]
    _await_all(town, tasks, TaskState.COMPLETED)
    assert [worker.terminated() for worker in workers] == [0, 0, 0]

    assert sorted(_did(town_of_marks)) == sorted(f"task-{number}" for number in range(40))
    for agent in agents:
        marks = _marks(town_of_marks, agent.name)
        turns = [f"{word} {turn}" for turn in range(1, 21) for word in ("begin", "end")]
        assert [line for line in marks if not line.startswith("did")] == turns
    check_town(town)


def test_5_a_task_that_kills_its_worker_each_time_ends_among_the_dead_letters(household: Household) -> None:
    household.spawn("ada", "bob")
    household.clock()
    poison = household.town.assign("ada", "echo tried >> tried; kill -9 $PPID; sleep 60")
    tried = household.folder / "tried"

    for attempt in (1, 2, 3):
        worker = household.worker()
        wait_until(lambda: not worker.is_running, LEASE_AND_SWEEP + 20, message=f"attempt {attempt} to kill its worker")  # noqa: B023
    last = household.worker()
    after = household.town.wait(poison.id, 30)

    assert (after.state, after.failure_reason, tried.read_text()) == (TaskState.FAILED, TurnReason.WORKER_LOST, 3 * "tried\n")
    (letter,) = household.town.messages.dead("ada")
    assert (letter.message is not None and letter.message.task_id, letter.reason) == (poison.id, TurnReason.WORKER_LOST)
    assert [notice.task_id for notice in household.town.messages.peek("supervisor")] == [poison.id]
    assert household.town.wait(household.town.assign("ada", "echo alive").id, 20).result == "alive\n"
    assert last.terminated() == 0
    check_town(household.town)


def test_5_its_neighbours_end_well(household: Household) -> None:
    """Each death takes the other turns of the worker down, too; the third attempt is made alone."""
    household.spawn("ada", "bob")
    household.clock()
    poison = household.town.assign("ada", "sleep 0.3; kill -9 $PPID; sleep 60")
    neighbour = household.town.assign("bob", "sleep 2; echo done")
    workers = [household.worker()]

    def have_ended() -> bool:
        if not workers[-1].is_running:
            workers.append(household.worker())
        return all(household.task(task).state.is_terminal for task in (poison, neighbour))

    wait_until(have_ended, 60)

    assert (household.task(poison).state, household.task(neighbour).state) == (TaskState.FAILED, TaskState.COMPLETED)
    assert len(household.town.messages.dead()) == 1
    assert len(workers) == 4


def _store(town: Town, tasks: list[Task]) -> None:
    """Store tasks, again if need be: under its id each is one task."""

    def is_stored(task: Task) -> bool:
        try:
            return bool(town.desk.store.tasks.add(task))
        except RedisUnavailable:
            return False

    for task in tasks:
        wait_until(partial(is_stored, task), 20)


def _await_all(town: Town, tasks: list[Task], state: TaskState) -> None:
    def all_there() -> bool:
        try:
            return town.tasks.count()[state] == len(tasks)
        except RedisUnavailable:
            return False

    wait_until(all_there, 60, every=0.05, message=f"{len(tasks)} tasks to be {state}")
    assert {town.tasks.get(TaskId(task.id)).state for task in tasks} == {state}


def _repeated(town: Town, queue: str, times: int) -> None:
    """Ring for everything again that was rung for on a queue."""
    for bell, body in bells_on(town, queue).items():
        for _ in range(times):
            ring_again(town, queue, bell, body)


def _marks(household: Household, agent: str) -> list[str]:
    return (household.folder / f"{agent}.marks").read_text().splitlines()


def _did(household: Household) -> list[str]:
    """What the programs of all agents did, in no order."""
    files = household.folder.glob("*.marks")
    return [line.removeprefix("did ") for file in files for line in file.read_text().splitlines() if line.startswith("did ")]


def _leads(town: Town, pid: int) -> bool:
    leader = town.leader()[0]
    return leader is not None and f":{pid}:" in leader
