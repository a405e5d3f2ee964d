"""A crew for missions: a town with two builders and a reviewer, a GitHub with troubles in store, and what became of it all."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from threading import Event
from typing import Any

from tests.acceptance.household import QUICK, Household
from tests.github.rest import Reply
from tests.github.standin import StandIn
from tests.github.world import PullRecord
from tests.recount import check_town
from tests.rules.project import ROOT
from tests.waiting import wait_until
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import Policy
from tinytown.domain.work_item import WorkItem
from tinytown.services.mission_reading import MissionView

__all__ = ["FAULT", "LIBRARY", "LOG", "MERGED", "OBJECTIVES", "REMARK", "Crew", "GitHub", "after_work"]

LIBRARY = ("acme/lib", 7)
ISSUES = [
    ("acme/shop", 1, "Store orders", ""),
    ("acme/shop", 2, "List orders", "Depends on #1."),
    ("acme/api", 1, "Serve orders", "Depends on acme/shop#1 and acme/lib#7."),
    ("acme/shop", 4, "Show orders to their owners", "Depends on #2 and acme/api#1."),
    ("acme/shop", 5, "Let owners cancel orders", "Depends on #4."),
    ("acme/shop", 6, "Tell owners what became of their orders", "Depends on #5."),
]
"""A diamond with a tail, in two repositories, one side of which waits for a third."""
OBJECTIVES = [f"{repo}#{number}" for repo, number, _, _ in reversed(ISSUES)]
MERGED = {
    ("acme/shop#1", "acme/shop#7"),
    ("acme/shop#2", "acme/shop#8"),
    ("acme/api#1", "acme/api#2"),
    ("acme/shop#4", "acme/shop#9"),
    ("acme/shop#5", "acme/shop#10"),
    ("acme/shop#6", "acme/shop#11"),
}
"""Which pull request each issue ends with."""

CREW = ("ada", "bob", "rita", "supervisor")
LOG = "tests/test_list.py:12: AssertionError: assert 3 == 4"
FAULT = "What is served twice is counted twice."
REMARK = "Whose time zone is the deadline in?"

SETTINGS = """
[mission]
tick_interval_secs = 1
lock_ttl_secs = 5

[github]
api_url = "{github}"

[notify]
webhook_url = "{phone}"

[agent_clis.scripted]
command = {command}
deliver = "stdin"
completes = "report"
env = {{ PYTHONPATH = "{root}" }}

[agent_clis.scripted-task]
command = {command}
input = "task"
deliver = "stdin"
completes = "report"
env = {{ PYTHONPATH = "{root}" }}
"""


class GitHub(StandIn):
    """The stand-in, whose CI and people make trouble for the first commit of some pull requests.

    Attributes:
        merges: how often each was merged.
        held: a pull request whose merge is done, and whose answer does not come before `let_go`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.merges: Counter[str] = Counter()
        self.held: str | None = None
        self.holds = Event()
        self.let_go = Event()
        self.when_pushed = self._look_at_commit
        self._commits: Counter[str] = Counter()

    def stop(self) -> None:
        """Stop, and answer what is held."""
        self.let_go.set()
        super().stop()

    def merge(self, pull: PullRecord) -> str:
        """Merge it, and count."""
        self.merges[_name(pull)] += 1
        return super().merge(pull)

    def respond(self, method: str, target: str, headers: dict[str, str], content: bytes) -> Reply:
        """Answer, at once or later."""
        reply = super().respond(method, target, headers, content)
        if method == "PUT" and self.held is not None and target == f"/repos/{self.held.replace('#', '/pulls/')}/merge":
            self.holds.set()
            self.let_go.wait(60)
        return reply

    def found(self, name: str) -> PullRecord:
        """The pull request of that name."""
        repo, _, number = name.partition("#")
        return self.pulls[repo, int(number)]

    def _look_at_commit(self, pull: PullRecord) -> None:
        issue = f"{pull.repo}#{pull.closes}"
        self._commits[issue] += 1
        trouble = issue if self._commits[issue] == 1 else ""
        if trouble in {"acme/shop#1", "acme/lib#7"}:
            self.check(pull, "unit", "in_progress")
        elif trouble == "acme/shop#2":
            self.check(pull, "lint", conclusion="success")
            self.check(pull, "unit", conclusion="failure", summary="1 test failed", log=f"collected 30 items\n{LOG}\n")
        else:
            self.check(pull, "unit", conclusion="success")
        if trouble == "acme/shop#4":
            self.conflict(pull)
        if trouble == "acme/shop#5":
            self.thread(pull, REMARK, author="maria", path="shop/orders.py", line=12)


class Crew(Household):
    """A town that works on missions.

    Attributes:
        mission: the one that was begun.
    """

    def __init__(self, folder: Path, home: Path, redis_url: str, github: GitHub, phone: str) -> None:
        command = json.dumps([sys.executable, "-m", "tests.acceptance.mission_agents"])
        settings = SETTINGS.format(github=github.url, phone=phone, command=command, root=ROOT)
        super().__init__(folder, home, redis_url, QUICK + settings)
        self.env["GITHUB_TOKEN"] = "ghp_right"
        self.github = github
        self.gate({})
        github.issue(*LIBRARY, title="Say when an order was placed")
        for repo, number, title, body in ISSUES:
            github.issue(repo, number, title=title, body=body)
        self.town.spawn("ada", cli="scripted-task", role="developer")
        self.town.spawn("bob", cli="scripted", role="developer")
        self.town.spawn("rita", cli="scripted", role="reviewer")
        self.mission = MissionId("")

    def gate(self, gates: dict[str, str]) -> None:
        """Have the work for issues wait, once its pull request is open, for the gates of these names."""
        scenario = {"github": self.github.url, "rejects": {"acme/api#1": FAULT}, "gates": gates}
        (self.folder / "scenario.json").write_text(json.dumps(scenario))

    def begin(self, objectives: list[str]) -> None:
        """Plan and start a mission."""
        policy = Policy(auto_merge=True, watch_interval_secs=1)
        self.mission = self.town.missions.start(self.town.planner.plan(objectives), policy).mission.id

    @property
    def view(self) -> MissionView:
        """The mission as it is now."""
        return self.town.missions.view(self.mission)

    def item(self, issue: str) -> WorkItem:
        """The work for an issue as it is now."""
        return self.town.missions.item(self.mission, issue)

    @property
    def log(self) -> list[str]:
        """What has happened in the mission, oldest first."""
        return [event.message for _, event in reversed(self.town.missions.events(self.mission, 500))]

    def told(self, issue: str, kind: str) -> list[str]:
        """The texts with which agents began tasks of a kind for an issue, in order."""
        item = self.item(issue)
        texts = [(self.folder / f"told-{task}").read_text() for task in item.past_tasks if (self.folder / f"told-{task}").exists()]
        return [text for text in texts if text.startswith(f"[Mission {kind}")]

    def outcome(self) -> dict[str, Any]:
        """What became of the mission, and what is left of it in the town."""
        view = self.view
        return {
            "mission": view.mission.state.value,
            "items": {item.status.value for item in view.items},
            "pulls": {(item.source_ref, str(item.pull)) for item in view.items},
            "open": {_name(pull) for pull in self.github.pulls.values() if pull.state != "MERGED"},
            "merges": dict(self.github.merges),
            "tasks": {state.value: count for state, count in self.town.tasks.count().items() if count and state.value != "completed"},
            "errands": view.mission.errands,
            "hands": self.town.desk.store.missions.hands(),
            "mail": [message.body for name in CREW for message in self.town.messages.peek(name)],
            "dead": self.town.messages.dead(),
        }


def after_work(crew: Crew) -> None:
    """Wait until every agent is idle without mail, then count the town anew."""
    turns = crew.town.desk.store.turns
    agents = crew.town.desk.store.agents.ids()
    wait_until(lambda: all(info.state == "idle" for info in turns.info(agents)), 15)
    check_town(crew.town)


def _name(pull: PullRecord) -> str:
    return f"{pull.repo}#{pull.number}"
