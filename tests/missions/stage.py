"""What tests of missions share: plans, pull requests, agents that follow a script, and time that is told to pass."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from tinytown.domain.ids import AgentId, MissionId, TaskId
from tinytown.domain.mission import Mission
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Check, CheckState, Mergeable, PullRequest, PullState
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import Watch, WatchKind
from tinytown.domain.work_item import WorkItem, WorkKind
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.services.mission_ticks import Ticked
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal

__all__ = [
    "BAD", "GOOD", "Agents", "agent", "begin", "deliver", "item", "later", "live_tasks", "made", "merged", "mission_of", "plan", "planned",
    "pull", "reason", "ref", "task_of", "tick", "turn", "watch", "watches",
]  # fmt: skip

GOOD = (Check(name="build", state=CheckState.SUCCESS),)
BAD = (Check(name="build", state=CheckState.FAILURE, conclusion="failure", url="https://ci/1", excerpt="error: 1 test failed"),)


def planned(number: int, *after: int, kind: WorkKind = WorkKind.IMPLEMENT, **more: Any) -> PlannedItem:
    """An issue of acme/shop as a planned item, after others by number."""
    key = f"acme/shop#{number}"
    known = {
        "title": f"item {number}",
        "source_ref": key,
        "url": f"https://github.com/acme/shop/issues/{number}",
        "body": f"Body of {number}.",
    }
    return PlannedItem(key=key, kind=kind, depends_on=tuple(f"acme/shop#{other}" for other in after), **{**known, **more})


def plan(*items: PlannedItem | int) -> Plan:
    """A plan of such items; numbers are items that depend on nothing."""
    whole = tuple(planned(each) if isinstance(each, int) else each for each in items)
    numbers = [each.key.rsplit("#", 1)[1] for each in whole]
    return Plan(objectives=tuple(IssueRef("acme", "shop", int(number)) for number in numbers), items=whole)


def begin(town: Rehearsal, *items: PlannedItem | int, **policy: Any) -> MissionId:
    """Begin a mission; its bell is left to ring."""
    return town.missions.start(plan(*items), town.missions.policy(**policy)).mission.id


def ref(number: int) -> PullRef:
    """A pull request of acme/shop."""
    return PullRef("acme", "shop", number)


def pull(town: Rehearsal, number: int, **changes: Any) -> PullRef:
    """Put a pull request there, or change it; a new one is good and can be merged."""
    which = ref(number)
    new = PullRequest(ref=which, head=f"head-{number}-1", checks=GOOD, mergeable=Mergeable.YES, fetched_at=town.clock.now())
    town.hub.pulls[which.key] = msgspec.structs.replace(town.hub.pulls.get(which.key, new), **changes)
    return which


def tick(town: Rehearsal, mission: MissionId, times: int = 1) -> Ticked:
    """Drive a mission."""
    for _ in range(times - 1):
        town.mission_ticks.tick(mission)
    return town.mission_ticks.tick(mission)


def later(town: Rehearsal, seconds: float) -> None:
    """Let time pass."""
    town.clock.at += timedelta(seconds=seconds)


def deliver(town: Rehearsal) -> None:
    """Answer what the town asks of itself, until only agents have anything to do."""
    while bells := town.bells("control"):
        town.take_bell(bells[0])
        town.answer(bells[0])


def turn(town: Rehearsal, name: str, work: Agents | None = None) -> bool:
    """Give one agent a turn, and let the town answer it; False when the agent has nothing to do."""
    deliver(town)
    had = town.take_turn(agent(town, name), Agents() if work is None else work)
    deliver(town)
    return had is not None


def mission_of(town: Rehearsal, mission: MissionId) -> Mission:
    """The mission's own record."""
    return town.missions.find(mission)


def reason(town: Rehearsal, mission: MissionId) -> str:
    """Why the mission asks for help; empty: it does not."""
    asked = mission_of(town, mission).help
    return "" if asked is None else asked.reason


def item(town: Rehearsal, mission: MissionId, number: int) -> WorkItem:
    """The item of an issue, as it is stored."""
    snapshot = town.desk.store.missions.load(mission)
    assert snapshot is not None
    return next(each for each in snapshot.items.values() if each.source_ref == f"acme/shop#{number}")


def watches(town: Rehearsal, mission: MissionId) -> list[Watch]:
    """What a mission watches now."""
    return [each for each in town.missions.view(mission).watches if not each.superseded]


def watch(town: Rehearsal, mission: MissionId, kind: WatchKind) -> Watch:
    """The one watch of that kind."""
    (found,) = [each for each in watches(town, mission) if each.kind is kind]
    return found


def live_tasks(town: Rehearsal, mission: MissionId) -> list[Task]:
    """The open tasks of a mission."""
    return town.desk.store.tasks.get_many(town.desk.store.missions.open_tasks(mission))


def task_of(town: Rehearsal, mission: MissionId, number: int) -> Task:
    """The live task of an item."""
    task = item(town, mission, number).task_id
    assert task is not None
    return town.tasks.get(task)


def agent(town: Rehearsal, name: str) -> AgentId:
    """The id of an agent."""
    return town.agents.find(name).id


class Agents:
    """What agents do in their turns: they make what is wanted, and open a pull request with the number of the issue plus 100.

    Attributes:
        verdict: what reviewers say.
        pulls: whether there are pull requests.
        had: who had what, in order.
        texts: what they were told.
    """

    def __init__(self, *, verdict: Verdict = Verdict.APPROVE, pulls: bool = True) -> None:
        self.verdict = verdict
        self.pulls = pulls
        self.had: list[tuple[str, str, int]] = []
        self.texts: list[str] = []

    def __call__(self, town: Rehearsal, turn: Turn) -> Ending:
        """Do every task of a turn."""
        for identity, task in turn.tasks.items():
            assert task.mission_task is not None
            self.had.append((turn.agent.name, task.mission_task.value, _number(task)))
            self.texts.append(task.description)
            self._do(town, identity, task, turn.epoch)
        return Ending()

    def _do(self, town: Rehearsal, identity: TaskId, task: Task, epoch: int) -> None:
        if task.mission_task is MissionTask.REVIEW:
            town.tasks.complete(identity, f"I say {self.verdict.value}.", epoch=epoch, verdict=self.verdict)
            return
        number = _number(task) + 100
        if self.pulls and ref(number).key not in town.hub.pulls:
            pull(town, number)
        town.tasks.complete(identity, f"Made: {ref(number).url}" if self.pulls else "Made.", epoch=epoch)


def made(town: Rehearsal, *items: PlannedItem | int, **policy: Any) -> MissionId:
    """A mission whose items are all made; nobody has read them."""
    mission = begin(town, *items, **policy)
    while turn(town, "ada"):
        continue
    return mission


def merged(town: Rehearsal, number: int) -> None:
    """Have somebody merge a pull request."""
    pull(town, number, state=PullState.MERGED, merge_commit=f"merge-{number}")


def _number(task: Task) -> int:
    return int(task.title.rsplit(" ", 1)[1])
