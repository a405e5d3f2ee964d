"""Issues, as they are planned by and waited for."""

from __future__ import annotations

import pytest

from tests.github.conftest import ISSUE, Make
from tests.github.standin import StandIn
from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import IssueState
from tinytown.errors import GitHubRefused
from tinytown.github.client import GitHubClient
from tinytown.testing import TellingClock


def test_an_issue_is_read_in_full(standin: StandIn, github: GitHubClient, clock: TellingClock) -> None:
    standin.issue("acme/shop", 1, title="Pay by card", body="Depends on #2.\n\n- [ ] a receipt", labels=("bug", "area: till"))

    found = github.issue(ISSUE)

    assert (found.ref, found.title, found.body) == (ISSUE, "Pay by card", "Depends on #2.\n\n- [ ] a receipt")
    assert (found.state, found.labels, found.sub_issues, found.is_pull_request) == (IssueState.OPEN, ("bug", "area: till"), (), False)
    assert found.fetched_at == clock.at


def test_an_issue_without_a_text_has_an_empty_one(standin: StandIn, github: GitHubClient) -> None:
    standin.issue("acme/shop", 1, body=None)

    assert github.issue(ISSUE).body == ""


@pytest.mark.parametrize(
    ("reason", "state"),
    [("completed", IssueState.CLOSED), ("not_planned", IssueState.NOT_PLANNED), ("duplicate", IssueState.NOT_PLANNED)],
)
def test_a_closed_issue_says_whether_it_was_done(standin: StandIn, github: GitHubClient, reason: str, state: IssueState) -> None:
    standin.close_issue(standin.issue("acme/shop", 1), reason)

    assert github.issue(ISSUE).state is state


def test_a_pull_request_read_as_an_issue_is_done_when_it_is_merged(standin: StandIn, github: GitHubClient) -> None:
    pulls = [standin.pull("acme/shop", number) for number in (1, 2, 3)]
    standin.merge(pulls[1])
    standin.close(pulls[2])

    found = [github.issue(IssueRef("acme", "shop", number)) for number in (1, 2, 3)]

    assert [each.state for each in found] == [IssueState.OPEN, IssueState.CLOSED, IssueState.NOT_PLANNED]
    assert all(each.is_pull_request for each in found)


def test_sub_issues_may_be_elsewhere_and_are_read_to_the_end(standin: StandIn, github: GitHubClient) -> None:
    here = [standin.issue("acme/shop", number).number for number in range(2, 103)]
    standin.issue("acme/till", 5)
    standin.issue("acme/shop", 1, sub_issues=(*here, ("acme/till", 5)))

    found = github.issue(ISSUE).sub_issues

    assert found[0] == IssueRef("acme", "shop", 2)
    assert found[-1] == IssueRef("acme", "till", 5)
    assert len(found) == 102


def test_a_server_without_sub_issues_has_none(standin: StandIn, github: GitHubClient) -> None:
    standin.limits.has_sub_issues = False
    standin.issue("acme/shop", 2)
    standin.issue("acme/shop", 1, sub_issues=(2,))

    assert github.issue(ISSUE).sub_issues == ()


def test_an_issue_that_does_not_exist_is_refused(standin: StandIn, github: GitHubClient) -> None:
    with pytest.raises(GitHubRefused, match="acme/shop#1: there is no such thing, or the token may not see it") as refused:
        github.issue(ISSUE)

    assert refused.value.reason == "not_found"


def test_public_issues_are_read_without_a_token(standin: StandIn, make: Make) -> None:
    standin.issue("acme/shop", 1, title="Pay by card")

    assert make(token=None).issue(ISSUE).title == "Pay by card"
    assert "authorization" not in standin.seen[0][1]


def test_an_issue_that_has_not_changed_costs_nothing(standin: StandIn, github: GitHubClient) -> None:
    """GitHub answers 304 to the ETag, which is free."""
    issue = standin.issue("acme/shop", 1, title="Pay by card")
    first = github.issue(ISSUE)
    left = standin.limits.rates["core"].remaining

    again = github.issue(ISSUE)
    assert standin.limits.rates["core"].remaining == left
    assert again == first
    issue.title = "Pay by cheque"

    assert github.issue(ISSUE).title == "Pay by cheque"
    assert standin.limits.rates["core"].remaining == left - 1


def test_what_one_token_may_read_is_not_shown_to_another(standin: StandIn, make: Make) -> None:
    """Answers are kept for each token."""
    standin.limits.tokens.add("ghp_other")
    standin.issue("acme/shop", 1)
    first = make()
    shelf = first._pulls._requests._shelf
    first.issue(ISSUE)

    make(shelf, token="ghp_other").issue(ISSUE)

    assert "if-none-match" not in standin.seen[-1][1]
