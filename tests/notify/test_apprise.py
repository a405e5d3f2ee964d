"""Services that Apprise knows, by its scheme for JSON on a server of ours."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest

from tests.notify.receiver import Receiver
from tinytown.domain.notification import Answer, Notification
from tinytown.errors import SettingsError
from tinytown.notify.apprise_sender import LONGEST_BODY, AppriseSender

SECOND = timedelta(seconds=1)


def test_a_service_is_told(receiver: Receiver, news: Notification) -> None:
    outcome = AppriseSender(receiver.apprise_url, SECOND).send(news, "shop")

    (posted,) = receiver.posted
    assert outcome.answer is Answer.DELIVERED
    assert posted.json["title"] == news.title
    assert posted.json["message"] == f"{news.body}\n\n{news.url}\n\ntown shop"
    assert posted.json["type"] == "success"


def test_what_is_too_long_for_a_phone_is_cut_and_keeps_its_link(receiver: Receiver, news: Notification) -> None:
    long = Notification(id=news.id, news=news.news, title=news.title, body="x" * 10_000, at=news.at, url=news.url)

    AppriseSender(receiver.apprise_url, SECOND).send(long, "shop")

    message = receiver.posted[0].json["message"]
    assert message.startswith("x" * (LONGEST_BODY - 1) + "…\n")
    assert "https://github.com/acme/app/issues/1" in message


@pytest.mark.parametrize("status", [404, 500])
def test_a_service_that_fails_is_tried_another_time(receiver: Receiver, news: Notification, status: int) -> None:
    receiver.answers = [status]

    outcome = AppriseSender(receiver.apprise_url, SECOND).send(news, "shop")

    assert (outcome.answer, outcome.why) == (Answer.FAILED, f"answered {status}")


def test_nobody_there_is_a_failure(news: Notification) -> None:
    outcome = AppriseSender("json://ada:geheim@127.0.0.1:1/s3cret", SECOND).send(news, "shop")

    assert (outcome.answer, outcome.why) == (Answer.FAILED, "cannot be reached")


def test_a_service_that_says_nothing_is_not_waited_for(receiver: Receiver, news: Notification) -> None:
    receiver.silent.set()

    outcome = AppriseSender(receiver.apprise_url, timedelta(milliseconds=100)).send(news, "shop")

    assert outcome.answer is Answer.FAILED


def test_no_log_holds_the_address(receiver: Receiver, news: Notification, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    receiver.answers = [500]

    AppriseSender(receiver.apprise_url, SECOND).send(news, "shop")
    AppriseSender("json://ada:geheim@127.0.0.1:1/s3cret", SECOND).send(news, "shop")
    with pytest.raises(SettingsError):
        AppriseSender("slack://geheim", SECOND)

    assert receiver.posted
    assert "s3cret" not in caplog.text
    assert "geheim" not in caplog.text


@pytest.mark.parametrize(("url", "said"), [("slack://geheim", "slack://"), ("nonsense://geheim", "nonsense://"), ("geheim", "no scheme")])
def test_an_address_that_is_none_is_refused_without_its_secret(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        AppriseSender(url, SECOND)

    assert caught.value.where == "notify.urls"
    assert "geheim" not in str(caught.value)


def test_its_name_says_what_service_it_is_and_no_more() -> None:
    assert AppriseSender("ntfy://geheim", SECOND).name == "ntfy://****"
