"""Steps on the version that was seen, and things that are made once however often they are asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.contract.mail import send
from tinytown.domain.agent import Agent
from tinytown.domain.ids import TaskId, new_task_id
from tinytown.domain.task import Task, TaskState
from tinytown.errors import AgentNotFound, InvalidValue, KeyReused, TaskNotFound, VersionMismatch
from tinytown.services.reclaiming import OrphanReason, Went
from tinytown.testing import Rehearsal

STEPS: dict[str, Callable[[Rehearsal, TaskId, int], object]] = {
    "report": lambda town, task, seen: town.tasks.report(task, "done", expected=seen),
    "fail": lambda town, task, seen: town.tasks.fail(task, "cannot", expected=seen),
    "cancel": lambda town, task, seen: town.tasks.cancel(task, expected=seen),
    "requeue": lambda town, task, seen: town.tasks.requeue(task, expected=seen),
    "claim": lambda town, task, seen: town.backlog.claim(task, "ada", expected=seen),
    "remove": lambda town, task, seen: town.backlog.remove(task, expected=seen),
}

each_step = pytest.mark.parametrize("step", STEPS)


@pytest.fixture
def task(town: Rehearsal, ada: Agent, step: str) -> Task:
    """A task that the step can be done to."""
    if step in {"claim", "remove"}:
        return town.backlog.add("write")
    given = town.tasks.deliver(town.assign("ada", "write").id)
    assert given is not None
    return given


@each_step
def test_a_version_that_is_gone_is_left_alone(town: Rehearsal, task: Task, step: str) -> None:
    with pytest.raises(VersionMismatch) as refused:
        STEPS[step](town, task.id, task.version + 1)

    assert (refused.value.expected, refused.value.found) == (task.version + 1, task.version)
    assert town.tasks.get(task.id) == task


@each_step
def test_what_changes_between_the_look_and_the_write_is_noticed(
    town: Rehearsal, task: Task, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comparison is part of the step, not something that was done before it."""
    store = town.desk.store.tasks
    meanwhile = [True]

    def racing(name: str) -> None:
        write = getattr(store, name)

        def later(*args: object, **kwargs: object) -> object:
            if meanwhile and meanwhile.pop():
                town.tasks.fail(task.id, "somebody else was quicker")
            return write(*args, **kwargs)

        monkeypatch.setattr(store, name, later)

    racing({"claim": "assign", "remove": "delete"}.get(step, "change"))

    with pytest.raises(VersionMismatch):
        STEPS[step](town, task.id, task.version)

    assert town.tasks.get(task.id).state is TaskState.FAILED


@each_step
def test_the_version_that_was_seen_is_changed(town: Rehearsal, task: Task, step: str) -> None:
    STEPS[step](town, task.id, task.version)

    assert [one.version for one in town.tasks.matching()] in ([task.version + 1], [])


def test_a_report_tells_what_it_did_to_the_agent(town: Rehearsal, ada: Agent) -> None:
    first, second = town.assign("ada", "one"), town.assign("ada", "two")
    for task in (first, second):
        town.tasks.deliver(task.id)
    turn = town.begin_turn(ada.id)
    assert turn is not None
    town.turns.start(turn, [first.id, second.id])

    other, current = town.tasks.report(second.id), town.tasks.report(first.id)
    nobodys = town.tasks.report(town.backlog.add("three").id)

    assert [(one.cleared_current_task, one.agent and one.agent.tasks_completed) for one in (other, current)] == [(False, 1), (True, 2)]
    assert (nobodys.agent, nobodys.cleared_current_task) == (None, False)
    town.let_lease_run_out(ada.id)
    town.recovery.sweep()


def test_an_identity_makes_one_task(town: Rehearsal, ada: Agent) -> None:
    identity, other = new_task_id(), new_task_id()

    first = town.tasks.assign("ada", "write", tags=("a",), identity=identity)
    town.tasks.deliver(first.id)
    again = town.tasks.assign("ada", "write", tags=("a",), identity=identity)
    added = [town.backlog.add("read", identity=other) for _ in range(2)]

    assert (first.id, again.id, again.state) == (identity, identity, TaskState.ASSIGNED)
    assert added[0] == added[1]
    assert [one.id for one in town.backlog.list()] == [other]
    with pytest.raises(KeyReused):
        town.tasks.assign("ada", "something else", identity=identity)


def test_a_part_belongs_to_a_task_that_is_there(town: Rehearsal, ada: Agent) -> None:
    whole = town.assign("ada", "all of it")

    assert town.tasks.assign("ada", "a part", parent=whole.short_id).parent_id == whole.id
    with pytest.raises(TaskNotFound):
        town.tasks.assign("ada", "a part", parent=new_task_id())


def test_giving_all_of_the_backlog_ends_with_the_time(town: Rehearsal, ada: Agent) -> None:
    for number in range(3):
        town.backlog.add(str(number))

    none = town.backlog.assign_all("ada", within=timedelta())
    rest = town.backlog.assign_all("ada", within=timedelta(seconds=30))

    assert (len(none), len(rest), town.backlog.length()) == (0, 3, 0)


def test_so_much_is_reclaimed_at_a_time(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    for number in range(5):
        send(town, "ada", str(number))
    town.agents.kill("ada")

    first = town.recovery.reclaim(to="bob", most=3)
    rest = town.recovery.reclaim(to="bob", most=3)

    assert [one.went for one in first + rest] == [Went.AGENT] * 5
    assert [message.body for message in town.messages.peek("bob")] == [str(number) for number in range(5)]


def test_work_goes_one_way_at_a_time(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    send(town, "ada", "one")
    town.agents.kill("ada")

    with pytest.raises(InvalidValue):
        town.recovery.reclaim(to="bob", to_backlog=True)
    with pytest.raises(InvalidValue):
        town.recovery.rescue_orphans(cancel=True, delete=True)

    assert [message.body for message in town.messages.peek("ada")] == ["one"]


def test_orphans_say_why_they_are_and_are_dealt_with_some_at_a_time(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    for number in range(3):
        town.tasks.deliver(town.assign("ada", str(number)).id)
    town.agents.kill("ada")

    with pytest.raises(AgentNotFound):
        town.recovery.rescue_orphans(to="nobody")
    rescued = town.recovery.rescue_orphans(to="bob", most=2)

    assert [(one.reason, one.went) for one in rescued] == [(OrphanReason.AGENT_TERMINAL, Went.AGENT)] * 2
    assert len(town.recovery.orphans()) == 1
