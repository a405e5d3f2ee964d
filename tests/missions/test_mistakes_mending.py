"""Defects 34-37: what has to be mended, by whom, how often, and what does not touch an item."""

from __future__ import annotations

import pytest

from tests.missions.stage import (
    BAD,
    agent,
    deliver,
    item,
    later,
    live_tasks,
    made,
    merged,
    mission_of,
    planned,
    pull,
    task_of,
    tick,
    turn,
    watches,
)
from tinytown.domain.pull_request import Comment, Mergeable, PullReview
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import GitHubUnavailable
from tinytown.testing import Rehearsal

REMARK = Comment(id="c1", author="cubot", is_bot=True, body="This leaks.", path="a.py", line=3, url="https://github.com/c1")


def test_an_approval_on_github_answers_the_call_for_help(town: Rehearsal) -> None:
    """Defect 36: reviews here came to nothing; somebody there has read it."""
    mission = made(town, 1)
    for _ in range(3):
        town.tasks.fail(task_of(town, mission, 1).id, "I do not know")
        deliver(town)
    assert item(town, mission, 1).waiting_on is Waiting.HELP
    pull(town, 101, reviews=(PullReview(id="1", author="kim", state="APPROVED", commit="head-101-1"),))
    later(town, 181)

    tick(town, mission)

    assert item(town, mission, 1).waiting_on is Waiting.MERGE
    assert mission_of(town, mission).help is None


def test_what_is_bad_is_mended_once_with_all_that_is_known(town: Rehearsal) -> None:
    """Defect 34: three watches see something, again and again; there is one fix, with the evidence."""
    mission = made(town, 1)
    pull(town, 101, checks=BAD, threads=(REMARK,), mergeable=Mergeable.CONFLICTING)
    for _ in range(4):
        later(town, 181)
        tick(town, mission)

    (fix,) = live_tasks(town, mission)
    assert item(town, mission, 1).attempts == 2
    for words in ("build: failure", "https://ci/1", "error: 1 test failed", "This leaks.", "a.py:3", "has conflicts with its base"):
        assert words in fix.description


def test_a_remark_is_mended_once(town: Rehearsal) -> None:
    """Defect 34: though nobody resolves its thread."""
    mission = made(town, 1)
    pull(town, 101, threads=(REMARK,))
    later(town, 181)
    tick(town, mission)
    turn(town, "ada")
    for _ in range(3):
        later(town, 181)
        tick(town, mission)

    assert item(town, mission, 1).attempts == 2
    assert item(town, mission, 1).task_kind is MissionTask.REVIEW


def test_a_failed_check_without_an_author_is_mended_by_somebody(town: Rehearsal) -> None:
    """Defect 35."""
    mission = made(town, 1)
    town.spawn("bob", role="backend")
    town.agents.kill("ada")
    pull(town, 101, checks=BAD)
    later(town, 181)

    tick(town, mission)

    assert task_of(town, mission, 1).wanted == agent(town, "bob")
    assert "1 test failed" in task_of(town, mission, 1).description


def test_what_somebody_holds_is_not_finished_by_good_checks(town: Rehearsal) -> None:
    """Defect 36: each way of waiting is one of its own."""
    mission = made(town, 1, dependency="approved")
    town.missions.update_item(mission, "#1", status=WorkStatus.BLOCKED, by="me")
    pull(town, 101, reviews=(PullReview(id="1", author="kim", state="APPROVED", commit="head-101-1"),))
    later(town, 181)

    tick(town, mission, times=2)

    assert item(town, mission, 1).status is WorkStatus.BLOCKED
    assert item(town, mission, 1).waiting_on is Waiting.OPERATOR
    assert "me, who holds it" in str(mission_of(town, mission).blocked_reason)


@pytest.mark.parametrize("status", [WorkStatus.ASSIGNED, WorkStatus.DONE])
def test_looks_that_fail_do_not_touch_the_item(town: Rehearsal, status: WorkStatus) -> None:
    """Defect 37: it is with an agent, or done; nothing flaps."""
    mission = made(town, 1, planned(2, 1))
    turn(town, "rex")
    if status is WorkStatus.DONE:
        merged(town, 101)
    else:
        pull(town, 101, checks=BAD)
    later(town, 181)
    tick(town, mission)
    before = item(town, mission, 1)
    town.hub.trouble = GitHubUnavailable("no route", retry_after=1)
    for _ in range(8):
        later(town, 301)
        tick(town, mission)

    assert before.status is status
    assert item(town, mission, 1) == before
    assert all(each.status is WatchStatus.DONE for each in watches(town, mission)) is (status is WorkStatus.DONE)
