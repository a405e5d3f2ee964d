"""Scenes: a mission in a town in memory, with agents that do as they are told and a GitHub in your hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from tinytown.domain.event import Event
from tinytown.domain.ids import SUPERVISOR_ID, TaskId
from tinytown.domain.message import Message
from tinytown.domain.mission import Mission, MissionState
from tinytown.domain.notification import News, Notification
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Check, CheckState, Comment, Mergeable, PullRequest, PullReview, PullState
from tinytown.domain.task import Task
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import Watch, WatchKind
from tinytown.domain.work_item import WorkItem, WorkKind
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal, rehearse

__all__ = ["ROUND", "Scene", "bad", "good", "issue", "planned", "pull_ref", "remark", "review", "running"]

ROUND = timedelta(seconds=181)
"""A little longer than between two looks."""
PATIENCE = timedelta(seconds=181)


def issue(number: int) -> IssueRef:
    """An issue of the shop."""
    return IssueRef("acme", "shop", number)


def pull_ref(number: int) -> PullRef:
    """A pull request of the shop."""
    return PullRef("acme", "shop", number)


def good(name: str = "build") -> Check:
    """A check that is good."""
    return Check(name=name, state=CheckState.SUCCESS, conclusion="success")


def bad(name: str = "build", excerpt: str = "", conclusion: str = "failure") -> Check:
    """A check that failed."""
    return Check(name=name, state=CheckState.FAILURE, conclusion=conclusion, url=f"https://ci/{name}", excerpt=excerpt)


def running(name: str = "build") -> Check:
    """A check that has not finished."""
    return Check(name=name, state=CheckState.PENDING, conclusion="")


def remark(which: str, body: str = "look here", *, author: str = "zoe", is_bot: bool = False) -> Comment:
    """A remark that nobody has settled."""
    return Comment(id=which, author=author, is_bot=is_bot, body=body, path="shop.py", line=7)


def review(which: str, state: str, *, commit: str | None = "h1", author: str = "zoe", body: str = "", is_bot: bool = False) -> PullReview:
    """A review on GitHub."""
    return PullReview(id=which, author=author, state=state, commit=commit, body=body, is_bot=is_bot)


def planned(number: int, *after: int, kind: WorkKind = WorkKind.IMPLEMENT, **given: Any) -> PlannedItem:
    """An issue as an item of a plan; the numbers are those of the issues that must be done before."""
    return PlannedItem(
        key=str(issue(number)), title=f"item {number}", kind=kind, depends_on=tuple(str(issue(other)) for other in after),
        source_ref=str(issue(number)), url=issue(number).url, body=f"Body of {number}.", **given,
    )  # fmt: skip


class Scene:
    """A mission of items 1, 2, …, whose pull requests are 10, 20, … of the same repository.

    Attributes:
        agents: who is there, each with its role; None for none.
        says: what the agents report, by item number; the pull request of the item when left out.
        verdict: what reviewers say.
        given: every task that an agent took up: who, and the task.
    """

    def __init__(
        self, *items: PlannedItem, agents: dict[str, str | None] | None = None, town: Rehearsal | None = None, **policy: Any
    ) -> None:
        self.town = rehearse() if town is None else town
        for name, role in ({"ada": "backend", "rex": "reviewer"} if agents is None else agents).items():
            self.town.spawn(name, role=role)
        plan = Plan(objectives=(issue(1),), items=items or (planned(1),))
        self.id = self.town.missions.start(plan, self.town.missions.policy(**policy)).mission.id
        self.says: dict[int, str] = {}
        self.verdict: Verdict | None = Verdict.APPROVE
        self.reason = "as it should be"
        self.given: list[tuple[str, Task]] = []

    @property
    def mission(self) -> Mission:
        """The mission as it is."""
        return self.town.missions.view(self.id).mission

    def is_running(self) -> bool:
        """Is the mission neither held nor over?"""
        return self.mission.state is MissionState.RUNNING

    def item(self, number: int = 1) -> WorkItem:
        """The item of an issue, as it is."""
        return next(item for item in self.town.missions.view(self.id).items if item.source_ref == str(issue(number)))

    def watch(self, kind: WatchKind = WatchKind.PR_CHECKS, number: int = 10) -> Watch:
        """The watch of a pull request."""
        return next(each for each in self.town.missions.view(self.id).watches if each.kind is kind and each.target.number == number)

    def watches(self, number: int = 10) -> list[Watch]:
        """All that is watched of a pull request."""
        return [each for each in self.town.missions.view(self.id).watches if each.target.number == number]

    def pull(self, number: int = 10, **changes: Any) -> PullRequest:
        """Put a pull request on GitHub, or change it; new ones are good and can be merged."""
        ref = pull_ref(number)
        fresh = PullRequest(
            ref=ref, head="h1", base="main", checks=(good(),), mergeable=Mergeable.YES, fetched_at=self.town.clock.now()
        )  # fmt: skip
        self.town.hub.pulls[ref.key] = msgspec.structs.replace(self.town.hub.pulls.get(ref.key, fresh), **changes)
        return self.town.hub.pulls[ref.key]

    def merge(self, number: int = 10) -> None:
        """Merge a pull request by hand."""
        self.pull(number, state=PullState.MERGED)

    def go(self, passed: timedelta = timedelta(0)) -> WorkItem:
        """Let time pass, tick, and answer bells until nothing rings; answers the first item."""
        self.tick(passed)
        self.town.answer_bells(self._work)
        return self.town.missions.view(self.id).items[0]

    def tick(self, passed: timedelta = timedelta(0)) -> WorkItem:
        """Let time pass and tick once; nobody does anything. Answers the first item."""
        self.town.clock.at += passed
        self.town.mission_ticks.tick(self.id)
        return self.town.missions.view(self.id).items[0]

    def deliver(self) -> None:
        """Have every task put into the mailbox that it is meant for; nobody takes one up."""
        for bell in self.town.bells():
            if bell.actor == "assign_task" and self.town.take_bell(bell):
                self.town.answer(bell)

    def task(self, number: int = 1) -> Task:
        """The live task of an item."""
        live = self.item(number).task_id
        assert live is not None, "nobody has it"
        return self.town.tasks.get(live)

    def tasks(self, kind: MissionTask | None = None) -> list[Task]:
        """Every task of the mission, in the order in which they were made."""
        found = self.town.tasks.matching(tag=f"mission:{self.id}")
        return sorted((task for task in found if kind in {None, task.mission_task}), key=lambda task: task.created_at)

    def open_tasks(self) -> list[Task]:
        """The tasks of the mission that have not ended."""
        return [task for task in self.tasks() if not task.state.is_terminal]

    def report(self, number: int = 1, result: str | None = None, verdict: Verdict | None = None) -> None:
        """Complete the live task of an item, as any surface does."""
        task = self.task(number)
        said = verdict if verdict is not None or task.mission_task is not MissionTask.REVIEW else self.verdict
        self.town.tasks.complete(task.id, self._result(task) if result is None else result, verdict=said)

    def holder(self, number: int = 1) -> str | None:
        """The name of the agent that has the live task of an item."""
        held = self.item(number).assigned_to
        return None if held is None else self.town.agents.find(held).name

    def help(self) -> list[Message]:
        """The requests for help that lie in the supervisor's mailbox."""
        return [message for message in self.mail() if "[Mission Help Needed]" in str(message.question)]

    def mail(self) -> list[Message]:
        """The supervisor's mail."""
        return self.town.messages.peek(SUPERVISOR_ID, 100)

    def news(self, kind: News) -> list[Notification]:
        """What people were told of a kind, once it is delivered."""
        self.town.answer_bells(self._work)
        return [told for told in self.town.sent if told.news is kind]

    def events(self) -> Sequence[Event]:
        """The mission's log, oldest first."""
        return [event for _, event in reversed(self.town.missions.events(self.id, 500))]

    def note(self, body: str) -> str:
        """Say something to the mission; answers what came of it."""
        said = self.town.missions.note(self.id, body)
        self.tick()
        return next(str(note.outcome) for note in self.town.missions.view(self.id).notes if note.id == said.id)

    def _work(self, town: Rehearsal, turn: Turn) -> Ending:
        for key, task in turn.tasks.items():
            self.given.append((turn.agent.name, task))
            said = self.verdict if task.mission_task is MissionTask.REVIEW else None
            if task.mission_task is MissionTask.REVIEW and said is None:
                town.tasks.fail(TaskId(key), "crashed", epoch=turn.epoch)
            else:
                town.tasks.complete(key, self._result(task), epoch=turn.epoch, verdict=said)
        return Ending()

    def _result(self, task: Task) -> str:
        if task.mission_task is MissionTask.REVIEW:
            return self.reason
        number = next(
            int(str(item.source_ref).rsplit("#", 1)[1]) for item in self.town.missions.view(self.id).items if item.id == task.work_item_id
        )
        if number not in self.says and pull_ref(number * 10).key not in self.town.hub.pulls:
            self.pull(number * 10)
        return self.says.get(number, f"done: {pull_ref(number * 10).url}")
