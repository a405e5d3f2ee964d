"""What GitHub sends on its own."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinytown.domain.objective import IssueRef, PullRef, Ref
from tinytown.errors import InvalidValue
from tinytown.github.webhooks import refs_in, verify

REPOSITORY = {"full_name": "acme/shop", "html_url": "https://github.com/acme/shop"}
ISSUE = {"number": 1, "title": "Pay by card"}
PULL = {"number": 10, "head": {"sha": "abc"}}
RUN = {"pull_requests": [{"number": 10, "url": "https://api.github.com/repos/acme/shop/pulls/10"}]}
SHOP = PullRef("acme", "shop", 10)


def refs(event: str, **payload: Any) -> tuple[Ref, ...]:
    return refs_in(event, json.dumps({"action": "any", "repository": REPOSITORY, **payload}).encode())


def test_a_signature_is_of_the_body_and_the_secret() -> None:
    """The example of GitHub's documentation."""
    signature = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

    assert verify("It's a Secret to Everybody", b"Hello, World!", signature)
    assert not verify("It's a Secret to Everybody", b"Hello, World?", signature)
    assert not verify("another", b"Hello, World!", signature)
    assert not verify("It's a Secret to Everybody", b"Hello, World!", signature.removeprefix("sha256="))
    assert not verify("It's a Secret to Everybody", b"Hello, World!", "")
    assert not verify("It's a Secret to Everybody", b"Hello, World!", "sha256=ümlaut")


def test_without_a_secret_nothing_is_genuine() -> None:
    assert not verify("", b"", "sha256=b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")


@pytest.mark.parametrize("event", ["pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_review_thread"])
def test_events_of_a_pull_request_name_it(event: str) -> None:
    assert refs(event, pull_request=PULL) == (SHOP,)


def test_events_of_issues_tell_pull_requests_apart() -> None:
    assert refs("issues", issue=ISSUE) == (IssueRef("acme", "shop", 1),)
    assert refs("issue_comment", issue=ISSUE) == (IssueRef("acme", "shop", 1),)
    assert refs("issue_comment", issue={**ISSUE, "pull_request": None}) == (IssueRef("acme", "shop", 1),)
    assert refs("issue_comment", issue={"number": 10, "pull_request": {"url": "…"}}) == (SHOP,)


@pytest.mark.parametrize("event", ["check_run", "check_suite", "workflow_run"])
def test_events_of_checks_name_the_pull_requests_of_their_commit(event: str) -> None:
    twice = {"pull_requests": [*RUN["pull_requests"], *RUN["pull_requests"]]}

    assert refs(event, **{event: twice}) == (SHOP,)
    assert refs(event, **{event: {"pull_requests": []}}) == ()


@pytest.mark.parametrize("event", ["ping", "status", "push", "of_tomorrow", ""])
def test_other_events_are_about_none(event: str) -> None:
    assert refs(event, issue=ISSUE, pull_request=PULL, check_run=RUN) == ()


def test_the_host_of_an_enterprise_server_is_kept() -> None:
    """Defect 51: the same numbers on another host are other issues."""
    there = {"full_name": "acme/shop", "html_url": "https://git.acme.example/acme/shop"}

    assert refs("issues", issue=ISSUE, repository=there) == (IssueRef("acme", "shop", 1, "git.acme.example"),)


def test_a_delivery_may_be_a_form() -> None:
    document = json.dumps({"repository": REPOSITORY, "issue": ISSUE})

    assert refs_in("issues", urlencode({"payload": document}).encode()) == (IssueRef("acme", "shop", 1),)


@pytest.mark.parametrize(
    "payload", [b"", b"nonsense", b"[]", b"payload=", b'{"issue": 7}', b'{"issue": {"number": 1}}', b"\xff", b"[" * 9999]
)
def test_a_broken_delivery_is_refused(payload: bytes) -> None:
    with pytest.raises(InvalidValue, match="payload: is no delivery of the event issues"):
        refs_in("issues", payload)


@settings(max_examples=60)
@given(payload=st.binary(max_size=50), event=st.sampled_from(["issues", "check_run", "ping"]), signature=st.text(max_size=80))
def test_no_junk_makes_it_stumble(payload: bytes, event: str, signature: str) -> None:
    assert not verify("secret", payload, signature)
    with suppress(InvalidValue):
        assert isinstance(refs_in(event, payload), tuple)
