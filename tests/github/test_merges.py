"""Merging, at the commit that was judged."""

from __future__ import annotations

import pytest

from tests.github.conftest import ISSUE, SHOP
from tests.github.standin import StandIn
from tinytown.domain.pull_request import IssueState, PullState
from tinytown.errors import GitHubRefused, GitHubUnavailable
from tinytown.github.client import GitHubClient


def test_a_pull_request_is_merged_and_its_issue_is_closed(standin: StandIn, github: GitHubClient) -> None:
    standin.issue("acme/shop", 1)
    standin.pull("acme/shop", 10, head="abc", closes=1)

    commit = github.merge(SHOP, "abc")

    found = github.pull(SHOP)
    assert (found.state, found.merge_commit) == (PullState.MERGED, commit)
    assert github.issue(ISSUE).state is IssueState.CLOSED


def test_another_head_than_the_judged_one_is_not_merged(standin: StandIn, github: GitHubClient) -> None:
    pull = standin.pull("acme/shop", 10, head="abc")
    standin.push(pull, "def")

    with pytest.raises(GitHubRefused, match="its head is def by now, and not abc") as refused:
        github.merge(SHOP, "abc")

    assert refused.value.reason == "head_moved"
    assert pull.state == "OPEN"


def test_merging_again_is_a_success_again(standin: StandIn, github: GitHubClient) -> None:
    """Whoever merged and died before he could say so merges again."""
    standin.pull("acme/shop", 10, head="abc")

    assert github.merge(SHOP, "abc") == github.merge(SHOP, "abc")


def test_a_conflict_is_refused(standin: StandIn, github: GitHubClient) -> None:
    standin.conflict(standin.pull("acme/shop", 10, head="abc"))

    with pytest.raises(GitHubRefused, match="Pull Request is not mergeable") as refused:
        github.merge(SHOP, "abc")

    assert refused.value.reason == "not_mergeable"


def test_the_first_way_of_merging_that_is_allowed_is_taken(standin: StandIn, github: GitHubClient) -> None:
    standin.merge_methods = {"rebase"}
    pull = standin.pull("acme/shop", 10, head="abc")

    assert github.merge(SHOP, "abc") == pull.merge_commit


def test_a_base_that_moved_just_now_is_no_refusal(standin: StandIn, github: GitHubClient) -> None:
    standin.pull("acme/shop", 10, head="abc")
    standin.fail("/merge$", 405, message="Base branch was modified. Review and try the merge again.")

    with pytest.raises(GitHubUnavailable, match="Base branch was modified"):
        github.merge(SHOP, "abc")

    assert github.merge(SHOP, "abc")


def test_a_merge_is_sent_once_whatever_happens(standin: StandIn, github: GitHubClient) -> None:
    standin.pull("acme/shop", 10, head="abc")
    standin.fail("/merge$", 502, times=3)

    with pytest.raises(GitHubUnavailable, match="status 502"):
        github.merge(SHOP, "abc")

    assert standin.asked("/merge$") == 1


def test_a_token_that_may_not_merge_is_told_so(standin: StandIn, github: GitHubClient) -> None:
    standin.pull("acme/shop", 10, head="abc")
    standin.fail("/merge$", 403, message="Resource not accessible by integration")

    with pytest.raises(
        GitHubRefused, match="to merge acme/shop#10: Resource not accessible by integration; give the token access"
    ) as refused:
        github.merge(SHOP, "abc")

    assert refused.value.reason == "forbidden"
