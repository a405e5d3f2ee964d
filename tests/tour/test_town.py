"""The manual, part one: agents, tasks and their results.

A worker runs beside these examples, as `tt up` starts one.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tinytown import Town
from tinytown.actors.host import Host
from tinytown.domain.agent import AgentState
from tinytown.domain.event import EventKind
from tinytown.domain.ids import TaskId
from tinytown.domain.task import TaskState
from tinytown.errors import AgentExists, TimedOut, WrongState


def is_back(worker: Host, task: TaskId) -> bool:
    """Whether a task waits again; a worker process looks by itself whether its turns are to end."""
    worker.leases.heed()
    return worker.town.tasks.get(task).state is TaskState.ASSIGNED


def test_a_result_in_ten_lines(place: Path, town: Town, worker: Host) -> None:
    """Connect, register an agent, give it a task, wait, and read what came of it."""
    with Town.connect(place) as here:
        here.spawn("ada", cli="shell")
        task = here.assign("ada", "echo hello from $TINYTOWN_AGENT_NAME")

        done = here.wait(task.id, timeout=30)

    assert done.state is TaskState.COMPLETED
    assert done.result == "hello from ada\n"


def test_an_agent_has_a_name_of_its_own(town: Town) -> None:
    """A name belongs to one agent; people may also use its nickname, its label or the beginning of its id."""
    ada = town.spawn("ada", cli="shell", role="reviewer")

    assert town.agents.find(str(ada.nickname)) == town.agents.find(ada.label) == town.agents.find(ada.short_id) == ada
    with pytest.raises(AgentExists):
        town.spawn("Ada")


def test_an_agent_does_one_thing_at_a_time(place: Path, town: Town, worker: Host) -> None:
    """Each task finds what the one before it left; give the next one when its turn matters."""
    town.spawn("ada", cli="shell")

    tasks = [town.assign("ada", f"test ! -e {place}/busy && touch {place}/busy && echo alone; rm {place}/busy") for _ in range(5)]
    results = [town.wait(task.id, timeout=30).result for task in tasks]

    assert results == ["alone\n"] * 5
    assert town.agents.find("ada").tasks_completed == 5


def test_agents_work_side_by_side(town: Town, worker: Host) -> None:
    """`auto` gives a task to whoever fits and has least to do."""
    for name in ("ada", "bob"):
        town.spawn(name, cli="shell")

    tasks = [town.assign("auto", "echo $TINYTOWN_AGENT_NAME") for _ in range(4)]
    done = [town.wait(task.id, timeout=30).result for task in tasks]

    assert {str(result).strip() for result in done} == {"ada", "bob"}


def test_nobody_needs_to_know_who_will_do_it(town: Town, worker: Host) -> None:
    """What is meant for nobody yet waits in the backlog, oldest first, until somebody claims it."""
    town.spawn("ada", cli="shell")
    first, second = town.backlog.add("echo one"), town.backlog.add("echo two")

    town.backlog.claim(first.short_id, "ada")

    assert town.wait(first.id, timeout=30).result == "one\n"
    assert [task.id for task in town.backlog.list()] == [second.id]


def test_what_fails_is_tried_again_and_given_up_in_the_end(town: Town, worker: Host) -> None:
    """A program that ends badly is tried again; at the last attempt the task fails, and the people are told."""
    town.spawn("ada", cli="shell")
    task = town.assign("ada", "echo oh no; exit 3")

    failed = town.wait(task.id, timeout=30)

    assert (failed.state, failed.failure_reason, failed.attempt) == (TaskState.FAILED, "exit_status", 2)
    assert "oh no" in str(failed.result)
    (notice,) = wait_until(lambda: town.messages.peek("supervisor"))
    assert notice.task_id == task.id


def test_a_task_that_failed_can_be_tried_again(place: Path, town: Town, worker: Host) -> None:
    """What was given up lies among the dead letters. It stays failed: trying again makes a new task."""
    town.spawn("ada", cli="shell")
    task = town.assign("ada", f"cat {place}/missing")
    town.wait(task.id, timeout=30)
    (place / "missing").write_text("here now", encoding="utf-8")

    (letter,) = wait_until(town.messages.dead)
    again = town.messages.requeue_dead(letter)

    assert town.wait(again.id, timeout=30).result == "here now"
    assert town.tasks.get(task.id).state is TaskState.FAILED
    assert town.messages.dead() == []


def test_waiting_has_an_end(town: Town) -> None:
    """Without a worker nothing is done, and nothing is lost either."""
    town.spawn("ada", cli="shell")
    task = town.assign("ada", "echo hello")

    with pytest.raises(TimedOut):
        town.wait(task.id, timeout=0.05)

    assert town.tasks.get(task.id).state is TaskState.PENDING


def test_a_task_can_be_taken_back(town: Town) -> None:
    """An end is final: what was cancelled cannot be completed any more."""
    town.spawn("ada", cli="shell")
    task = town.assign("ada", "echo hello")

    town.tasks.cancel(task.id, "not wanted any more")

    with pytest.raises(WrongState, match="is cancelled"):
        town.tasks.complete(task.id)


def test_an_agent_can_be_interrupted_and_resumed(place: Path, town: Town, worker: Host) -> None:
    """Interrupting ends the program; the work waits, uncounted, until the agent is resumed."""
    town.spawn("ada", cli="shell")
    task = town.assign("ada", f"test -e {place}/go || {{ touch {place}/begun; exec tail -f /dev/null; }}; echo done")
    wait_until((place / "begun").exists)

    town.agents.interrupt("ada")
    wait_until(lambda: is_back(worker, task.id))
    (place / "go").touch()
    town.agents.resume("ada")

    done = town.wait(task.id, timeout=30)
    assert (done.result, done.attempt) == ("done\n", 1)


def test_an_agent_can_be_stopped_and_restarted(town: Town, worker: Host) -> None:
    """A stopped agent keeps its mail for the day it is restarted."""
    town.spawn("ada", cli="shell")
    stopped = town.agents.kill("ada")
    task = town.assign("ada", "echo back again")
    wait_until(lambda: town.tasks.get(task.id).state is TaskState.ASSIGNED)

    town.agents.restart("ada")

    assert stopped.state is AgentState.STOPPED
    assert town.wait(task.id, timeout=30).result == "back again\n"


def test_everything_that_happens_is_told(town: Town, worker: Host) -> None:
    """The event stream has every step; whoever follows it goes on after the last event seen."""
    town.spawn("ada", cli="shell")
    seen, _ = town.history()[-1]
    task = town.assign("ada", "echo hello")
    town.wait(task.id, timeout=30)
    town.agents.wait("ada", lambda agent: agent.state is AgentState.IDLE, timedelta(seconds=30))

    kinds = [event.event_type for _, event in town.events.after(town.events.stream(), seen, 100)]

    assert kinds == [EventKind.TASK_ASSIGNED, EventKind.AGENT_STATE_CHANGED, EventKind.TASK_COMPLETED, EventKind.AGENT_COMPLETED]
