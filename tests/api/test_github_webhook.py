"""GitHub's webhooks: believed for their signature alone, from wherever they come, however often."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from falcon.testing import Result, TestClient

from tests.api.asking import expect_problem
from tests.api.missioning import add_pull, begin, submit, view
from tinytown.api.app import create_app
from tinytown.domain.pull_request import CheckState
from tinytown.domain.work_item import Waiting
from tinytown.testing import Rehearsal, rehearse

SECRET = "a secret for tests"
PATH = "/v1/github/webhook"
REPOSITORY = {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop"}
ABOUT_17 = {"repository": REPOSITORY, "pull_request": {"number": 17}}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def town() -> Rehearsal:
    """One that takes webhooks."""
    return rehearse("shop", github={"webhook_secret": SECRET})


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def deliver(client: TestClient, event: str, content: Any, kind: str = JSON, **headers: str) -> Result:
    """Send what GitHub would send."""
    body = json.dumps(content).encode()
    body = urlencode({"payload": body}).encode() if kind == FORM else body
    usual = {"X-Hub-Signature-256": signed(body), "X-GitHub-Event": event, "X-GitHub-Delivery": "d-1", "Content-Type": kind}
    return client.simulate_post(PATH, body=body, headers={**usual, **{name.replace("_", "-"): value for name, value in headers.items()}})


@pytest.fixture
def mission(town: Rehearsal, client: TestClient) -> str:
    """One with the pull request 17, whose check has not finished."""
    town.spawn("ada", cli="shell")
    mission = begin(town, client, "")
    add_pull(town, state=CheckState.PENDING)
    submit(town, mission)
    return mission


@pytest.mark.parametrize("kind", [JSON, FORM])
def test_news_of_a_pull_request_are_looked_at_at_once(kind: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    before = view(town, mission).items[0]
    add_pull(town, head="c2", state=CheckState.FAILURE)

    taken = deliver(client, "pull_request", ABOUT_17, kind)
    town.answer_bells(most=1)

    assert taken.status_code == 202
    assert taken.json == {"event": "pull_request", "refs": ["acme/shop#17"], "missions": 1}
    assert before.waiting_on in {Waiting.CI, Waiting.REVIEW}
    assert view(town, mission).items[0].head == "c2"


def test_a_delivery_that_comes_twice_does_no_harm(town: Rehearsal, client: TestClient, mission: str) -> None:
    first, again = (deliver(client, "pull_request", ABOUT_17) for _ in range(2))

    assert (first.status_code, first.json) == (again.status_code, again.json)
    assert [bell.args for bell in town.bells("control")] == [(mission,)]


def test_what_no_mission_waits_for_is_taken_all_the_same(client: TestClient) -> None:
    other = deliver(client, "pull_request", ABOUT_17)
    unknown = deliver(client, "star", {"action": "created"})

    assert (other.status_code, other.json["missions"]) == (202, 0)
    assert (unknown.status_code, unknown.json) == (202, {"event": "star", "refs": [], "missions": 0})


def test_a_ping_is_answered(client: TestClient) -> None:
    assert deliver(client, "ping", {"zen": "Keep it logically awesome."}).status_code == 200


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, signed(b"{}", "another"), "sha1=abc", "sha256=ä"])
def test_what_others_send_is_not_believed(signature: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    before = view(town, mission)

    refused = deliver(client, "pull_request", ABOUT_17, X_Hub_Signature_256=signature)

    expect_problem(refused, 401, "bad_signature")
    assert view(town, mission) == before
    assert refused.headers["www-authenticate"] == "X-Hub-Signature-256"


def test_a_body_that_was_changed_is_not_believed(client: TestClient) -> None:
    headers = {"X-Hub-Signature-256": signed(b'{"a": 1}'), "X-GitHub-Event": "ping", "Content-Type": JSON}

    expect_problem(client.simulate_post(PATH, body=b'{"a": 2}', headers=headers), 401, "bad_signature")


def test_without_a_secret_there_are_no_webhooks() -> None:
    """Nothing is wrong with the service, and coming again is of no use: so it is no 503."""
    client = TestClient(create_app(rehearse("shop"), started_at=time.monotonic()), headers={"Host": "localhost"})

    expect_problem(deliver(client, "ping", {}), 404, "webhooks_off")


@pytest.mark.parametrize("content", [[], {"pull_request": {"number": 1}}, {"pull_request": "x", "repository": REPOSITORY}])
def test_what_is_no_delivery_is_refused(content: object, client: TestClient) -> None:
    expect_problem(deliver(client, "pull_request", content), 422, "invalid_value")


def test_only_what_github_sends_is_read(client: TestClient) -> None:
    expect_problem(deliver(client, "ping", {}, "text/plain"), 415, "unsupported_media_type")
    expect_problem(client.simulate_post(PATH), 415, "unsupported_media_type")


def test_a_long_body_is_refused() -> None:
    town = rehearse("shop", github={"webhook_secret": SECRET}, townhall={"max_body_bytes": 1024})
    client = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "localhost"})

    expect_problem(deliver(client, "ping", {"zen": "x" * 2000}), 413, "payload_too_large")


def test_it_gets_through_to_a_published_townhall_without_a_key() -> None:
    town = rehearse("shop", github={"webhook_secret": SECRET}, townhall={"auth": {"mode": "api_key"}})
    published = TestClient(create_app(town, started_at=time.monotonic()), headers={"Host": "town.example.org"})

    assert deliver(published, "ping", {}).status_code == 200
    assert deliver(published, "issues", {"repository": REPOSITORY, "issue": {"number": 3}}).status_code == 202


def test_it_gets_through_a_tunnel_to_this_machine(client: TestClient) -> None:
    """Without auth townhall answers to this machine's names only; a signature is what no web page can make."""
    assert deliver(client, "ping", {}, Host="abc.tunnel.example").status_code == 200
    expect_problem(client.simulate_get("/v1/town", headers={"Host": "abc.tunnel.example"}), 421, "misdirected_request")


def test_it_is_written_down_who_sent_it(town: Rehearsal, client: TestClient) -> None:
    deliver(client, "ping", {})
    deliver(client, "ping", {}, X_Hub_Signature_256="sha256=0")

    taken, refused = (record for _, record in town.audit.recent(2))

    assert (taken.principal, taken.via, taken.status) == ("github", "signature", 200)
    assert (refused.principal, refused.status) == ("anonymous", 401)
