"""Scale to zero with real processes: nobody is there when nothing is to do, and work brings somebody back."""

from __future__ import annotations

import signal
import time

from tests.acceptance.household import QUICK, Household, Program
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.agent import AgentState, StopReason
from tinytown.domain.scaling import Recommendation
from tinytown.domain.task import Task, TaskState


def _leaving_soon(household: Household) -> Program:
    return household.tt("worker", env={"TINYTOWN_AGENT__IDLE_TIMEOUT_SECS": "1"})


def _wants_a_worker(household: Household) -> bool:
    signal = household.town.scaling.signal()
    return signal.scaling_recommendation is Recommendation.SCALE_UP and signal.desired_workers > 0 and signal.workers.taking == 0


def _let_it_be_due(household: Household, name: str) -> None:
    store, agent = household.town.desk.store, household.town.agents.find(name).id
    store.connection.calls([("HSET", store.keys.turn(agent), "not_before", 0), ("ZADD", store.keys.due, "XX", 1, agent)])


def _moves(household: Household, name: str) -> list[str]:
    agent = household.town.agents.find(name)
    return [event.message.split(": ")[1] for _, event in household.town.history(agent=agent.id) if " → " in event.message]


def _done(household: Household, *tasks: Task) -> bool:
    return all(household.task(task).state is TaskState.COMPLETED for task in tasks)


def test_the_whole_circle(household: Household) -> None:
    """One agent works and rests, another never had a turn; work wakes both, on a worker that was not there."""
    household.spawn("ada", "cara")
    household.clock()
    first = [_leaving_soon(household), _leaving_soon(household)]
    household.town.wait(household.town.assign("ada", "echo before").id, 10)

    statuses = [worker.status() for worker in first]
    rested = household.town.agents.find("ada")
    moves = _moves(household, "ada")
    wait_until(lambda: household.town.agents.find("cara").state is AgentState.COLD)
    at_rest = household.town.scaling.signal()
    tasks = [household.town.assign(name, "echo after") for name in ("ada", "cara")]
    asked_at_once = _wants_a_worker(household)
    wait_until(lambda: household.town.scaling.signal().roles[0].ready == 2)  # the clock put them into the mailboxes
    asked_later = _wants_a_worker(household)
    household.worker()
    wait_until(lambda: _done(household, *tasks))

    assert statuses == [0, 0]
    assert (rested.state, rested.stop_reason) == (AgentState.STOPPED, StopReason.IDLE_TIMEOUT)
    assert moves[-2:] == ["idle → draining", "draining → stopped"]
    assert (at_rest.workers.total, at_rest.pending_tasks, at_rest.in_flight_tasks) == (0, 0, 0)
    assert (asked_at_once, asked_later) == (True, True)
    assert "stopped → working" in _moves(household, "ada")
    assert "cold → working" in _moves(household, "cara")


def test_work_that_backs_off_brings_a_worker_back_when_it_is_due(household: Household) -> None:
    """Nobody waits for it meanwhile: that costs money and helps nothing."""
    (household.folder / "tinytown.toml").write_text(QUICK.replace("backoff_secs = 0", "backoff_secs = 600"))
    household.spawn("ada")
    household.clock()
    first = _leaving_soon(household)

    task = household.town.assign("ada", "test -e again && echo better || { touch again; exit 1; }")
    status = first.status()
    wanted = household.town.scaling.signal()
    _let_it_be_due(household, "ada")
    wait_until(lambda: _wants_a_worker(household))
    _leaving_soon(household)

    assert status == 0
    assert (wanted.queue_depth, wanted.demand_excluded.delayed) == (0, 1)
    assert household.town.wait(task.id, 10).result == "better\n"


def test_an_outage_is_no_idleness_and_what_was_asked_before_it_is_heeded_after_it(shaky: Household, own_server: Server) -> None:
    """One worker would be idle by now, if it knew that nothing is to do; the other was asked to drain, and froze at that moment."""
    idle, asked = shaky.tt("worker", "--idle-timeout", "1"), shaky.worker()
    began = time.monotonic()
    wait_until(lambda: len(shaky.town.workers.all()) == 2)
    for worker in (idle, asked):
        worker.signal(signal.SIGSTOP)
    shaky.town.workers.drain(next(each.id for each in shaky.town.workers.all() if each.pid == asked.pid))

    own_server.stop()
    for worker in (idle, asked):
        worker.signal(signal.SIGCONT)
        worker.says("waiting for Redis")
    wait_until(lambda: time.monotonic() > began + 4, message="more than the idle timeout")
    lived_on = idle.is_running
    own_server.start()
    statuses = idle.status(), asked.status()

    assert lived_on
    assert statuses == (0, 0)
    assert idle.output.index("Redis answers again") < idle.output.index("nothing to do")
    assert asked.output.index("Redis answers again") < asked.output.index("asked to end")
