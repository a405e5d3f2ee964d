"""What follows from looks at pull requests: fixes, reviews, and waiting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.missions.scene import ROUND, Scene, bad, good, planned, pull_ref, remark, review, running
from tinytown.domain.mission import MissionState, NoChecks
from tinytown.domain.pull_request import Mergeable, ReviewDecision
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchKind, WatchStatus
from tinytown.domain.work_item import Waiting, WorkStatus


def fixes(scene: Scene) -> list[str]:
    """The texts of all fixes."""
    return [task.description for task in scene.tasks(MissionTask.FIX)]


def made(**pull: Any) -> Scene:
    """A mission without reviews whose item has been made, before it is looked at."""
    scene = Scene(reviewer_required=False)
    scene.pull(**pull)
    scene.tick()
    scene.report()
    return scene


def test_a_pull_request_that_was_made_is_watched_in_four_ways() -> None:
    """§22, Scheduler: a submission makes four watches and one review, for the reviewer."""
    scene = Scene()
    scene.pull(checks=(running(),))
    scene.verdict = None
    scene.town.mission_ticks.tick(scene.id)
    scene.report()
    scene.tick()

    assert {watch.kind for watch in scene.watches()} == set(WatchKind)
    assert [task.mission_task for task in scene.open_tasks()] == [MissionTask.REVIEW]
    assert scene.holder() == "rex"


def test_running_checks_are_waited_for() -> None:
    """Defect 43."""
    scene = Scene(reviewer_required=False, auto_merge=True)
    scene.pull(checks=(good("a"), running("b")))
    item = scene.go()

    assert (item.status, item.waiting_on) == (WorkStatus.BLOCKED, Waiting.CI)
    assert scene.town.hub.merged == []
    scene.pull(checks=(good("a"), good("b")))
    assert scene.go(ROUND).status is WorkStatus.DONE


def test_failed_checks_make_one_fix_for_the_author_with_all_that_is_known() -> None:
    """§22, Dispatcher; defects 34 and 44: one, whole, however often it is looked at."""
    scene = Scene(planned(1), agents={"ada": "backend", "bob": "backend"}, reviewer_required=False)
    scene.pull(checks=(bad("unit", "E  assert 1 == 2"), bad("docs", "no page")), threads=(remark("t1", "rename it"),))
    scene.tick()
    scene.report()
    for _ in range(5):
        scene.tick(ROUND)

    assert len(fixes(scene)) == 1
    assert scene.holder() == "ada"
    assert scene.item().status is WorkStatus.ASSIGNED
    for words in ("unit: failure", "E  assert 1 == 2", "docs: failure", "no page", "zoe on shop.py:7:\nrename it", "Body of 1."):
        assert words in fixes(scene)[0]


def test_a_watch_that_triggered_is_not_active() -> None:
    """§22, Dispatcher."""
    scene = made(checks=(bad(),))
    scene.tick()

    assert scene.watch().status is WatchStatus.SNOOZED
    assert scene.watch().triggered == 1


def test_a_fix_is_looked_at_again_and_what_is_still_bad_makes_another() -> None:
    """Defects 31 and 34: a fix that changes nothing is not the end of it; each makes one more, until they are used up."""
    scene = made(checks=(bad("unit"),))
    item = scene.go()

    assert item.status is WorkStatus.FAILED
    assert len(scene.tasks()) == scene.mission.policy.max_attempts
    assert "unit" in str(item.failure_reason)


def test_what_was_mended_meanwhile_asks_for_nothing() -> None:
    """Defect 34: who is at work is looked after when that is done; an intermediate commit is nobody's business."""
    scene = made(checks=(bad("unit"),))
    scene.tick()
    scene.pull(head="h2", checks=(bad("unit"),), threads=(remark("t1"),), mergeable=Mergeable.CONFLICTING)
    scene.tick(ROUND)
    scene.pull(head="h3", checks=(good(),), threads=(), mergeable=Mergeable.YES)
    scene.report()
    scene.tick()

    assert len(fixes(scene)) == 1
    assert scene.item().waiting_on is Waiting.MERGE


def test_what_came_up_meanwhile_is_mended_afterwards() -> None:
    """Defects 34 and 48: a remark made during a fix is not lost."""
    scene = made(checks=(bad("unit"),))
    scene.tick()
    scene.pull(head="h2", checks=(good(),), threads=(remark("t1", "rename it"),))
    scene.tick(ROUND)
    assert len(fixes(scene)) == 1
    scene.report()
    scene.tick()

    assert len(fixes(scene)) == 2
    assert "rename it" in fixes(scene)[1]


def test_a_remark_seen_once_makes_one_fix() -> None:
    """Defect 48: it lies there for ever, and the mission goes on."""
    scene = made(threads=(remark("t1", is_bot=True),))
    item = scene.go()
    for _ in range(3):
        item = scene.go(ROUND)

    assert len(fixes(scene)) == 1
    assert item.waiting_on is Waiting.MERGE


def test_clean_watches_end_on_good_checks_also_after_having_triggered() -> None:
    """§22, Dispatcher."""
    scene = made(threads=(remark("t1", is_bot=True),), reviews=(review("r1", "CHANGES_REQUESTED"),))
    scene.go()
    kinds = (WatchKind.PR_CHECKS, WatchKind.BUGBOT_COMMENTS, WatchKind.REVIEW_COMMENTS)

    assert [scene.watch(kind).status for kind in kinds] == [WatchStatus.DONE] * 3
    assert scene.watch(WatchKind.BUGBOT_COMMENTS).triggered == 1


def test_a_reviewer_on_github_is_waited_for() -> None:
    """Defect 47: whoever wanted changes there has to look again; an approval there ends it."""
    scene = made(reviews=(review("r1", "CHANGES_REQUESTED", body="use a set"),), decision=ReviewDecision.CHANGES_REQUESTED)
    item = scene.go()

    assert "use a set" in fixes(scene)[0]
    assert (item.waiting_on, item.waiting_for) == (Waiting.CI, "the reviews of acme/shop#10")
    scene.pull(reviews=(review("r2", "APPROVED"),), decision=ReviewDecision.APPROVED)
    assert scene.go(ROUND).waiting_on is Waiting.MERGE
    assert len(fixes(scene)) == 1


def test_conflicts_make_a_fix() -> None:
    """Defect 49."""
    scene = made(mergeable=Mergeable.CONFLICTING)
    scene.tick()

    assert "resolve them" in fixes(scene)[0]
    scene.pull(head="h2", mergeable=Mergeable.YES)
    scene.report()
    assert scene.tick().waiting_on is Waiting.MERGE


@pytest.mark.parametrize(("policy", "ends"), [(NoChecks.PASS, True), (NoChecks.WAIT, False)])
def test_no_checks_at_all(policy: NoChecks, ends: bool) -> None:
    """Defect 45."""
    scene = Scene(reviewer_required=False, no_checks=policy, no_checks_grace_secs=300)
    scene.pull(checks=())
    assert scene.go().waiting_on is Waiting.CI
    assert scene.go(timedelta(seconds=299)).waiting_on is Waiting.CI
    item = scene.go(ROUND)

    assert item.waiting_on is (Waiting.MERGE if ends else Waiting.CI)


def test_the_grace_begins_anew_with_each_commit() -> None:
    """Defect 45: checks of a new commit may take as long to appear as those of the first."""
    scene = Scene(reviewer_required=False)
    scene.pull(checks=())
    scene.go()
    scene.go(timedelta(seconds=290))
    scene.pull(head="h2")

    assert scene.go(ROUND).waiting_on is Waiting.CI
    assert scene.go(timedelta(seconds=301)).waiting_on is Waiting.MERGE


def test_a_superseded_pull_request_is_watched_no_more() -> None:
    """Defect 38: an old one that is red blocks nothing."""
    scene = made(checks=(bad(),))
    scene.says[1] = f"a better one: {pull_ref(11).url}"
    scene.pull(11)
    item = scene.go()

    assert item.pull == pull_ref(11)
    assert all(watch.superseded and not watch.is_open for watch in scene.watches(10))
    scene.merge(11)
    assert scene.go(ROUND).status is WorkStatus.DONE
    assert scene.mission.state is MissionState.COMPLETED


@pytest.mark.parametrize(
    "spelling", ["https://github.com/acme/shop/pull/10/files", "acme/shop#10", "see #10", "https://github.com/Acme/Shop/pull/10#issue-1"]
)
def test_all_spellings_mean_one_pull_request(spelling: str) -> None:
    """Defects 38 and 51."""
    scene = made(checks=(bad(),))
    scene.tick()
    scene.pull(head="h2", checks=(good(),))
    scene.report(result=spelling)
    scene.tick()

    assert len(scene.town.missions.view(scene.id).watches) == 4


def test_the_issue_itself_is_no_result() -> None:
    """Defect 38: naming the issue in the result watches nothing."""
    scene = Scene(reviewer_required=False)
    scene.tick()
    scene.report(result="closes acme/shop#1")

    assert scene.tick().pull is None
    assert scene.town.missions.view(scene.id).watches == ()


def test_a_result_that_names_no_pull_request_is_asked_for_again() -> None:
    """Defects 24 and 38: what GitHub does not know is not watched for ever."""
    scene = Scene(reviewer_required=False)
    scene.tick()
    scene.report(result="see acme/shop#77")
    item = scene.tick()

    assert item.pull is None
    assert "acme/shop#77, but that is no pull request" in fixes(scene)[0]
    assert scene.holder() == "ada"


@pytest.mark.parametrize("item_at_work", [True, False])
def test_a_pull_request_that_was_seen_is_not_given_up_for_a_missing_right(item_at_work: bool) -> None:
    """Defect 50: GitHub says `not found` to whoever may not read it any more."""
    scene = made(checks=(bad(),) if item_at_work else (good(),))
    scene.tick()
    before = scene.item()
    scene.town.hub.pulls.clear()
    after = scene.tick(ROUND)

    assert (after.pull, after.task_id, after.status) == (before.pull, before.task_id, before.status)
    assert scene.watch().consecutive_failures + scene.watch(WatchKind.MERGEABILITY).consecutive_failures > 0
