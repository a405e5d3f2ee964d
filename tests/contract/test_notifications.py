"""News for people: told once to each destination, tried again for a while, then given up, and never lost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.news import news, posted
from tests.waiting import wait_until
from tinytown.clock import from_ms
from tinytown.domain.ids import new_mission_id
from tinytown.domain.notification import Answer, News, Outcome
from tinytown.store.connection import Connection
from tinytown.testing import Listener, Rehearsal, rehearse

FAILS = Outcome(Answer.FAILED, "answered 500")
REFUSES = Outcome(Answer.REFUSED, "answered 404")
MINUTE = timedelta(minutes=1)


def test_people_are_told_once_however_often_the_bell_rings(town: Rehearsal) -> None:
    told = posted(town)
    (bell,) = town.bells("control")

    town.answer(bell)
    town.answer(bell)

    assert (bell.actor, bell.args) == ("notify", (told.id,))
    assert town.sent == [told]
    assert (town.notifications.pending(), town.notifications.dead()) == ([], [])


def test_what_was_posted_before_changes_nothing(town: Rehearsal) -> None:
    told = posted(town)
    while_it_waits = town.notifications.post(told)
    town.answer_bells()

    again = town.notifications.post(told)

    assert (while_it_waits, again) == (False, False)
    assert town.bells() == []
    assert town.sent == [told]


def test_people_are_told_what_they_want_to_know(connection: Connection) -> None:
    town = rehearse(connection=connection, notify={"events": ["mission.failed"]})

    wanted = [town.notifications.post(news(news=kind)) for kind in (News.MISSION_COMPLETED, News.MISSION_FAILED, News.TEST)]

    assert wanted == [False, True, True]
    assert len(town.bells()) == 2


def test_news_of_a_mission_says_where_to_read_on(connection: Connection) -> None:
    town = rehearse(connection=connection, notify={"link": "https://town.example.org/missions/{mission}"})
    mission = new_mission_id()

    posted(town, mission_id=mission)
    posted(town, mission_id=mission, url="https://github.com/acme/app/issues/1")
    town.answer_bells()

    assert [told.url for told in town.sent] == [f"https://town.example.org/missions/{mission}", "https://github.com/acme/app/issues/1"]


def test_a_failure_is_tried_again_after_a_time_that_doubles(town: Rehearsal) -> None:
    told = posted(town)
    town.listener.outcome = FAILS
    waits = []

    for _ in range(3):
        assert town.notifications.deliver(told.id) == "failed"
        assert town.notifications.deliver(told.id) == "later"
        waits.append(town.notifications.pending()[0].at - from_ms(town.desk.store.turns.now_ms()))
        town.let_news_be_due()
    town.listener.outcome = Outcome(Answer.DELIVERED)

    assert town.notifications.pending()[0].why == "listener: answered 500"
    assert town.notifications.deliver(told.id) == "sent"
    assert [round(wait.total_seconds(), -1) for wait in waits] == [10, 20, 40]


@pytest.mark.parametrize(
    ("asked", "given"), [(MINUTE, MINUTE), (timedelta(days=1), timedelta(hours=1)), (timedelta(), timedelta(seconds=10))]
)
def test_a_destination_that_says_when_is_asked_then(town: Rehearsal, asked: timedelta, given: timedelta) -> None:
    told = posted(town)
    town.listener.outcome = Outcome(Answer.FAILED, "answered 429", asked)

    town.notifications.deliver(told.id)

    wait = town.notifications.pending()[0].at - from_ms(town.desk.store.turns.now_ms())
    assert abs(wait - given) < timedelta(seconds=5)


def test_what_fails_too_often_is_given_up_and_can_be_tried_again(connection: Connection) -> None:
    town = rehearse(connection=connection, notify={"max_attempts": 2})
    told = posted(town)
    town.listener.outcome = FAILS
    ends = []
    for _ in range(3):
        ends.append(town.notifications.deliver(told.id))
        town.let_news_be_due()
    (dead,) = town.notifications.dead()
    town.listener.outcome = Outcome(Answer.DELIVERED)
    town.lose_bells()

    town.notifications.requeue(told.id[:8])
    town.answer_bells()

    assert ends == ["failed", "dead", "gone"]
    assert (dead.notification, dead.attempts, dead.why) == (told, 2, "listener: answered 500")
    assert town.sent == [told]
    assert town.notifications.dead() == []


def test_a_destination_that_has_it_is_not_told_again(town: Rehearsal) -> None:
    other = Listener("other")
    town.destinations = (town.listener, other)
    other.outcome = FAILS
    told = posted(town)

    first = town.notifications.deliver(told.id)
    other.outcome = Outcome(Answer.DELIVERED)
    town.let_news_be_due()
    second = town.notifications.deliver(told.id)

    assert (first, second) == ("failed", "sent")
    assert (town.sent, other.told) == ([told], [told])


def test_what_is_refused_is_given_up_at_once(town: Rehearsal) -> None:
    told = posted(town)
    town.listener.outcome = REFUSES

    end = town.notifications.deliver(told.id)

    (dead,) = town.notifications.dead()
    assert (end, dead.attempts, dead.why) == ("dead", 1, "listener: answered 404")


def test_a_refusal_keeps_others_from_nothing(town: Rehearsal) -> None:
    other = Listener("other")
    town.destinations = (town.listener, other)
    town.listener.outcome, other.outcome = REFUSES, FAILS
    told = posted(town)

    ends = [town.notifications.deliver(told.id)]
    other.outcome, town.listener.outcome = Outcome(Answer.DELIVERED), Outcome(Answer.DELIVERED)
    town.let_news_be_due()
    ends.append(town.notifications.deliver(told.id))
    (dead,) = town.notifications.dead()
    town.notifications.requeue(told.id)
    town.answer_bells()

    assert ends == ["failed", "dead"]
    assert dead.why == "listener: answered 404"
    assert (town.sent, other.told) == ([told], [told])


def test_a_worker_that_dies_with_it_costs_an_attempt_and_not_the_news(town: Rehearsal) -> None:
    told = posted(town)
    town.lose_bells()
    town.desk.store.notifications.take(told.id, "dead worker", MINUTE)
    while_it_holds = (town.notifications.deliver(told.id), town.notifications.ring_due())

    town.let_news_be_due()
    rung = town.notifications.ring_due()
    town.answer_bells()

    assert (while_it_holds, rung) == (("busy", 0), 1)
    assert town.sent == [told]


def test_news_that_kills_its_worker_each_time_is_given_up(connection: Connection) -> None:
    town = rehearse(connection=connection, notify={"max_attempts": 2})
    told = posted(town)
    for _ in range(2):
        assert town.desk.store.notifications.take(told.id, "dead worker", MINUTE) == "taken"
        town.let_news_be_due()

    end = town.notifications.deliver(told.id)

    assert (end, town.notifications.dead()[0].why) == ("dead", "who delivered it died")
    assert town.sent == []


def test_one_that_comes_back_after_its_lease_changes_nothing(town: Rehearsal) -> None:
    told = posted(town)
    store = town.desk.store.notifications
    store.take(told.id, "late", MINUTE)
    town.let_news_be_due()
    store.take(told.id, "present", MINUTE)

    answers = (store.mark(told.id, "late", MINUTE, "reached", "x"), store.settle(told.id, "late", "sent"))

    assert answers == ("lost", "lost")
    assert store.settle(told.id, "present", "sent") == "settled"
    assert store.settle(told.id, "present", "sent") == "lost"


def test_a_slow_round_keeps_its_lease_with_each_destination(town: Rehearsal) -> None:
    told = posted(town)
    store = town.desk.store.notifications
    store.take(told.id, "slow", timedelta(milliseconds=1))
    wait_until(lambda: told.id in store.overdue(10))

    store.mark(told.id, "slow", MINUTE)

    assert store.overdue(10) == []
    assert town.notifications.deliver(told.id) == "busy"


def test_a_lost_bell_is_rung_again_and_one_on_its_way_is_not(town: Rehearsal) -> None:
    told = posted(town)
    town.let_news_be_due()
    while_it_waits = town.notifications.ring_due()
    town.lose_bells()
    early = town.notifications.ring_due()

    town.let_news_be_due()
    rung = town.notifications.ring_due()
    town.answer_bells()

    assert (while_it_waits, early, rung) == (0, 0, 1)
    assert town.sent == [told]
    assert town.notifications.ring_due() == 0
