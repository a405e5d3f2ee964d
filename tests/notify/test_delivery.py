"""From the outbox to real destinations, and no secret anywhere on the way."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from typing import Any, cast

import pytest

from tests.notify.receiver import Receiver
from tests.server import Server
from tests.waiting import wait_until
from tinytown.actors import notifications
from tinytown.actors.control import control_worker
from tinytown.actors.host import Host
from tinytown.bootstrap import open_town, senders_of
from tinytown.broker import build_broker
from tinytown.domain.notification import Answer, Notification
from tinytown.notify.webhook import signature
from tinytown.testing import Rehearsal, rehearse


def opened(**notify: Any) -> Rehearsal:
    """A town that tells whom its settings name."""
    town = rehearse("shop", notify={"timeout_secs": 2, **notify})
    town.destinations = senders_of(town.settings)
    return town


def everything_in(town: Rehearsal) -> str:
    """All that the town has in Redis, as one text."""
    connection = town.desk.store.connection
    reads = {b"hash": ("HGETALL",), b"string": ("GET",), b"list": ("LRANGE", 0, -1), b"zset": ("ZRANGE", 0, -1)}
    found: list[Any] = []
    for key in connection.call("KEYS", "*"):
        verb, *rest = reads[connection.call("TYPE", key)]
        found.append((key, connection.call(verb, key, *rest)))
    return repr(found)


def test_each_destination_gets_the_news_once(receiver: Receiver, news: Notification) -> None:
    town = opened(urls=[receiver.apprise_url], webhook_url=receiver.url, webhook_secret="geheim")
    receiver.answers = [200, 503]

    town.notifications.post(news)
    town.answer_bells()
    town.let_news_be_due()
    town.notifications.ring_due()
    town.answer_bells()

    assert [posted.path for posted in receiver.posted] == ["/s3cret-topic", "/hook/s3cret-path", "/hook/s3cret-path"]
    assert all(posted.headers["X-Tinytown-Signature-256"] == signature("geheim", posted.body) for posted in receiver.posted[1:])
    assert (town.notifications.pending(), town.notifications.dead()) == ([], [])


def test_no_secret_is_in_redis_or_in_a_log(receiver: Receiver, news: Notification, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hook = receiver.url.replace("://", "://ada:geheim@")
    town = opened(urls=[receiver.apprise_url, "slack://geheim"], webhook_url=hook, webhook_secret="geheim", max_attempts=2)
    receiver.answers = [500, 500, 500, 404]

    town.notifications.post(news)
    seen = everything_in(town)
    for _ in range(2):
        town.answer_bells()
        seen += everything_in(town)
        town.let_news_be_due()
        town.notifications.ring_due()

    (dead,) = town.notifications.dead()
    for text in (seen, dead.why, caplog.text, repr(town.settings), repr(town.destinations)):
        assert "s3cret" not in text
        assert "geheim" not in text
    assert "slack://… is no address" in dead.why
    assert "webhook ****: answered 404" in dead.why
    assert dead.id in caplog.text


def test_a_test_reaches_every_destination_and_leaves_nothing(receiver: Receiver) -> None:
    town = opened(urls=[receiver.apprise_url, "slack://geheim"], webhook_url=receiver.url)

    outcomes = town.notifications.try_out()

    assert [(name, outcome.answer) for name, outcome in outcomes] == [
        ("json://****", Answer.DELIVERED),
        ("notify.urls", Answer.REFUSED),
        (f"webhook http://{receiver.place}/****", Answer.DELIVERED),
    ]
    assert receiver.posted[1].json["event"] == "test"
    assert everything_in(town) == "[]"


def test_a_worker_of_a_town_tells_people(place: Path, server: Server, receiver: Receiver, news: Notification) -> None:
    (place / "tinytown.toml").write_text(f'name = "shop"\n[notify]\nwebhook_url = "http://{receiver.place}/hook"\n')
    env = {"REDIS_URL": server.url, "HOME": str(place)}
    with open_town(place, env) as town:
        worker = control_worker(town, env, "teller")
        worker.start()

        town.notifications.post(news)

        wait_until(lambda: not town.notifications.pending())
        worker.stop()
        worker.close()
    assert [posted.json["id"] for posted in receiver.posted] == [news.id]


def test_a_slow_destination_keeps_one_thread_of_a_process_and_not_all() -> None:
    """The others have tasks to assign; what comes meanwhile is told by the thread that is at it."""
    started, go_on = threading.Event(), threading.Event()
    told: list[str] = []

    class Slow:
        """A town whose first delivery waits."""

        town = cast("Any", property(lambda self: self))
        notifications = town

        def deliver(self, notification: str) -> str:
            """Wait, and remember."""
            started.set()
            go_on.wait(10)
            told.append(notification)
            return "sent"

    broker = build_broker("redis://never-connected", town="any", concurrency=1)
    notifications.declare(broker, cast("Host", Slow()))
    notify = broker.get_actor("notify").fn
    first = threading.Thread(target=notify, args=("a",))
    first.start()
    started.wait(10)

    notify("b")
    before = list(told)
    go_on.set()
    first.join()

    assert (before, told) == ([], ["a", "b"])
