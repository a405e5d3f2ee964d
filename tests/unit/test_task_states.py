"""The state table of tasks: every step from every state, allowed or refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.task import MAX_DESCRIPTION_BYTES, Task, TaskState, mended, task_description
from tinytown.errors import InvalidValue, WrongState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
ADA = AgentId("ada")
S = TaskState

STEPS: dict[str, tuple[Callable[[Task], Task], S, set[S]]] = {
    "assigned": (lambda task: task.assigned(ADA, LATER), S.ASSIGNED, {S.PENDING, S.RUNNING}),
    "started": (lambda task: task.started(LATER), S.RUNNING, {S.ASSIGNED, S.RUNNING}),
    "returned": (lambda task: task.returned(LATER, "timeout"), S.ASSIGNED, {S.PENDING, S.RUNNING}),
    "requeued": (lambda task: task.requeued(LATER), S.PENDING, {S.ASSIGNED, S.RUNNING}),
    "completed": (lambda task: task.completed("a poem", LATER), S.COMPLETED, {S.PENDING, S.ASSIGNED, S.RUNNING}),
    "failed": (lambda task: task.failed("no ink", "reported", LATER), S.FAILED, {S.PENDING, S.ASSIGNED, S.RUNNING}),
    "cancelled": (lambda task: task.cancelled("not wanted", LATER), S.CANCELLED, {S.PENDING, S.ASSIGNED, S.RUNNING}),
    "put into the backlog": (lambda task: task.unwanted(LATER), S.PENDING, {S.PENDING}),
}
TABLE = [(step, state) for step in STEPS for state in S]


def task_in(state: S) -> Task:
    return Task(id=TaskId("12345678-0000-4000-8000-000000000000"), description="write", state=state, created_at=NOW, updated_at=NOW)


@pytest.mark.parametrize(("step", "state"), TABLE)
def test_a_step_is_allowed_or_refused(step: str, state: S) -> None:
    move, after, allowed = STEPS[step]
    task = task_in(state)

    if state in allowed:
        moved = move(task)
        assert (moved.state, moved.version, moved.updated_at, moved.id) == (after, 2, LATER, task.id)
    else:
        with pytest.raises(WrongState) as refused:
            move(task)
        assert f"task 12345678 is {state.value}" in str(refused.value)


@given(st.lists(st.sampled_from(sorted(STEPS)), max_size=20))
def test_no_walk_leaves_the_table(walk: list[str]) -> None:
    task, ended = task_in(S.PENDING), False
    for step in walk:
        move, after, allowed = STEPS[step]
        try:
            task = move(task)
        except WrongState:
            assert task.state not in allowed
            continue
        assert not ended, "an end is final"
        assert task.state is after
        assert task.attempt >= 0
        ended = task.state.is_terminal
        assert ended == (task.completed_at is not None)


def test_an_attempt_counts_unless_it_was_nobodys_fault() -> None:
    running = task_in(S.ASSIGNED).started(LATER)

    failed, cancelled = running.returned(LATER, "timeout"), running.returned(LATER, "cancelled", counted=False)

    assert (running.attempt, failed.attempt, cancelled.attempt) == (1, 1, 0)
    assert (failed.failure_reason, failed.started(LATER).failure_reason) == ("timeout", None)


def test_a_requeued_task_is_nobodys() -> None:
    running = task_in(S.PENDING).assigned(ADA, LATER).started(LATER)

    requeued = running.requeued(LATER, "auto")

    assert (requeued.assigned_to, requeued.started_at, requeued.wanted) == (None, None, "auto")


@pytest.mark.parametrize(("text", "title"), [("one", "one"), ("\n\n  two \nthree", "two"), ("x" * 500, "x" * 500)])
def test_a_title_is_the_first_line_that_says_something(text: str, title: str) -> None:
    assert Task(id=TaskId("t"), description=text, created_at=NOW, updated_at=NOW).title == title


@pytest.mark.parametrize("text", ["", " ", "\n\t", "x" * (MAX_DESCRIPTION_BYTES + 1), "ü" * (MAX_DESCRIPTION_BYTES // 2 + 1)], ids=len)
def test_a_description_says_something_and_not_too_much(text: str) -> None:
    with pytest.raises(InvalidValue):
        task_description(text)


def test_what_is_no_character_becomes_a_question_mark() -> None:
    assert mended("caf\udce9") == "caf?"
    assert task_description("  kept as it is \n") == "  kept as it is \n"
