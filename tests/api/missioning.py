"""Missions for tests: issues and pull requests at the stand-in for GitHub, and a mission that is under way."""

from __future__ import annotations

from typing import Any

from falcon.testing import TestClient

from tests.api.asking import ask
from tinytown.domain.objective import IssueRef, PullRef
from tinytown.domain.pull_request import Check, CheckState, Issue, Mergeable, PullRequest
from tinytown.domain.work_item import WorkItem
from tinytown.services.mission_reading import MissionView
from tinytown.testing import Rehearsal

__all__ = ["add_issue", "add_pull", "begin", "issue", "submit", "view"]


def issue(number: int) -> dict[str, Any]:
    """The objective of an issue."""
    return {"type": "issue", "owner": "acme", "repo": "shop", "number": number}


def add_issue(town: Rehearsal, number: int, body: str = "", **members: Any) -> Issue:
    """An issue that GitHub knows from now on."""
    ref = IssueRef("acme", "shop", number)
    town.hub.issues[ref.key] = Issue(ref=ref, title=f"Make part {number}", body=body, fetched_at=town.clock.at, **members)
    return town.hub.issues[ref.key]


def add_pull(town: Rehearsal, number: int = 17, *, head: str = "c1", state: CheckState = CheckState.SUCCESS) -> PullRequest:
    """A pull request with one check."""
    ref = PullRef("acme", "shop", number)
    checks = (Check(name="ci", state=state, conclusion=state.value),)
    town.hub.pulls[ref.key] = PullRequest(ref=ref, head=head, checks=checks, mergeable=Mergeable.YES, fetched_at=town.clock.at)
    return town.hub.pulls[ref.key]


def begin(town: Rehearsal, client: TestClient, *bodies: str, **more: Any) -> str:
    """Begin a mission for an issue of each body, numbered from 1; answers its id."""
    for number, body in enumerate(bodies, start=1):
        add_issue(town, number, body)
    begun = ask(client, "POST /v1/missions", {"objectives": [issue(number) for number in range(1, len(bodies) + 1)], **more})
    assert begun.status_code == 201, begun.text
    mission: str = begun.json["mission_id"]
    return mission


def submit(town: Rehearsal, mission: str, pull: int = 17) -> WorkItem:
    """Let agents take up the mission's work, and the first item have a pull request; it waits for a review, or its checks."""
    town.answer_bells(most=2)
    item = view(town, mission).items[0]
    assert item.task_id is not None
    town.tasks.report(item.task_id, f"see https://github.com/acme/shop/pull/{pull}")
    town.answer_bells()
    return view(town, mission).items[0]


def view(town: Rehearsal, mission: str) -> MissionView:
    """The mission as its service sees it."""
    return town.missions.view(mission)
