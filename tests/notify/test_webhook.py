"""The webhook: what is posted, how it is signed, and what its answers mean."""

from __future__ import annotations

import hashlib
import hmac
import logging
from datetime import timedelta

import pytest

from tests.notify.receiver import Receiver
from tinytown.domain.notification import Answer, Notification
from tinytown.errors import SettingsError
from tinytown.notify.webhook import Webhook

SECOND = timedelta(seconds=1)


def test_news_is_posted_as_json(receiver: Receiver, news: Notification) -> None:
    outcome = Webhook(receiver.url, None, SECOND).send(news, "shop")

    (posted,) = receiver.posted
    assert outcome.answer is Answer.DELIVERED
    assert posted.path == "/hook/s3cret-path"
    assert posted.json == {
        "id": news.id,
        "event": "mission.completed",
        "title": news.title,
        "body": news.body,
        "town": "shop",
        "mission_id": news.mission_id,
        "url": news.url,
        "at": "2026-01-01T00:00:00Z",
    }
    assert posted.headers["X-Tinytown-Delivery"] == posted.headers["Idempotency-Key"] == news.id
    assert "X-Tinytown-Signature-256" not in posted.headers


def test_a_receiver_with_the_secret_can_verify_who_posted(receiver: Receiver, news: Notification) -> None:
    Webhook(receiver.url, "geheim", SECOND).send(news, "shop")

    (posted,) = receiver.posted
    expected = hmac.new(b"geheim", posted.body, hashlib.sha256).hexdigest()
    assert posted.headers["X-Tinytown-Signature-256"] == f"sha256={expected}"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (200, Answer.DELIVERED),
        (204, Answer.DELIVERED),
        (302, Answer.FAILED),
        (400, Answer.REFUSED),
        (404, Answer.REFUSED),
        (410, Answer.REFUSED),
        (408, Answer.FAILED),
        (425, Answer.FAILED),
        (429, Answer.FAILED),
        (500, Answer.FAILED),
        (503, Answer.FAILED),
    ],
)
def test_what_an_answer_means(receiver: Receiver, news: Notification, status: int, answer: Answer) -> None:
    receiver.answers = [status]
    receiver.headers = {"Location": receiver.url}

    outcome = Webhook(receiver.url, None, SECOND).send(news, "shop")

    assert outcome.answer is answer
    assert outcome.why == ("" if answer is Answer.DELIVERED else f"answered {status}")
    assert len(receiver.posted) == 1, "nothing is followed, nothing is tried again here"


def test_a_receiver_may_say_when_it_wants_to_be_asked_again(receiver: Receiver, news: Notification) -> None:
    receiver.answers = [429]
    receiver.headers = {"Retry-After": "90"}

    outcome = Webhook(receiver.url, None, SECOND).send(news, "shop")

    assert outcome.retry_after == timedelta(seconds=90)


def test_a_receiver_that_says_nothing_is_not_waited_for(receiver: Receiver, news: Notification) -> None:
    receiver.silent.set()

    outcome = Webhook(receiver.url, None, timedelta(milliseconds=100)).send(news, "shop")

    assert (outcome.answer, outcome.why) == (Answer.FAILED, "no answer within 0.1 s")


def test_nobody_there_is_a_failure_without_the_address(news: Notification) -> None:
    outcome = Webhook("http://ada:geheim@127.0.0.1:1/s3cret?token=geheim", "geheim", SECOND).send(news, "shop")

    assert (outcome.answer, outcome.why) == (Answer.FAILED, "cannot be reached: ConnectError")


def test_no_log_holds_the_address(receiver: Receiver, news: Notification, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    Webhook(f"{receiver.url}?token=geheim", "geheim", SECOND).send(news, "shop")

    assert receiver.posted
    assert "s3cret" not in caplog.text
    assert "geheim" not in caplog.text


@pytest.mark.parametrize(
    ("url", "said"),
    [("ftp://ada:geheim@host", "ftp://"), ("geheim", "no scheme"), ("https://", "https://"), ("https://geheim:port:x/", "https://")],
)
def test_an_address_that_cannot_be_posted_to_is_refused_without_its_secret(url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as caught:
        Webhook(url, None, SECOND)

    assert caught.value.where == "notify.webhook_url"
    assert "geheim" not in str(caught.value)


def test_its_name_says_where_it_leads_and_not_what_opens_it() -> None:
    assert Webhook("https://hooks.example.org/services/geheim", None, SECOND).name == "webhook https://hooks.example.org/****"
    assert Webhook("https://ada:geheim@example.org/", None, SECOND).name == "webhook ****"
