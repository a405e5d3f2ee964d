"""Steps of tasks: what has to be true before one is taken, and what it does to the agent."""

from __future__ import annotations

import re
from datetime import datetime

from tinytown.domain.agent import Agent
from tinytown.domain.ids import AgentId
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.errors import InvalidValue, VersionMismatch, WrongState

__all__ = ["as_seen", "judged", "own", "verdict_in", "without"]

_VERDICT = re.compile(r"\W*verdict\W+(approved?|reject(?:ed)?)\W*\Z", re.IGNORECASE)


def judged(task: Task, verdict: Verdict | None) -> Task:
    """The task, if a verdict goes with it as it should.

    Raises:
        InvalidValue: it is a review of a mission and there is no verdict, or it is none and there is one.
    """
    if task.mission_task is MissionTask.REVIEW and verdict is None and not task.state.is_terminal:
        raise InvalidValue("verdict", "this task is a review: say `--verdict approve`, or `--verdict reject` and what has to change")
    if verdict is not None and task.mission_task is not MissionTask.REVIEW:
        raise InvalidValue("verdict", "only a review of a mission takes one")
    return task


def without(agent: Agent, task: Task, at: datetime, *, completed: int) -> Agent:
    """The agent when it lets go of a task that is no longer running."""
    current = None if agent.current_task == task.id else agent.current_task
    return agent.changed(at, tasks_completed=agent.tasks_completed + completed, current_task=current)


def own(task: Task, by: AgentId | None) -> Task:
    """The task, unless somebody reports on one that is another's by now."""
    if by not in {None, task.assigned_to}:
        raise WrongState(f"task {task.short_id}", f"{task.state.value} and not yours", "reported by you")
    return task


def as_seen(task: Task, expected: int | None) -> Task:
    """The task, unless it has changed since the caller looked at it."""
    if expected is not None and task.version != expected:
        raise VersionMismatch(f"task {task.short_id}", expected, task.version)
    return task


def verdict_in(task: Task, output: str) -> Verdict | None:
    """The verdict with which the output of a program ends that can only print; None without one, or for what is no review."""
    lines = output.rstrip().rsplit("\n", 1)
    found = None if task.mission_task is not MissionTask.REVIEW else _VERDICT.match(lines[-1].strip())
    if found is None:
        return None
    return Verdict.APPROVE if found[1].lower().startswith("approve") else Verdict.REJECT
