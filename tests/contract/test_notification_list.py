"""What is on its way to people, and what was given up: found, tried again, dropped, forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.news import posted
from tinytown.domain.notification import Answer, NotificationId, Outcome
from tinytown.errors import AmbiguousReference, NotificationNotFound, WrongState
from tinytown.testing import Rehearsal

FAILS = Outcome(Answer.FAILED, "answered 500")
REFUSES = Outcome(Answer.REFUSED, "answered 404")
MINUTE = timedelta(minutes=1)


def test_what_waits_can_be_tried_at_once_unless_somebody_is_at_it(town: Rehearsal) -> None:
    told = posted(town)
    town.listener.outcome = FAILS
    town.answer_bells()
    town.listener.outcome = Outcome(Answer.DELIVERED)
    town.desk.store.notifications.requeue(told.id)
    town.desk.store.notifications.take(told.id, "somebody", MINUTE)
    with pytest.raises(WrongState):
        town.notifications.requeue(told.id)
    town.let_news_be_due()

    town.notifications.requeue(told.id)
    town.answer_bells()

    assert town.sent == [told]


def test_what_is_dropped_is_told_to_nobody(town: Rehearsal) -> None:
    told = posted(town)

    town.notifications.drop(told.id[:4])
    town.answer_bells()

    assert town.sent == []
    assert not town.notifications.post(told)
    with pytest.raises(NotificationNotFound):
        town.notifications.drop(told.id)
    with pytest.raises(NotificationNotFound):
        town.notifications.requeue(told.id[:8])


def test_a_reference_that_fits_several_is_refused(town: Rehearsal) -> None:
    for end in "ab":
        posted(town, id=NotificationId(f"1234567{end}"))

    with pytest.raises(AmbiguousReference):
        town.notifications.find("1234")
    with pytest.raises(NotificationNotFound):
        town.notifications.find("123")
    assert town.notifications.find("1234567a").id == "1234567a"


def test_a_record_that_cannot_be_read_is_given_up_and_can_be_dropped(town: Rehearsal) -> None:
    told = posted(town)
    town.desk.store.connection.call("HSET", town.desk.store.keys.notification(told.id), "record", b"\xff{")

    town.answer_bells()

    (dead,) = town.notifications.dead()
    assert (dead.notification, dead.why) == (None, "its record cannot be read")
    assert town.notifications.drop(told.id).id == told.id


def test_in_a_town_that_tells_nobody_nothing_piles_up(town: Rehearsal) -> None:
    town.destinations = ()
    posted(town)

    town.answer_bells()

    assert (town.notifications.pending(), town.notifications.dead()) == ([], [])


def test_what_was_given_up_long_ago_is_forgotten(town: Rehearsal) -> None:
    town.listener.outcome = REFUSES
    old, fresh = posted(town), posted(town)
    town.answer_bells()
    town.desk.store.connection.call("ZADD", town.desk.store.keys.notifications_dead, "XX", 1, old.id)

    forgotten = town.notifications.forget_old_news()

    assert forgotten == 1
    assert [dead.id for dead in town.notifications.dead()] == [fresh.id]


def test_that_it_was_sent_is_remembered_of_so_many_at_most(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.store.notifications.SENT_KEPT", 2)
    told = [posted(town) for _ in range(3)]

    town.answer_bells()

    assert town.desk.store.connection.call("ZCARD", town.desk.store.keys.notifications_sent) == 2
    assert [town.notifications.post(each) for each in told].count(True) == 1  # which one: all were sent in the same moment
