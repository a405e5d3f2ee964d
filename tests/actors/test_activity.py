"""A worker knows since when it has had nothing to do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from dramatiq import Broker, MessageProxy

from tinytown.actors.activity import Activity
from tinytown.clock import StoppedClock

ANY = cast("Broker", None)
MESSAGE = cast("MessageProxy", None)


@pytest.fixture
def clock() -> StoppedClock:
    """A clock that stands."""
    return StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))


def test_a_new_worker_has_been_idle_since_it_started(clock: StoppedClock) -> None:
    activity = Activity(clock)

    clock.at += timedelta(seconds=5)

    assert activity.is_idle
    assert activity.idle_for == timedelta(seconds=5)


def test_nobody_is_idle_while_a_message_runs(clock: StoppedClock) -> None:
    activity = Activity(clock)
    activity.before_process_message(ANY, MESSAGE)
    activity.before_process_message(ANY, MESSAGE)
    activity.after_process_message(ANY, MESSAGE)

    clock.at += timedelta(hours=1)

    assert not activity.is_idle
    assert activity.idle_for == timedelta(0)


def test_idleness_counts_from_the_end_of_the_last_message(clock: StoppedClock) -> None:
    activity = Activity(clock)
    activity.before_process_message(ANY, MESSAGE)
    clock.at += timedelta(hours=1)
    activity.after_process_message(ANY, MESSAGE, exception=ValueError())

    clock.at += timedelta(seconds=3)

    assert activity.idle_for == timedelta(seconds=3)
