"""Defects 21 and 27, and their like: somebody is told of what does not come by itself, once."""

from __future__ import annotations

import pytest

from tests.missions.stage import (
    begin,
    deliver,
    item,
    later,
    made,
    planned,
    pull,
    reason,
    tick,
    turn,
)
from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue, IssueState, PullReview, ReviewDecision
from tinytown.domain.work_item import WorkKind, WorkStatus
from tinytown.errors import GitHubUnavailable
from tinytown.testing import Rehearsal

OUTSIDE = IssueRef("acme", "lib", 9)


def outside(town: Rehearsal, state: IssueState) -> None:
    """Have an issue outside of all missions be in some state."""
    town.hub.issues[OUTSIDE.key] = Issue(ref=OUTSIDE, title="lib", state=state, fetched_at=town.clock.now())


@pytest.mark.parametrize("state", ["not_planned", "missing"])
def test_an_issue_outside_that_never_comes_is_told(town: Rehearsal, state: str) -> None:
    """Defect 27: it is named, and people may do without it."""
    if state != "missing":
        outside(town, IssueState(state))
    mission = begin(town, planned(1, externals=(OUTSIDE,)))
    tick(town, mission)
    told = reason(town, mission)

    town.missions.update_item(mission, "#1", status=WorkStatus.READY, by="me")
    tick(town, mission)

    assert "acme/lib#9" in told
    assert item(town, mission, 1).status is WorkStatus.ASSIGNED
    assert reason(town, mission) == ""


def test_an_issue_outside_that_cannot_be_looked_at_is_told(town: Rehearsal) -> None:
    """Defect 27: nobody waits for ever for want of a good token."""
    town.hub.trouble = GitHubUnavailable("no route", retry_after=1)
    mission = begin(town, planned(1, externals=(OUTSIDE,)))
    for _ in range(5):
        tick(town, mission)
        later(town, 301)
    tick(town, mission)
    told = reason(town, mission)
    town.hub.trouble = None
    outside(town, IssueState.CLOSED)
    later(town, 301)

    tick(town, mission)

    assert "acme/lib#9, which cannot be looked at" in told
    assert reason(town, mission) == ""
    assert item(town, mission, 1).status is WorkStatus.ASSIGNED


def test_an_approved_draft_is_told(town: Rehearsal) -> None:
    """Nothing else would ever have it merged."""
    pull(town, 101, draft=True)
    mission = made(town, 1)

    turn(town, "rex")
    told = reason(town, mission)
    pull(town, 101, draft=False)
    later(town, 181)
    tick(town, mission)

    assert "a draft" in told
    assert reason(town, mission) == ""
    assert item(town, mission, 1).waiting_for == "somebody to merge acme/shop#101"


def test_a_reviewer_on_github_who_does_not_look_again_is_told(town: Rehearsal) -> None:
    """Their demand was met, and stands; the checks are good."""
    demand = PullReview(id="1", author="kim", state="CHANGES_REQUESTED", commit="head-101-1", body="no")
    pull(town, 101, decision=ReviewDecision.CHANGES_REQUESTED, reviews=(demand,))
    mission = made(town, 1)
    turn(town, "ada")
    turn(town, "rex")
    early = reason(town, mission)

    later(town, 181)
    tick(town, mission)

    assert early == ""
    assert "has not looked again" in reason(town, mission)


def test_a_cause_that_was_told_does_not_take_turns_with_others(town: Rehearsal) -> None:
    """A more urgent one comes and goes: each is told once, and again only after an hour."""
    pull(town, 101, draft=True)
    mission = begin(town, 1, planned(2, kind=WorkKind.DESIGN, role="backend"))
    turn(town, "ada")
    turn(town, "rex")
    first = reason(town, mission)
    assert "a draft" in first
    for _ in range(4):
        town.agents.kill("ada")
        tick(town, mission)
        town.agents.restart("ada")
        tick(town, mission)
        later(town, 60)
    deliver(town)
    told = helped(town)

    later(town, 3600)
    tick(town, mission)
    deliver(town)

    assert (told, helped(town)) == (2, 3)


def helped(town: Rehearsal) -> int:
    """How often people were told that a mission needs help."""
    return [news.news.value for news in town.sent].count("mission.needs_help")
