"""Tasks without an agent: given to whoever fits, kept for who comes, and listed without reading everything."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tinytown.domain.agent import Agent
from tinytown.domain.task import Task, TaskState
from tinytown.services import routing
from tinytown.services.desk import Desk
from tinytown.testing import Rehearsal


def test_auto_goes_to_who_fits_and_has_least_to_do(town: Rehearsal) -> None:
    town.spawn("tester-1", cli="shell")
    town.spawn("tester-2", cli="shell")
    town.spawn("all-round", cli="shell")
    town.agents.spawn("tester-3", cli="manual")

    given = []
    for _ in range(3):
        task = town.assign("auto", "run the regression tests")
        town.answer(town.bells("control")[0])
        given.append(town.agents.get(town.tasks.get(task.id).assigned_to).name)  # type: ignore[arg-type]
        town.lose_bells()

    assert given == ["tester-1", "tester-2", "tester-1"]


def test_auto_waits_until_somebody_fits(town: Rehearsal) -> None:
    task = town.assign("auto", "write")
    town.answer_bells()
    before = town.tasks.get(task.id).state

    town.spawn("ada", cli="shell")
    town.let_answers_be_due()
    town.recovery.sweep()
    town.answer_bells()

    assert before is TaskState.PENDING
    assert town.tasks.get(task.id).state is TaskState.COMPLETED


def test_a_task_whose_agent_is_gone_goes_to_the_backlog(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.agents.kill("ada")
    town.recovery.prune()

    town.answer_bells()

    assert [one.id for one in town.backlog.list()] == [task.id]


def test_listing_reads_no_more_than_it_shows(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    for i in range(5):
        town.assign("ada" if i % 2 else "bob", str(i), tags=("odd",) if i % 2 else ())
        town.clock.at += timedelta(seconds=1)
    town.answer_bells()

    assert len(town.tasks.matching(limit=3)) == 3
    assert {one.description for one in town.tasks.matching(tag="odd")} == {"1", "3"}
    assert {one.description for one in town.tasks.matching(TaskState.COMPLETED, agent=bob.id)} == {"0", "2", "4"}
    assert town.tasks.matching(TaskState.FAILED) == []


def test_tasks_that_are_given_at_the_same_time_go_to_several_agents(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many answer bells at once: whoever chose an agent for having nothing to do chooses again when it has something."""
    town.spawn("ada")
    town.spawn("bob")
    first, second = (town.assign("auto", text) for text in ("one", "two"))
    chosen = routing.pick

    def slow(desk: Desk, task: Task) -> tuple[Agent | None, int]:
        picked = chosen(desk, task)
        if task.id == second.id and town.tasks.get(first.id).assigned_to is None:
            town.assignments.answer(first.id, "auto")
        return picked

    monkeypatch.setattr("tinytown.services.tasks.pick", slow)
    town.assignments.answer(second.id, "auto")

    assert town.tasks.get(first.id).assigned_to != town.tasks.get(second.id).assigned_to
