"""The storm: a town at work while everything around it breaks."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.chaos import work
from tests.chaos.mischief import Crew, Mischief
from tests.chaos.plan import Plan
from tests.chaos.verdict import Verdict, judge
from tests.chaos.watch import Watch
from tests.fleet import Fleet
from tests.server import Server, server_binaries
from tests.waiting import wait_until
from tinytown.domain.agent import Agent
from tinytown.domain.ids import TaskId
from tinytown.domain.task import Task, TaskState
from tinytown.errors import RedisUnavailable
from tinytown.town import Town

__all__ = ["Report", "weather"]

LOOK_EVERY = 0.1  # seconds
PATIENCE = 60.0  # seconds in which something must come to its end
AHEAD = 400
"""How many tasks may be open at once: the harm is to hit work on its way in, too."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What a run came to."""

    plan: Plan
    seconds: float
    harm: Counter[str]
    deaths: int
    samples: int
    running_seen: int
    verdict: Verdict
    wrong: list[str]
    logs: str = ""


def weather(plan: Plan, say: Callable[[str], None] = print, *, home: Path | None = None) -> Report:
    """Run the plan and report.

    The server fsyncs every write: with `everysec` a write that was answered may
    be lost when Redis is killed at a bad moment, which is Redis' promise and not ours.
    """
    root = Path(tempfile.mkdtemp(prefix="tt-chaos-", dir="/tmp"))
    server = Server(next(iter(server_binaries().values())), durable=True, fsync="always")
    server.start()
    try:
        work.install(root)
        with Fleet(root, server, plan.settings, home=home) as fleet, fleet.town() as town:
            return _Storm(plan, fleet, town, say).run()
    finally:
        server.remove()
        shutil.rmtree(root, ignore_errors=True)


class _Storm:
    """One run."""

    def __init__(self, plan: Plan, fleet: Fleet, town: Town, say: Callable[[str], None]) -> None:
        self._plan = plan
        self._fleet = fleet
        self._town = town
        self._say = say
        self._good: dict[TaskId, str] = {}
        self._poisoned: dict[TaskId, str] = {}
        self._ended = 0
        self._gave_up = threading.Event()

    def run(self) -> Report:
        """Work through all tasks, and judge."""
        began = time.monotonic()
        # Those that take their whole mail at once are a quarter; poison goes to the others.
        agents = [self._town.spawn(f"agent-{n}", cli="many" if n % 4 == 3 else "one") for n in range(self._plan.agents)]
        crew = Crew(self._fleet, self._plan)
        mischief = Mischief(self._fleet, self._town, crew, self._plan, lambda: self._ended / self._plan.tasks)
        watch = Watch(self._town, [agent.id for agent in agents], mischief, self._plan)
        feeder = threading.Thread(target=self._feed, args=(agents,), name="feeder", daemon=True)
        feeder.start()
        mischief.start()
        wrong = self._wait(watch, mischief)
        self._gave_up.set()
        feeder.join(30)
        mischief.finish()
        if mischief.error is not None:
            wrong.append(f"the mischief itself failed: {mischief.error!r}")
        codes = crew.stop()
        wrong += [f"processes ended with {codes}, though asked politely"] if any(codes) else []
        verdict = judge(self._town, self._fleet.root, self._good, self._poisoned)
        wrong += watch.broken[:20] + verdict.wrong
        return Report(
            plan=self._plan,
            seconds=time.monotonic() - began,
            harm=mischief.did,
            deaths=crew.deaths,
            samples=watch.samples,
            running_seen=watch.running_seen,
            verdict=verdict,
            wrong=wrong,
            logs=self._fleet.log_text() if wrong else "",
        )

    def _wait(self, watch: Watch, mischief: Mischief) -> list[str]:
        """Watch until all has ended; what went wrong with that."""
        said, moved_at = 0, time.monotonic()
        while self._ended < self._plan.tasks:
            if time.monotonic() - moved_at > PATIENCE or mischief.error is not None:
                return [f"gave up waiting: {self._ended} of {self._plan.tasks} tasks ended; {self._counts()}"]
            watch.look()
            ended = self._count_ended()
            moved_at = time.monotonic() if ended != self._ended else moved_at
            self._ended = ended
            if self._ended * 10 // self._plan.tasks > said:
                said = self._ended * 10 // self._plan.tasks
                self._say(f"  {self._ended} of {self._plan.tasks} tasks have ended; {sum(mischief.did.values())} times harm was done")
            threading.Event().wait(LOOK_EVERY)
        return []

    def _feed(self, agents: list[Agent]) -> None:
        """Give out all tasks; one that may have got lost on the way is stored again, under its id."""
        chance = random.Random(self._plan.seed + 1)
        poison = set(chance.sample(range(self._plan.tasks), self._plan.poison))
        ones = [agent for agent in agents if agent.cli == "one"]
        for number in range(self._plan.tasks):
            while number - self._ended > AHEAD and not self._gave_up.wait(0.02):
                pass
            is_poison = number in poison
            agent = chance.choice(ones if is_poison else agents)
            attempts = self._plan.poison_attempts if is_poison else self._plan.attempts
            task = self._town.tasks.new(work.text(number, poison=is_poison), max_attempts=attempts, wanted=agent.id)
            if not self._stored(task):
                return
            (self._poisoned if is_poison else self._good)[task.id] = work.text(number, poison=is_poison).split()[0]

    def _stored(self, task: Task) -> bool:
        while not self._gave_up.is_set():
            try:
                self._town.desk.store.tasks.add(task)
            except RedisUnavailable:
                self._gave_up.wait(0.05)
            else:
                return True
        return False

    def _count_ended(self) -> int:
        try:
            counts = self._town.tasks.count()
        except RedisUnavailable:
            return self._ended
        return sum(counts[state] for state in TaskState if state.is_terminal)

    def _counts(self) -> str:
        wait_until(self._fleet.server.is_running)
        return ", ".join(f"{count} {state}" for state, count in self._town.tasks.count().items() if count)
