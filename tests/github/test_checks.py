"""What the checks of a pull request come to."""

from __future__ import annotations

import pytest

from tests.github import graph
from tests.github.conftest import SHOP
from tests.github.standin import StandIn
from tinytown.domain.pull_request import CheckState
from tinytown.errors import GitHubRefused
from tinytown.github.client import GitHubClient
from tinytown.github.excerpts import end_of_log


def states(github: GitHubClient) -> dict[str, CheckState]:
    return {check.name: check.state for check in github.pull(SHOP).checks}


@pytest.mark.parametrize("status", ["queued", "in_progress", "waiting", "requested", "pending"])
@pytest.mark.parametrize("conclusion", [None, "", "success"])
def test_an_unfinished_check_is_no_success_beside_a_green_one(
    standin: StandIn, github: GitHubClient, status: str, conclusion: str | None
) -> None:
    """Defect 43: the status is looked at first, and a conclusion only counts when the run is completed."""
    pull = standin.pull("acme/shop", 10)
    standin.check(pull, "lint", conclusion="success")
    standin.check(pull, "build", status, conclusion)

    assert states(github) == {"lint": CheckState.SUCCESS, "build": CheckState.PENDING}


@pytest.mark.parametrize(
    "conclusion", ["failure", "timed_out", "cancelled", "action_required", "startup_failure", "stale", "a_word_of_tomorrow", None, ""]
)
def test_a_finished_check_that_is_not_known_to_be_good_has_failed(standin: StandIn, github: GitHubClient, conclusion: str | None) -> None:
    """Defect 44: start-up failures, stale runs and unknown words are failures, and not ignored."""
    standin.check(standin.pull("acme/shop", 10), "build", conclusion=conclusion)

    assert states(github) == {"build": CheckState.FAILURE}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("success", CheckState.SUCCESS),
        ("error", CheckState.FAILURE),
        ("failure", CheckState.FAILURE),
        ("pending", CheckState.PENDING),
        ("expected", CheckState.PENDING),
    ],
)
def test_statuses_of_the_older_kind_count_too(standin: StandIn, github: GitHubClient, word: str, state: CheckState) -> None:
    """Defect 44: the legacy state `error` is a failure."""
    standin.status(standin.pull("acme/shop", 10), "ci/circle", word, "it broke")

    [check] = github.pull(SHOP).checks

    assert (check.name, check.state, check.conclusion) == ("ci/circle", state, word)
    assert check.excerpt == ("it broke" if state is CheckState.FAILURE else "")


@pytest.mark.parametrize("conclusion", ["success", "neutral", "skipped"])
def test_success_neutral_and_skipped_are_good(standin: StandIn, github: GitHubClient, conclusion: str) -> None:
    standin.check(standin.pull("acme/shop", 10), "build", conclusion=conclusion)

    assert states(github) == {"build": CheckState.SUCCESS}


def test_no_checks_at_all_are_told_as_none(standin: StandIn, github: GitHubClient) -> None:
    """Defect 45: whoever reads the snapshot sees that there are none, and follows the policy."""
    standin.pull("acme/shop", 10)

    assert github.pull(SHOP).checks == ()


def test_checks_that_the_token_may_not_read_are_not_taken_for_none(standin: StandIn, github: GitHubClient) -> None:
    """Defect 45: an answer with a hole in it is no answer."""
    standin.pull("acme/shop", 10)
    standin.limits.forbidden.add("acme/shop")

    with pytest.raises(GitHubRefused, match="give the token access") as refused:
        github.pull(SHOP)

    assert refused.value.reason == "forbidden"


def test_of_a_check_that_ran_again_the_newest_counts(standin: StandIn, github: GitHubClient) -> None:
    pull = standin.pull("acme/shop", 10)
    standin.check(pull, "build", conclusion="cancelled")
    standin.check(pull, "build", conclusion="success")
    standin.status(pull, "ci/circle", "failure")
    standin.status(pull, "ci/circle", "success")

    assert states(github) == {"build": CheckState.SUCCESS, "ci/circle": CheckState.SUCCESS}


def test_checks_of_one_name_in_two_workflows_are_two(standin: StandIn, github: GitHubClient) -> None:
    """A success of one workflow must not hide the failure of another."""
    pull = standin.pull("acme/shop", 10)
    standin.check(pull, "test", conclusion="failure", workflow="Unit")
    standin.check(pull, "test", conclusion="success", workflow="Browser")

    assert sorted(check.state for check in github.pull(SHOP).checks) == [CheckState.FAILURE, CheckState.SUCCESS]


def test_only_the_checks_of_the_head_count(standin: StandIn, github: GitHubClient) -> None:
    pull = standin.pull("acme/shop", 10, head="aaa")
    standin.check(pull, "build", conclusion="failure")
    standin.push(pull, "bbb")
    standin.check(pull, "build", "queued")

    found = github.pull(SHOP)

    assert (found.head, [check.state for check in found.checks]) == ("bbb", [CheckState.PENDING])


def test_just_after_a_push_the_checks_are_asked_for_by_the_head(standin: StandIn, github: GitHubClient) -> None:
    """GitHub's list of commits may lag behind, and would show the old commit's green checks."""
    pull = standin.pull("acme/shop", 10, head="aaa")
    standin.check(pull, "build", conclusion="success")
    standin.push(pull, "bbb")
    standin.check(pull, "build", "in_progress")
    pull.lags_behind = "aaa"

    assert states(github) == {"build": CheckState.PENDING}


def test_long_lists_are_read_to_their_end(standin: StandIn, github: GitHubClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defects 43 and 48: the failure on the third page counts, and so does the thread there."""
    monkeypatch.setattr(graph, "PAGE", 2)
    pull = standin.pull("acme/shop", 10)
    for position in range(4):
        standin.check(pull, f"job {position}", conclusion="success")
        standin.thread(pull, f"remark {position}")
        standin.comment(pull, f"note {position}", "codecov", bot=True)
    standin.check(pull, "job 4", conclusion="failure")

    found = github.pull(SHOP)

    assert [check.state for check in found.checks] == [CheckState.SUCCESS] * 4 + [CheckState.FAILURE]
    assert [thread.body for thread in found.threads] == [f"remark {position}" for position in range(4)]
    assert [comment.body for comment in found.comments] == [f"note {position}" for position in range(4)]


def test_a_failed_check_comes_with_what_it_said(standin: StandIn, github: GitHubClient) -> None:
    pull = standin.pull("acme/shop", 10)
    notes = ({"path": "a.py", "start_line": 7, "message": "undefined name 'x'", "annotation_level": "failure"},)
    standin.check(
        pull, "build", conclusion="failure", title="1 error", summary="It broke.", text="y" * 5000, annotations=notes, app="other"
    )

    [check] = github.pull(SHOP).checks

    assert check.excerpt.startswith("1 error\nIt broke.\na.py:7: undefined name 'x'\n…yyy")
    assert len(check.excerpt) <= 2000


def test_of_a_job_of_github_actions_the_log_is_read_up_to_the_last_error(standin: StandIn, github: GitHubClient) -> None:
    log = (
        "2026-01-01T00:00:00.0000000Z \x1b[31mFAILED test_a\x1b[0m\n"
        "2026-01-01T00:00:01.0000000Z ##[error]Process completed with exit code 1.\n"
        "2026-01-01T00:00:02.0000000Z Post job cleanup.\n"
    )
    standin.check(standin.pull("acme/shop", 10), "build", conclusion="failure", log="noise\n" * 50_000 + log)

    [check] = github.pull(SHOP).checks

    assert check.excerpt.endswith("noise\nFAILED test_a\n##[error]Process completed with exit code 1.")
    assert len(check.excerpt) <= 2000


def test_the_token_does_not_go_where_the_logs_are(standin: StandIn, github: GitHubClient) -> None:
    """They are on another host, which has no business with it."""
    standin.check(standin.pull("acme/shop", 10), "build", conclusion="failure", log="boom")

    assert github.pull(SHOP).checks[0].excerpt == "boom"

    [headers] = [headers for name, headers in standin.seen if "/_standin/logs/" in name]
    assert "authorization" not in headers


def test_what_a_run_said_is_read_once_and_for_five_at_most(standin: StandIn, github: GitHubClient) -> None:
    pull = standin.pull("acme/shop", 10)
    for position in range(7):
        standin.check(pull, f"job {position}", conclusion="failure", summary=f"error {position}", app="other")

    first, second = github.pull(SHOP), github.pull(SHOP)

    assert [check.excerpt for check in first.checks] == [f"error {position}" for position in range(5)] + ["", ""]
    assert second.checks == first.checks
    assert standin.asked("check-runs") == 5


@pytest.mark.parametrize("way", ["hang", "drop"])
def test_excerpts_that_cannot_be_had_now_are_no_reason_to_fail(standin: StandIn, github: GitHubClient, way: str) -> None:
    """And after the first of them nobody waits for the others."""
    pull = standin.pull("acme/shop", 10)
    for name in ("build", "lint", "test"):
        standin.check(pull, name, conclusion="failure", summary="boom")
    standin.trouble("check-runs", way, times=9)

    assert states(github) == dict.fromkeys(("build", "lint", "test"), CheckState.FAILURE)
    assert standin.asked("check-runs") == (1 if way == "hang" else 3)

    standin.limits.troubles.clear()
    assert [check.excerpt for check in github.pull(SHOP).checks] == ["boom"] * 3


def test_a_token_that_may_not_read_check_runs_may_read_logs(standin: StandIn, github: GitHubClient) -> None:
    standin.check(standin.pull("acme/shop", 10), "build", conclusion="failure", summary="secret", log="boom")
    standin.fail("check-runs", 403, message="Resource not accessible by personal access token")

    assert github.pull(SHOP).checks[0].excerpt == "boom"


def test_a_log_without_an_error_mark_is_cut_from_its_end() -> None:
    assert end_of_log("a\nb\nc", 4) == "…b\nc"
