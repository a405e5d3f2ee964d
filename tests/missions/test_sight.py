"""What one watch makes of a pull request, case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.missions.scene import bad, good, pull_ref, remark, review, running
from tinytown.domain.mission import NoChecks, Policy
from tinytown.domain.pull_request import Check, CheckState, Mergeable, PullRequest, PullState, ReviewDecision
from tinytown.domain.watch import WatchKind
from tinytown.missions.sight import Sight, look

NOW = datetime(2026, 1, 1, tzinfo=UTC)
K = WatchKind


def see(kind: WatchKind, *, seen: frozenset[str] = frozenset(), waited: int = 0, no_checks: NoChecks = NoChecks.PASS, **pull: Any) -> Sight:
    """What a watch sees of a pull request that is good unless said otherwise."""
    usual: dict[str, Any] = {
        "ref": pull_ref(10),
        "head": "h1",
        "base": "main",
        "checks": (good(),),
        "mergeable": Mergeable.YES,
        "fetched_at": NOW,
    }
    shown = PullRequest(**usual | pull)
    since = NOW - timedelta(seconds=waited)
    return look(kind, shown, seen=seen, since=since, now=NOW, policy=Policy(no_checks=no_checks, no_checks_grace_secs=300))


@pytest.mark.parametrize(
    ("checks", "complete", "finding"),
    [
        ((good("a"), good("b")), True, "the checks are good"),
        ((good("a"), running("b")), False, "checks that have not finished: 1 of 2"),
        ((running("a"), good("b"), good("c")), False, "checks that have not finished: 1 of 3"),
        ((good("a"), bad("b")), False, "failed checks: b"),
        ((running("a"), bad("b")), False, "failed checks: b"),
    ],
    ids=["all good", "one runs", "the first runs", "one failed", "one failed, one runs"],
)
def test_checks_are_a_success_only_when_all_have_finished_well(checks: tuple[Check, ...], complete: bool, finding: str) -> None:
    """Defect 43: one green job beside one that runs is no success."""
    sight = see(K.PR_CHECKS, checks=checks)

    assert (sight.is_complete, sight.finding) == (complete, finding)


@pytest.mark.parametrize("kind", [K.BUGBOT_COMMENTS, K.REVIEW_COMMENTS])
@pytest.mark.parametrize("checks", [(good("a"), running("b")), (good("a"), bad("b"))], ids=["running", "failed"])
def test_the_other_watches_wait_for_good_checks_too(kind: WatchKind, checks: tuple[Check, ...]) -> None:
    """Defect 43, §16.2: without remarks they end when the checks are good, no sooner."""
    assert not see(kind, checks=checks).is_complete
    assert see(kind).is_complete


@pytest.mark.parametrize("word", ["error", "startup_failure", "stale", "timed_out", "cancelled", "action_required", "", "no-such-word"])
def test_whatever_word_a_failure_goes_by_it_is_one(word: str) -> None:
    """Defect 44: nothing that has finished is ignored."""
    sight = see(K.PR_CHECKS, checks=(good("a"), bad("b", conclusion=word)))

    assert not sight.is_complete
    assert f"b: {word or 'failure'}" in sight.evidence


@pytest.mark.parametrize(
    ("no_checks", "waited", "complete"),
    [(NoChecks.PASS, 0, False), (NoChecks.PASS, 299, False), (NoChecks.PASS, 300, True), (NoChecks.WAIT, 100_000, False)],
)
@pytest.mark.parametrize("kind", [K.PR_CHECKS, K.BUGBOT_COMMENTS, K.REVIEW_COMMENTS])
def test_no_checks_at_all_are_what_the_policy_says(kind: WatchKind, no_checks: NoChecks, waited: int, complete: bool) -> None:
    """Defect 45: none at all are good after a while, or are waited for."""
    assert see(kind, checks=(), no_checks=no_checks, waited=waited).is_complete is complete


@pytest.mark.parametrize("kind", [*WatchKind])
def test_a_merge_completes_every_watch(kind: WatchKind) -> None:
    """Defect 46: whatever the checks and remarks say."""
    sight = see(kind, state=PullState.MERGED, checks=(bad(),), threads=(remark("t1"),), mergeable=Mergeable.UNKNOWN)

    assert (sight.finding, sight.is_complete, sight.evidence) == ("merged", True, "")


@pytest.mark.parametrize("kind", [*WatchKind])
def test_a_closed_pull_request_is_not_complete_and_nothing_to_mend(kind: WatchKind) -> None:
    """Defect 46."""
    sight = see(kind, state=PullState.CLOSED, checks=(bad(),))

    assert (sight.finding, sight.is_complete, sight.evidence) == ("closed", False, "")


@pytest.mark.parametrize(
    ("pull", "finding", "evidence"),
    [
        ({}, "mergeable", ""),
        ({"draft": True}, "a draft", ""),
        ({"draft": True, "mergeable": Mergeable.CONFLICTING}, "a draft", ""),
        ({"mergeable": Mergeable.UNKNOWN}, "not judged by GitHub yet", ""),
        ({"mergeable": Mergeable.CONFLICTING}, "conflicting", "has conflicts with its base main"),
    ],
    ids=["yes", "draft", "draft with conflicts", "unknown", "conflicting"],
)
def test_what_is_made_of_mergeability(pull: dict[str, Any], finding: str, evidence: str) -> None:
    """Defects 46 and 49: drafts are seen, conflicts are to be mended; nothing else completes it than the merge."""
    sight = see(K.MERGEABILITY, **pull)

    assert (sight.finding, sight.is_complete) == (finding, False)
    assert evidence in sight.evidence
    assert bool(sight.evidence) is bool(evidence)


def test_a_conflict_triggers_once_for_each_commit() -> None:
    """Defects 34 and 49."""
    first = see(K.MERGEABILITY, mergeable=Mergeable.CONFLICTING)
    seen = frozenset(first.marks)

    assert see(K.MERGEABILITY, mergeable=Mergeable.CONFLICTING, seen=seen).evidence == ""
    assert see(K.MERGEABILITY, mergeable=Mergeable.CONFLICTING, seen=seen, head="h2").evidence


def test_failed_checks_trigger_once_for_each_commit() -> None:
    """Defect 34: three kinds times every look is no reason for a pile of fixes."""
    seen = frozenset(see(K.PR_CHECKS, checks=(bad(),)).marks)

    assert see(K.PR_CHECKS, checks=(bad(),), seen=seen).evidence == ""
    assert not see(K.PR_CHECKS, checks=(bad(),), seen=seen).is_complete
    assert see(K.PR_CHECKS, checks=(bad(),), seen=seen, head="h2").evidence


def test_the_evidence_of_failed_checks_is_whole() -> None:
    """Defect 34: the name, GitHub's word, where to read on, and the end of what it said, of every failed one."""
    checks = (bad("unit", "E  assert 1 == 2\n"), good("lint"), bad("docs", "no such page", conclusion="timed_out"))
    evidence = see(K.PR_CHECKS, checks=checks).evidence

    for words in ("unit: failure\nhttps://ci/unit\nE  assert 1 == 2", "docs: timed_out\nhttps://ci/docs\nno such page", "commit h1"):
        assert words in evidence
    assert "lint" not in evidence


def test_a_log_without_end_is_told_by_its_end() -> None:
    evidence = see(K.PR_CHECKS, checks=(bad("unit", "beginning " + "x" * 10_000 + " the end"),)).evidence

    assert evidence.endswith("the end")
    assert "beginning" not in evidence


@pytest.mark.parametrize("kind", [K.BUGBOT_COMMENTS, K.REVIEW_COMMENTS])
def test_a_remark_triggers_once_and_new_ones_by_themselves(kind: WatchKind) -> None:
    """Defect 48: what was seen once does not fire again, though it lies there for ever."""
    is_bot = kind is K.BUGBOT_COMMENTS
    old, new = remark("c1", "the old one", is_bot=is_bot), remark("c2", "the new one", is_bot=is_bot)
    first = see(kind, threads=(old,))
    seen = frozenset(first.marks)
    later = see(kind, threads=(old, new), seen=seen)

    assert "zoe on shop.py:7:\nthe old one" in first.evidence
    assert see(kind, threads=(old,), seen=seen).is_complete
    assert "the new one" in later.evidence
    assert "the old one" not in later.evidence


def test_remarks_are_those_of_programs_or_of_people() -> None:
    """Defect 48: by who wrote them, not by words such as `bugbot` in them."""
    mine = remark("c1", "fixed the bugbot remark", author="cursor-fan")

    assert see(K.BUGBOT_COMMENTS, threads=(mine,)).is_complete
    assert "fixed the bugbot remark" in see(K.REVIEW_COMMENTS, threads=(mine,)).evidence
    assert see(K.REVIEW_COMMENTS, threads=(remark("c2", is_bot=True),), comments=(remark("c3", is_bot=True),)).is_complete


def test_programs_are_heard_in_threads_and_on_the_whole() -> None:
    """Defect 48: review threads are read too."""
    evidence = see(
        K.BUGBOT_COMMENTS,
        threads=(remark("c1", "in a thread", is_bot=True),),
        comments=(remark("c2", "below", author="cursor", is_bot=True),),
    ).evidence

    assert "in a thread" in evidence
    assert "below" in evidence


@pytest.mark.parametrize("state", ["APPROVED", "COMMENTED", "DISMISSED"])
def test_only_a_review_that_wants_changes_asks_for_them(state: str) -> None:
    """Defect 47: the newest of each reviewer counts, and it may have become an approval."""
    assert see(K.REVIEW_COMMENTS, reviews=(review("r1", state, body="hm"),)).is_complete


def test_changes_that_are_wanted_are_asked_for_once_and_waited_for() -> None:
    """Defect 47: GitHub's own decision stays in the way until the reviewer has looked again."""
    wanted: dict[str, Any] = {
        "reviews": (review("r1", "CHANGES_REQUESTED", body="use a set"),),
        "decision": ReviewDecision.CHANGES_REQUESTED,
    }
    first = see(K.REVIEW_COMMENTS, **wanted)
    again = see(K.REVIEW_COMMENTS, seen=frozenset(first.marks), **wanted)

    assert "use a set" in first.evidence
    assert (again.evidence, again.is_complete) == ("", False)
    assert see(K.REVIEW_COMMENTS, seen=frozenset(first.marks), reviews=wanted["reviews"]).is_complete


def test_threads_of_people_ask_for_changes() -> None:
    """Defect 47: plain remarks in threads are to be dealt with as well."""
    assert "look here" in see(K.REVIEW_COMMENTS, threads=(remark("t1"),)).evidence


def test_every_state_of_a_check_is_dealt_with() -> None:
    """Defect 44: a new one would have to be thought of here."""
    assert set(CheckState) == {CheckState.PENDING, CheckState.SUCCESS, CheckState.FAILURE}
