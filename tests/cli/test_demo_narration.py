"""What the audience of the demonstration reads between two looks, however much happened meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from tinytown.cli.demo.narration import Narrator
from tinytown.cli.demo.play import Step
from tinytown.domain.ids import TaskId
from tinytown.domain.task import Task, TaskState

STEP = Step(name="timing", agent="otto", text="Time it", expects="timed")
ASSIGNED, RUNNING, COMPLETED = TaskState.ASSIGNED, TaskState.RUNNING, TaskState.COMPLETED


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ((ASSIGNED, 0), (RUNNING, 1), ["▶ Time it"]),
        ((RUNNING, 1), (COMPLETED, 1), ["✔ Time it: timed"]),
        ((ASSIGNED, 0), (COMPLETED, 1), ["▶ Time it", "✔ Time it: timed"]),
        ((RUNNING, 1), (ASSIGNED, 1), ["↺ timing: its worker was lost"]),
        ((ASSIGNED, 1), (RUNNING, 2), ["▶ Time it (again, attempt 2)"]),
        ((RUNNING, 1), (RUNNING, 2), ["↺ timing: its worker was lost", "▶ Time it (again, attempt 2)"]),
        ((RUNNING, 1), (COMPLETED, 2), ["↺ timing: its worker was lost", "▶ Time it (again, attempt 2)", "✔ Time it: timed"]),
    ],
    ids=["begins", "ends", "begins and ends", "is lost", "begins again", "is lost and begins", "is lost, begins, ends"],
)
def test_everything_is_told_in_its_order(
    before: tuple[TaskState, int], after: tuple[TaskState, int], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Narrator().changed(STEP, _task(*before), _task(*after))

    lines = [line.split("│ ")[1] for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == len(told)
    assert all(line.startswith(words) for line, words in zip(lines, told, strict=True))


def _task(state: TaskState, attempt: int) -> Task:
    now = datetime.now(UTC)
    task = Task(id=TaskId("7c1e9f52-0d6f-4d0e-8a55-3b8a4c1f0d11"), description="Time it", created_at=now, updated_at=now)
    return msgspec.structs.replace(task, state=state, attempt=attempt, result="timed" if state is COMPLETED else None)
