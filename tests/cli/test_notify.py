"""`tt notify`: trying it out, and what is to be done about what did not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.notify.receiver import Receiver, receiving
from tinytown.bootstrap import connect
from tinytown.config import environment
from tinytown.domain.notification import News, Notification, NotificationId
from tinytown.town import Town


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that receives news."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def told(town: Town, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver is told, as the environment says."""
    monkeypatch.setenv("TINYTOWN_NOTIFY__URLS", f"{receiver.apprise_url}, json://ada:geheim@{receiver.place}/?to=a,b")
    monkeypatch.setenv("TINYTOWN_NOTIFY__WEBHOOK_URL", receiver.url)


def given_up(number: int = 0) -> Notification:
    """News of a mission, refused by the webhook, its attempt over."""
    made = Notification(
        id=NotificationId(f"{number:08}-news"),
        news=News.MISSION_FAILED,
        title="Mission failed: \x1b[2Jthe report",
        body="It was given up.",
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    town: Town = connect(None, environment())
    with town:
        town.notifications.post(made)
        town.notifications.deliver(made.id)
    return made


def test_a_test_says_of_each_destination_whether_it_was_told(tt: Tt, told: None, receiver: Receiver) -> None:
    said = tt("notify", "test")

    assert (said.code, said.lines) == (
        0,
        ["json://****  delivered", "json://****  delivered", f"webhook http://{receiver.place}/****  delivered"],
    )
    assert receiver.posted[2].json["title"] == "Tinytown: a test from shop"


def test_a_test_that_fails_says_why_and_repeats_no_secret(tt: Tt, told: None, receiver: Receiver) -> None:
    receiver.answers = [200, 500, 403]

    said = tt("notify", "test", "--json")

    assert said.code == 1
    assert [(one["answer"], one["why"]) for one in said.json] == [
        ("delivered", ""),
        ("failed", "answered 500"),
        ("refused", "answered 403"),
    ]
    assert "geheim" not in said.out + said.err
    assert "s3cret" not in said.out + said.err


def test_with_nobody_to_tell_it_says_what_to_set(tt: Tt, town: Town) -> None:
    said = tt("notify", "test")

    assert (said.code, said.out) == (1, "")
    assert "notify.urls" in said.err
    assert (tt("notify", "test", "--json").code, tt("notify", "test", "--json").json) == (1, [])


def test_what_is_on_its_way_and_what_was_given_up_is_listed(tt: Tt, told: None, receiver: Receiver) -> None:
    receiver.answers = [200, 200, 404, 500]
    given_up(1)
    given_up(2)

    said = tt("notify", "list")
    listed = tt("notify", "list", "--json").json

    assert [line.split()[:3] for line in said.lines[1:]] == [["00000002", "pending", "1"], ["00000001", "dead", "1"]]
    assert "answered 404" in said.lines[2]
    assert "\x1b" not in said.out
    assert [one["why"] for one in listed["pending"]] == ["json://****: answered 500"]
    assert listed["dead"][0]["notification"]["news"] == "mission.failed"
    assert (listed["dead"][0]["reached"], listed["dead"][0]["refused"]) == (2, 1)


def test_nothing_to_list_is_said(tt: Tt, town: Town) -> None:
    assert tt("notify", "list").out == "Nothing is on its way, and nothing was given up.\n"


def test_what_was_given_up_is_tried_again_or_dropped(tt: Tt, told: None, town: Town, receiver: Receiver) -> None:
    receiver.answers = [200, 200, 404, 200, 200, 404]
    first, second = given_up(1), given_up(2)

    requeued = tt("notify", "requeue", first.id)
    dropped = tt("notify", "drop", second.id[:8], "--json")

    assert requeued.out == "Notification 00000001 is tried again.\n"
    assert dropped.json == {"dropped": second.id}
    assert [out.id for out in town.notifications.pending()] == [first.id]
    assert town.notifications.dead() == []


@pytest.mark.parametrize("verb", ["requeue", "drop"])
def test_what_is_not_there_is_an_error(tt: Tt, town: Town, verb: str) -> None:
    said = tt("notify", verb, "3f2a3f2a")

    assert (said.code, said.out) == (3, "")
    assert "tt notify list" in said.err


def test_settings_show_whom_and_not_how(tt: Tt, told: None, home: Path, receiver: Receiver) -> None:
    tt("config", "--user", "notify.webhook_secret", "geheim")
    tt("config", "--user", "github.token", "geheim")

    listings = [tt("config", *call).out for call in [(), ("--json",), ("notify",), ("--user",), ("notify.urls",), ("github.token",)]]

    assert "geheim" not in "".join(listings)
    assert "s3cret" not in "".join(listings)
    assert listings[4] == "json://****, json://****\n"
    assert tt("config", "notify.urls", "--show-secrets").out == f"{receiver.apprise_url}, json://ada:geheim@{receiver.place}/?to=a,b\n"
