"""Defects 28-33: who made it, who read it, what counts, and on which commit."""

from __future__ import annotations

import msgspec
import pytest

from tests.missions.stage import (
    BAD,
    GOOD,
    Agents,
    agent,
    begin,
    deliver,
    item,
    later,
    live_tasks,
    made,
    mission_of,
    planned,
    pull,
    ref,
    task_of,
    tick,
    turn,
    watch,
    watches,
)
from tinytown.domain.mission import MissionState
from tinytown.domain.pull_request import Mergeable, PullReview
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import WatchKind
from tinytown.domain.work_item import Waiting, WorkKind, WorkStatus
from tinytown.errors import InvalidValue, WrongState
from tinytown.testing import Rehearsal


@pytest.mark.parametrize("why", ["rejected", "checks"])
def test_a_fix_goes_to_the_author_and_never_to_the_reviewer(town: Rehearsal, why: str) -> None:
    """Defect 28: the reviewer has the only live task for a while, and is not the author for that."""
    mission = made(town, 1)
    tick(town, mission)
    during = item(town, mission, 1)
    if why == "rejected":
        turn(town, "rex", Agents(verdict=Verdict.REJECT))
    else:
        pull(town, 101, checks=BAD)
        later(town, 181)
        tick(town, mission)

    after = item(town, mission, 1)
    assert (during.author, during.assigned_to) == (agent(town, "ada"), agent(town, "rex"))
    assert (after.author, after.assigned_to) == (agent(town, "ada"), agent(town, "ada"))
    assert after.task_kind is MissionTask.FIX


@pytest.mark.parametrize("said", ["", "Rejected, because it leaks.", "LGTM", "approve"])
def test_words_are_no_verdict(town: Rehearsal, said: str) -> None:
    """Defect 29: who ends a review by whatever words has not approved it; it is asked for again."""
    mission = made(town, 1)
    first = task_of(town, mission, 1)
    with pytest.raises(InvalidValue, match="verdict"):
        town.tasks.complete(first.id, said)
    done = msgspec.structs.replace(first.completed(said, town.clock.now()), verdict=None)
    town.desk.store.tasks.change(first, done, epoch=None, agents=None, ask="", event=None)
    deliver(town)

    assert not item(town, mission, 1).reviewer_approved
    assert task_of(town, mission, 1).mission_task is MissionTask.REVIEW
    assert task_of(town, mission, 1).id != first.id


@pytest.mark.parametrize("how", ["note", "command"])
def test_pausing_and_resuming_makes_no_result_up(town: Rehearsal, how: str) -> None:
    """Defect 30: what was not good before is not good afterwards."""
    pull(town, 101, checks=())
    mission = made(town, 1, no_checks="wait")
    turn(town, "rex")
    before = [(each.kind, each.status, each.override) for each in watches(town, mission)]

    for verb in ("pause", "resume"):
        if how == "note":
            town.missions.note(mission, verb)
            tick(town, mission)
        elif verb == "pause":
            town.missions.pause(mission, by="me")
        else:
            town.missions.resume(mission, by="me")
    tick(town, mission, times=2)

    assert [(each.kind, each.status, each.override) for each in watches(town, mission)] == before
    assert item(town, mission, 1).waiting_on is Waiting.CI


def test_overriding_a_watch_is_an_act_of_its_own_that_is_kept(town: Rehearsal) -> None:
    """Defect 30: of one watch, with whose word it was, and why."""
    pull(town, 101, checks=())
    mission = made(town, 1, no_checks="wait")
    turn(town, "rex")

    for kind in (WatchKind.PR_CHECKS, WatchKind.BUGBOT_COMMENTS, WatchKind.REVIEW_COMMENTS):
        assert item(town, mission, 1).waiting_on is Waiting.CI
        town.missions.override_watch(mission, watch(town, mission, kind).id, "there are none", by="me")

    assert item(town, mission, 1).waiting_on is Waiting.MERGE
    over = watch(town, mission, WatchKind.PR_CHECKS).override
    assert over is not None
    assert (over.by, over.reason) == ("me", "there are none")
    assert watch(town, mission, WatchKind.MERGEABILITY).override is None


@pytest.mark.parametrize("kind", [WorkKind.IMPLEMENT, WorkKind.FOLLOWUP])
def test_a_fix_without_a_word_of_the_pull_request_passes_the_same_gates(town: Rehearsal, kind: WorkKind) -> None:
    """Defect 31."""
    pull(town, 101, checks=BAD)
    mission = begin(town, planned(1, kind=kind), reviewer_required=False, dependency="approved")
    turn(town, "ada")
    assert task_of(town, mission, 1).mission_task is MissionTask.FIX

    town.tasks.complete(task_of(town, mission, 1).id, "I mended it.")
    deliver(town)
    still_bad = item(town, mission, 1)
    pull(town, 101, checks=GOOD, head="newer")
    town.tasks.complete(task_of(town, mission, 1).id, "Now I did.")
    deliver(town)

    assert (still_bad.status, still_bad.task_kind) == (WorkStatus.ASSIGNED, MissionTask.FIX)
    assert item(town, mission, 1).status is WorkStatus.DONE


def test_what_is_reported_late_reopens_nothing(town: Rehearsal) -> None:
    """Defect 32: a task that the item does not have any more says nothing about it."""
    mission = begin(town, 1)
    deliver(town)
    old = task_of(town, mission, 1)
    town.missions.update_item(mission, "#1", status=WorkStatus.DONE, by="me")
    tick(town, mission)
    ended = mission_of(town, mission)
    assert ended.state is MissionState.COMPLETED

    with pytest.raises(WrongState):
        town.tasks.complete(old.id, ref(101).url)
    tick(town, mission)
    deliver(town)

    assert item(town, mission, 1).status is WorkStatus.DONE
    assert watches(town, mission) == []
    assert live_tasks(town, mission) == []
    assert mission_of(town, mission) == ended


def test_a_result_counts_once(town: Rehearsal) -> None:
    """Defect 32: however often its mission hears of it."""
    mission = made(town, 1)
    first = item(town, mission, 1).past_tasks[-1]
    with pytest.raises(WrongState):
        town.tasks.complete(first, "again")
    before = item(town, mission, 1)

    tick(town, mission, times=3)

    assert item(town, mission, 1) == before


@pytest.mark.parametrize("moment", ["pending", "at work", "done"])
def test_only_what_was_made_can_be_approved(town: Rehearsal, moment: str) -> None:
    """Defect 32."""
    mission = begin(town, 1, planned(2, 1))
    deliver(town)
    if moment == "done":
        town.missions.update_item(mission, "#1", status=WorkStatus.DONE, by="me")
    which = "#2" if moment == "pending" else "#1"
    before = town.missions.item(mission, f"acme/shop{which}")

    with pytest.raises(WrongState):
        town.missions.approve(mission, f"acme/shop{which}", by="me")

    assert town.missions.item(mission, f"acme/shop{which}") == before


def test_an_approval_holds_for_the_commit_that_was_read(town: Rehearsal) -> None:
    """Defect 33: a newer one is read again."""
    mission = made(town, 1, auto_merge=True)
    pull(town, 101, mergeable=Mergeable.UNKNOWN)
    later(town, 181)
    tick(town, mission)
    turn(town, "rex")
    approved = item(town, mission, 1)
    pull(town, 101, head="newer", mergeable=Mergeable.YES)
    later(town, 181)

    tick(town, mission)

    assert (approved.approved_commit, approved.waiting_on) == ("head-101-1", Waiting.MERGE)
    assert town.hub.merged == []
    assert "newer" in task_of(town, mission, 1).description
    assert task_of(town, mission, 1).mission_task is MissionTask.REVIEW


def test_a_review_of_an_older_commit_is_called_back(town: Rehearsal) -> None:
    """Defect 33: and what its reviewer still says does not count."""
    mission = made(town, 1)
    old = task_of(town, mission, 1)
    pull(town, 101, head="newer")
    later(town, 181)

    tick(town, mission)
    deliver(town)

    assert town.tasks.get(old.id).state is TaskState.CANCELLED
    assert item(town, mission, 1).reviewing == "newer"


def test_a_verdict_that_comes_before_the_newer_commit_is_seen_is_of_the_older(town: Rehearsal) -> None:
    """Defect 33."""
    mission = made(town, 1)
    pull(town, 101, head="newer")

    turn(town, "rex")
    later(town, 181)
    tick(town, mission)

    assert item(town, mission, 1).approved_commit == "head-101-1"
    assert item(town, mission, 1).waiting_on is Waiting.REVIEW
    assert len(live_tasks(town, mission)) == 1


def test_no_author_is_the_own_reviewer(town: Rehearsal) -> None:
    """Defect 33: nor by somebody who hands the review over."""
    mission = made(town, 1)
    with pytest.raises(InvalidValue, match="author"):
        town.missions.approve(mission, "#1", by="ada", agent=agent(town, "ada"))
    town.tasks.requeue(task_of(town, mission, 1).id, to="ada")
    deliver(town)

    turn(town, "ada")

    assert not item(town, mission, 1).reviewer_approved
    assert item(town, mission, 1).assigned_to == agent(town, "rex")


def test_an_approval_on_github_does_not_undo_a_rejection(town: Rehearsal) -> None:
    """Defect 33: it was given before, for the very commit that was rejected here."""
    mission = made(town, 1)
    approval = PullReview(id="1", author="kim", state="APPROVED", commit="head-101-1")
    turn(town, "rex", Agents(verdict=Verdict.REJECT))
    pull(town, 101, reviews=(approval,))
    town.tasks.complete(task_of(town, mission, 1).id, "I see nothing to change.")
    deliver(town)

    assert not item(town, mission, 1).reviewer_approved
    assert task_of(town, mission, 1).mission_task is MissionTask.REVIEW
