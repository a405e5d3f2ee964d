"""The verdict: what became of every task, counted in Redis and in the files that the work left behind."""

from __future__ import annotations

from pathlib import Path

import msgspec

from tests.chaos.work import Marks
from tests.recount import Recount
from tinytown.domain.ids import TaskId
from tinytown.domain.task import TaskState
from tinytown.town import Town

__all__ = ["Verdict", "judge"]

MOST_SHOWN = 10


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What is wrong, which should be nothing, and what was counted."""

    wrong: list[str]
    completed: int
    dead: int
    done_again: int
    leases_lost: int


def judge(town: Town, root: Path, good: dict[TaskId, str], poisoned: dict[TaskId, str]) -> Verdict:
    """Hold the promises against the town when all work has ended."""
    marks, counters = Marks.read(root), town.events.counters()
    letters = town.messages.dead()
    states = {task: town.tasks.get(task).state for task in [*good, *poisoned]}
    wrong = [
        *_each("was not completed", [f"{good[task]} is {states[task]}" for task in good if states[task] is not TaskState.COMPLETED]),
        *_each(
            "poisoned, but not failed", [f"{poisoned[task]} is {states[task]}" for task in poisoned if states[task] is not TaskState.FAILED]
        ),
        *_each("completed, but never done", [text for text in good.values() if not marks.done[text]]),
        *_each("done, but nobody asked for it", sorted(set(marks.done) - set(good.values()))),
        *_each("overlapping turns", marks.overlaps),
    ]
    settled = {"completed": len(good), "failed": len(poisoned), "dead": len(poisoned)}
    wrong += [
        f"{name} was counted {counters.get(name, 0)} times, not {count}"
        for name, count in settled.items()
        if counters.get(name, 0) != count
    ]
    known = {str(letter.message.task_id) for letter in letters if letter.message is not None}
    if len(letters) != len(poisoned) or known != set(poisoned):
        wrong.append(f"the dead letters are {sorted(known)}, and not the poisoned {sorted(poisoned)}")
    try:
        Recount(town).check()
    except AssertionError as error:
        wrong.append(f"the town does not add up: {error}")
    return Verdict(
        wrong=wrong,
        completed=sum(state is TaskState.COMPLETED for state in states.values()),
        dead=len(letters),
        done_again=sum(count - 1 for count in marks.done.values()),
        leases_lost=counters.get("leases_lost", 0),
    )


def _each(what: str, cases: list[str]) -> list[str]:
    """One sentence for each case, and one for those that are too many."""
    rest = [f"{what}: and {len(cases) - MOST_SHOWN} more"] if len(cases) > MOST_SHOWN else []
    return [f"{what}: {case}" for case in cases[:MOST_SHOWN]] + rest
