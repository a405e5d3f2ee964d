"""The way to the end: reviews of a commit, merges, drafts, and pull requests that are closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.missions.scene import ROUND, Scene, bad, planned, pull_ref, review, running
from tinytown.domain.mission import Dependency, MissionState
from tinytown.domain.notification import News
from tinytown.domain.objective import PullRef
from tinytown.domain.pull_request import Check, CheckState, Mergeable, PullRequest, PullState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import GitHubRefused, GitHubUnavailable, WrongState


def ready(**policy: Any) -> Scene:
    """A mission whose item has been made and not been looked at."""
    scene = Scene(**policy)
    scene.pull()
    scene.tick()
    scene.report()
    return scene


def test_a_merge_ends_everything() -> None:
    """Defect 46: with checks that run, remarks, and a review that nobody has taken up."""
    scene = ready()
    scene.pull(checks=(running(),))
    scene.tick()
    asked = scene.task()
    scene.merge()
    item = scene.tick(ROUND)

    assert item.status is WorkStatus.DONE
    assert scene.town.tasks.get(asked.id).state.is_terminal
    assert not any(watch.is_open for watch in scene.watches())
    assert scene.mission.state is MissionState.COMPLETED


def test_a_merge_ends_a_fix() -> None:
    """Defect 46: a fix of what is merged is called back."""
    scene = ready(reviewer_required=False)
    scene.pull(checks=(bad(),))
    scene.tick()
    scene.merge()
    scene.tick(ROUND)

    assert scene.open_tasks() == []
    assert scene.mission.state is MissionState.COMPLETED


def test_done_means_merged() -> None:
    """Defect 39, and other than §22 has it: approved and green is not enough for those who build on it."""
    scene = Scene(planned(1), planned(2, 1))
    item = scene.go()

    assert (item.status, item.waiting_on) == (WorkStatus.BLOCKED, Waiting.MERGE)
    assert scene.item(2).status is WorkStatus.PENDING
    scene.merge()
    scene.tick(ROUND)
    assert scene.item(2).status is WorkStatus.ASSIGNED


def test_done_may_mean_approved() -> None:
    """§22, Dispatcher: with that policy, success and approval end item and mission."""
    scene = Scene(dependency=Dependency.APPROVED)

    assert scene.go().status is WorkStatus.DONE
    assert scene.mission.state is MissionState.COMPLETED


@pytest.mark.parametrize("dependency", [*Dependency])
@pytest.mark.parametrize("auto_merge", [True, False])
def test_mergeability_does_not_bypass_the_reviewer(dependency: Dependency, auto_merge: bool) -> None:
    """§22, Dispatcher."""
    scene = Scene(agents={"ada": "backend"}, dependency=dependency, auto_merge=auto_merge)
    item = scene.go()
    item = scene.go(ROUND)

    assert (item.status, item.waiting_on) == (WorkStatus.BLOCKED, Waiting.REVIEW)
    assert scene.town.hub.merged == []


def test_an_approval_finishes_work_without_a_pull_request() -> None:
    """§22, Scheduler: no watch is open, so the approval is all."""
    scene = Scene()
    scene.says[1] = "done by hand"

    assert scene.go().status is WorkStatus.DONE
    assert [name for name, _ in scene.given] == ["ada", "rex"]


def test_work_that_runs_is_not_finished_by_what_it_has_made() -> None:
    """§22, Scheduler."""
    scene = Scene(reviewer_required=False)
    scene.tick()
    scene.town.missions.update_item(scene.id, scene.item().id, by="rob", artifacts=["a link"])

    assert scene.tick().status is WorkStatus.ASSIGNED


def test_a_head_that_moves_after_the_approval_is_reviewed_again() -> None:
    """Defect 33: the verdict holds for the commit that was read."""
    scene = ready()
    scene.go()
    assert scene.item().approved_commit == "h1"
    scene.pull(head="h2")
    scene.tick(ROUND)

    assert scene.task().mission_task is MissionTask.REVIEW
    assert "at commit h2" in scene.task().description
    scene.report()
    assert scene.tick().approved_commit == "h2"


def test_a_head_that_moves_during_the_review_calls_it_back() -> None:
    """Defect 33: a verdict on the older commit does not count, even if it comes before the next look."""
    scene = ready()
    scene.tick()
    old = scene.task()
    scene.pull(head="h2")
    scene.tick(ROUND)

    assert scene.town.tasks.get(old.id).state.is_terminal
    assert "at commit h2" in scene.task().description
    scene.pull(head="h3")
    scene.report()
    item = scene.tick(ROUND)
    assert item.waiting_on is Waiting.REVIEW
    assert item.approved_commit != "h3"


def test_an_approval_on_github_counts_for_that_very_commit() -> None:
    """Defect 47: and calls a review back that is no longer needed."""
    scene = ready()
    scene.pull(reviews=(review("r1", "APPROVED", commit="h0"),))
    assert scene.tick().waiting_on is Waiting.REVIEW
    scene.pull(reviews=(review("r2", "APPROVED", commit="h1"),))
    item = scene.tick(ROUND)

    assert (item.waiting_on, item.approved_commit) == (Waiting.MERGE, "h1")
    assert item.review is not None
    assert item.review.by == "zoe"
    assert scene.open_tasks() == []


def test_an_approval_on_github_by_a_program_does_not_count() -> None:
    scene = ready()
    scene.pull(reviews=(review("r1", "APPROVED", is_bot=True),))

    assert scene.tick().waiting_on is Waiting.REVIEW


def test_auto_merge_merges_what_was_approved() -> None:
    """Defects 39 and 72: the setting is no dead letter."""
    scene = Scene(auto_merge=True)

    scene.go()
    assert scene.town.hub.merged == [(pull_ref(10), "h1")]
    assert scene.tick().status is WorkStatus.DONE


def test_a_merge_that_is_refused_is_told_and_tried_again_when_somebody_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 72: with what GitHub says."""
    scene = Scene(auto_merge=True)
    with monkeypatch.context() as refusing:
        refusing.setattr(scene.town.hub, "merge", _refuse)
        scene.go()
        scene.go(ROUND)
        item = scene.go(ROUND)
    told = scene.news(News.MISSION_NEEDS_APPROVAL)

    assert (item.waiting_on, item.merge_refused) == (Waiting.MERGE, "GitHub refused the merge: it is protected (not_mergeable)")
    assert [(news.title, "it is protected" in news.body) for news in told] == [("acme/shop#10 was not merged", True)]
    assert "it is protected" in item.waiting_for
    assert scene.note("resume") == "resumed"
    assert scene.tick().status is WorkStatus.DONE


def test_a_mission_is_resumed_though_a_merge_was_refused_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 22: what somebody merged by hand, or what is reviewed by now, does not stand in the way."""
    scene = Scene(planned(1), planned(2), auto_merge=True)
    monkeypatch.setattr(scene.town.hub, "merge", _refuse)
    scene.go()
    scene.merge(10)
    scene.pull(20, head="h2")
    scene.tick(ROUND)
    assert (scene.item(1).status, scene.item(2).waiting_on) == (WorkStatus.DONE, Waiting.REVIEW)

    assert scene.note("resume") == "resumed"


def test_nothing_is_merged_that_was_rejected_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 32: the merge waited for GitHub, and is forgotten; approved again, it is asked for again."""
    scene = Scene(auto_merge=True)
    scene.pull(mergeable=Mergeable.UNKNOWN)
    scene.go()
    scene.pull(mergeable=Mergeable.YES)
    with monkeypatch.context() as away:
        away.setattr(scene.town.hub, "merge", _away)
        assert scene.tick(ROUND).merge_asked == "h1"
    scene.town.missions.reject(scene.id, scene.item().id, "not like this", by="rob")
    scene.tick()
    assert scene.town.hub.merged == []
    assert "not like this" in scene.task().description

    scene.go()
    assert scene.town.hub.merged == [(pull_ref(10), "h1")]


def test_nothing_is_merged_while_the_mission_is_held() -> None:
    """Defect 71: an approval counts, what follows from it waits."""
    scene = Scene(agents={"ada": "backend"}, auto_merge=True)
    scene.go()
    scene.town.missions.pause(scene.id, by="rob")
    scene.town.missions.approve(scene.id, None, by="rob")
    scene.tick(ROUND)
    assert scene.town.hub.merged == []

    scene.town.missions.resume(scene.id, by="rob")
    scene.tick()
    assert scene.tick().status is WorkStatus.DONE


def test_people_are_told_once_that_they_may_merge() -> None:
    """Also when GitHub does not know for a while whether they could."""
    scene = Scene()
    scene.go()
    scene.pull(mergeable=Mergeable.UNKNOWN)
    assert "become mergeable" in scene.go(ROUND).waiting_for
    scene.pull(mergeable=Mergeable.YES)
    scene.go(ROUND)

    assert [news.title for news in scene.news(News.MISSION_NEEDS_APPROVAL)] == ["acme/shop#10 can be merged"]


def test_a_draft_is_waited_for_and_asked_about() -> None:
    """Defect 46: approved and green, it is only not meant to be merged yet; nobody else would notice."""
    scene = Scene(auto_merge=True)
    scene.pull(draft=True)
    item = scene.go()

    assert (item.waiting_on, item.waiting_for) == (Waiting.MERGE, "acme/shop#10 to become mergeable: it is a draft")
    assert "is a draft. Mark it as ready" in str(scene.help()[0].question)
    scene.pull(draft=False)
    scene.go(ROUND)
    assert scene.go().status is WorkStatus.DONE
    assert scene.help() == []


def test_what_an_agent_names_elsewhere_is_merged_by_people() -> None:
    """The token may be able to merge much more than the mission is about."""
    scene = Scene(reviewer_required=False, auto_merge=True)
    ref = PullRef("acme", "bank", 10)
    good = (Check(name="build", state=CheckState.SUCCESS),)
    scene.town.hub.pulls[ref.key] = PullRequest(ref=ref, head="h1", checks=good, mergeable=Mergeable.YES, fetched_at=scene.town.desk.now())
    scene.tick()
    scene.report(result=ref.url)

    item = scene.tick()

    assert (item.waiting_on, item.waiting_for) == (
        Waiting.MERGE,
        "somebody to merge acme/bank#10: it is not in the repository of its issue",
    )
    assert scene.town.hub.merged == []


def test_done_stays_done() -> None:
    """Defect 32: neither people nor a late report open it again."""
    scene = Scene(planned(1), planned(2))
    scene.go()
    scene.merge()
    scene.tick(ROUND)
    item = scene.item()
    missions = scene.town.missions
    for step in (missions.approve, missions.retry):
        with pytest.raises(WrongState):
            step(scene.id, item.id, by="rob")
    with pytest.raises(WrongState):
        missions.reject(scene.id, item.id, "no", by="rob")
    with pytest.raises(WrongState):
        missions.redirect(scene.id, item.id, "ada", by="rob")
    scene.pull(state=PullState.OPEN, checks=(bad(),))
    scene.go(ROUND)

    assert scene.item() == item


def _refuse(*_: object) -> str:
    raise GitHubRefused("the merge", "it is protected", "not_mergeable")


def _away(*_: object) -> str:
    raise GitHubUnavailable("it is away", 10)
