"""Limits, outages, and servers that do not answer."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.github.conftest import ISSUE, SHOP, Make
from tests.github.standin import StandIn
from tests.server import Server
from tinytown.broker import redis_client
from tinytown.domain.town import TownName
from tinytown.errors import GitHubRefused, GitHubUnavailable
from tinytown.github.client import GitHubClient
from tinytown.store.client import ClientConnection
from tinytown.store.github import GitHubStore
from tinytown.store.keys import Keys
from tinytown.testing import in_memory


@pytest.fixture
def store(server: Server) -> Iterator[GitHubStore]:
    """What all processes of a town share, on a real Redis."""
    connection = ClientConnection(redis_client(server.url), "server")
    yield GitHubStore(connection, Keys(TownName("home")))
    connection.close()


def test_the_budget_is_shared_by_all_processes(standin: StandIn, make: Make, store: GitHubStore) -> None:
    """Defect 50: one learns that hardly any call is left, and the other does not call."""
    standin.pull("acme/shop", 10)
    standin.exhaust("graphql", 51)
    one, other = make(store), make(store)
    one.pull(SHOP)

    with pytest.raises(GitHubUnavailable, match="of 5000 calls of the kind graphql an hour 50 are left") as unavailable:
        other.pull(SHOP)

    assert 3500 < unavailable.value.retry_after <= 3600
    assert standin.asked("graphql") == 1


def test_a_used_up_kind_of_call_leaves_the_others(standin: StandIn, make: Make, store: GitHubStore) -> None:
    standin.pull("acme/shop", 10)
    standin.exhaust("core")
    github = make(store)
    with pytest.raises(GitHubUnavailable, match="the calls of this hour are used up"):
        github.issue(ISSUE)

    assert github.pull(SHOP).ref == SHOP


def test_graphql_says_in_its_own_way_that_calls_are_used_up(standin: StandIn, github: GitHubClient) -> None:
    standin.pull("acme/shop", 10)
    standin.exhaust("graphql")

    with pytest.raises(GitHubUnavailable, match="the calls of this hour are used up") as unavailable:
        github.pull(SHOP)

    assert unavailable.value.retry_after > 3500


def test_those_without_a_token_have_few_calls_and_use_them(standin: StandIn, make: Make) -> None:
    standin.issue("acme/shop", 1)
    standin.limits.rates["core"].limit = standin.limits.rates["core"].remaining = 60
    github = make(token=None)

    assert [github.issue(ISSUE).title for _ in range(50)] == ["An issue"] * 50


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_is_honoured_by_all_processes(standin: StandIn, make: Make, store: GitHubStore, status: int) -> None:
    """Defect 50: GitHub names the seconds, and until then nobody calls."""
    standin.issue("acme/shop", 1)
    standin.fail("issues", status, message="You have exceeded a secondary rate limit.", Retry_After="77")
    one, other = make(store), make(store)
    with pytest.raises(GitHubUnavailable) as unavailable:
        one.issue(ISSUE)

    with pytest.raises(GitHubUnavailable, match="asked for a pause") as later:
        other.pull(SHOP)

    assert unavailable.value.retry_after == 77
    assert 70 < later.value.retry_after <= 77
    assert standin.asked() == 1


def test_a_pause_ends(standin: StandIn, make: Make) -> None:
    standin.issue("acme/shop", 1)
    standin.fail("issues", 403, message="You have exceeded a secondary rate limit.")
    store = GitHubStore(in_memory(), Keys(TownName("home")))
    github = make(store)
    with pytest.raises(GitHubUnavailable) as unavailable:
        github.issue(ISSUE)
    store.drop(next(name for name in [f"pause:{github._pulls._requests._credentials.who}"]))

    assert unavailable.value.retry_after == 60
    assert github.issue(ISSUE).title == "An issue"


def test_a_server_without_limits_is_asked_freely(standin: StandIn, github: GitHubClient) -> None:
    standin.limits.enforced = False
    standin.issue("acme/shop", 1)

    assert [github.issue(ISSUE).title for _ in range(3)] == ["An issue"] * 3


@pytest.mark.parametrize("way", ["hang", "drip"])
def test_a_call_ends_in_time_however_the_server_dawdles(standin: StandIn, github: GitHubClient, way: str) -> None:
    """Defect 16: also when a byte comes now and then, which no time-out on a single read would notice."""
    standin.trouble("graphql", way)
    standin.pull("acme/shop", 10)
    begin = time.monotonic()

    with pytest.raises(GitHubUnavailable, match="did not answer within 1 s"):
        github.pull(SHOP)

    assert time.monotonic() - begin < 3


def test_a_read_that_fails_in_passing_is_tried_again(standin: StandIn, github: GitHubClient) -> None:
    standin.issue("acme/shop", 1)
    standin.fail("issues", 502)
    standin.trouble("issues", "drop")

    assert github.issue(ISSUE).title == "An issue"
    assert standin.asked("issues") == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_an_outage_is_no_failure_of_the_pull_request(standin: StandIn, github: GitHubClient, status: int) -> None:
    """Defect 50: whoever looks can tell it from a no, and looks again later."""
    standin.pull("acme/shop", 10)
    standin.fail("graphql", status, times=9)

    with pytest.raises(GitHubUnavailable, match=f"status {status}"):
        github.pull(SHOP)

    assert standin.asked() == (1 if status == 500 else 3)


@pytest.mark.parametrize(
    "body", ["<html>Unicorn!</html>", "", "[]", '{"data": 5}', '{"data": {"repository": {"pullRequest": {}}}}', "[" * 9999]
)
def test_nonsense_is_no_answer(standin: StandIn, github: GitHubClient, body: str) -> None:
    standin.garble("graphql", body)

    with pytest.raises(GitHubUnavailable):
        github.pull(SHOP)


def test_nobody_at_the_address_is_an_outage(make: Make) -> None:
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = place.getsockname()[1]

    with pytest.raises(GitHubUnavailable, match="cannot be reached"):
        make(api_url=f"http://127.0.0.1:{port}").issue(ISSUE)


@pytest.mark.parametrize("url", ["http://127.0.0.1:99999", "nonsense", "http://"])
def test_an_address_that_leads_nowhere_is_told(make: Make, url: str) -> None:
    with pytest.raises(GitHubUnavailable):
        make(api_url=url).issue(ISSUE)


def test_a_rejected_token_is_no_failure_of_the_pull_request(make: Make) -> None:
    """Defect 50: it says what to do."""
    with pytest.raises(GitHubRefused, match="set GITHUB_TOKEN, or log in with `gh auth login`") as refused:
        make(token="ghp_wrong").pull(SHOP)

    assert refused.value.reason == "unauthorized"


def test_a_question_that_the_server_does_not_know_is_refused(standin: StandIn, github: GitHubClient) -> None:
    standin.garble("graphql", '{"errors": [{"message": "Field \'isMinimized\' doesn\'t exist", "extensions": {"code": "undefinedField"}}]}')

    with pytest.raises(GitHubRefused, match="this server does not know what is asked: Field 'isMinimized'") as refused:
        github.pull(SHOP)

    assert refused.value.reason == "invalid"
