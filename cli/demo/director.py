"""The director: gives out tasks when what they need is there, kills a worker, and sees to it that all is done."""

from __future__ import annotations

import time
from collections.abc import Sequence

from tinytown.cli.demo.narration import Narrator
from tinytown.cli.demo.play import SLOW, Step
from tinytown.cli.demo.stage import Stage
from tinytown.domain.task import Task, TaskState
from tinytown.town import Town

__all__ = ["Director"]

LIMIT_SECONDS = 120.0
LOOK_EVERY_MS = 200
KILL_AFTER_SECONDS = 1.0
"""How long the slow task runs before its worker is killed."""


class Director:
    """Runs the play on a stage.

    Args:
        stage: with its processes running.
        narrator: tells the audience.
        play: the tasks.
    """

    def __init__(self, stage: Stage, narrator: Narrator, play: Sequence[Step]) -> None:
        self._stage = stage
        self._town: Town = stage.town
        self._narrator = narrator
        self.play = play
        self._seen: dict[str, TaskState] = {}
        self._killed: str | None = None
        self._slow_since: float | None = None
        self.tasks: dict[str, Task] = {}

    def run(self) -> None:
        """Run the play to its end."""
        stream = self._town.events.stream()
        last = self._town.events.last_id(stream)
        deadline = time.monotonic() + LIMIT_SECONDS
        while time.monotonic() < deadline:
            self._give_out()
            if self._is_over() or self._stage.casualties():
                break
            last, _ = self._town.events.since(stream, last, 100, LOOK_EVERY_MS)
            self._look()

    def verdict(self) -> list[str]:
        """What is wrong with the outcome; nothing, it is to be hoped."""
        wrong = [f"{step.name}: {self._complaint(step)}" for step in self.play if self._complaint(step)]
        wrong += self._stage.casualties()
        if self._killed is None:
            wrong.append("no worker was killed")
        elif self.tasks[SLOW].attempt < 2:
            wrong.append(f"{SLOW}: was not tried again")
        completed = self._town.events.counters().get("completed", 0)
        if completed != len(self.tasks):
            wrong.append(f"{completed} completions were counted for {len(self.tasks)} tasks")
        return wrong

    def _complaint(self, step: Step) -> str | None:
        task = self.tasks.get(step.name)
        if task is None:
            return "was not begun"
        if task.state is not TaskState.COMPLETED:
            return f"is {task.state.value}"
        return None if step.expects in (task.result or "") else f"its result does not say {step.expects!r}"

    def _give_out(self) -> None:
        """Assign every task whose predecessors are completed."""
        done = {name for name, task in self.tasks.items() if task.state is TaskState.COMPLETED}
        for step in self.play:
            if step.name not in self.tasks and done.issuperset(step.after):
                self.tasks[step.name] = self._town.assign(step.agent, step.told(self.tasks))

    def _is_over(self) -> bool:
        """Whether nothing can happen any more."""
        return all(task.state.is_terminal for task in self.tasks.values())

    def _look(self) -> None:
        """See what became of the tasks, and tell."""
        for step in self.play:
            before = self.tasks.get(step.name)
            if before is None or before.state.is_terminal:
                continue
            task = self.tasks[step.name] = self._town.tasks.get(before.id)
            if (task.state, task.attempt) != (before.state, before.attempt):
                self._narrator.changed(step, before, task)
        self._kill_in_the_middle()

    def _kill_in_the_middle(self) -> None:
        """Kill the worker of the slow task when that has run for a while."""
        slow = self.tasks.get(SLOW)
        if self._killed is not None or slow is None or slow.state is not TaskState.RUNNING:
            return
        if self._slow_since is None:
            self._slow_since = time.monotonic()
        if time.monotonic() - self._slow_since < KILL_AFTER_SECONDS or slow.assigned_to is None:
            return
        victim = self._stage.kill_worker_of(slow.assigned_to)
        if victim is None:
            return
        self._killed = victim.name
        lost = [step.name for step in self.play if self._state(step) is TaskState.RUNNING and step.agent in victim.agents]
        self._narrator.says(
            f"☠ {victim.name} (process {victim.pid}) is killed with SIGKILL, in the middle of: {', '.join(lost)}", colour="red"
        )
        self._narrator.says("its leases end within 3 s; then the clock brings the work back, and the other worker does it")

    def _state(self, step: Step) -> TaskState | None:
        task = self.tasks.get(step.name)
        return None if task is None else task.state
