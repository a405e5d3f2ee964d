"""Wrong keys make an address wait, in Redis and without it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.auth.tries import FailedTries, neighbourhood
from tinytown.clock import StoppedClock
from tinytown.errors import TooManyTries
from tinytown.testing import in_memory, rehearse

AUTH = {"failed_tries": 3, "failed_window_secs": 60}


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, "unknown"),
        ("", "unknown"),
        ("not an address" * 100, ("not an address" * 100)[:64]),
    ],
)
def test_an_address_is_counted_with_those_that_one_machine_has(address: str | None, place: str) -> None:
    assert neighbourhood(address) == place


@pytest.mark.parametrize("is_away", [False, True], ids=["with Redis", "without Redis"])
def test_too_many_wrong_keys_are_refused_and_others_are_not(is_away: bool) -> None:
    connection = Switchable(in_memory())
    town = rehearse(connection=connection, townhall={"auth": AUTH})
    clock = StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))
    tries = FailedTries(town.permits, town.settings.townhall.auth, clock)
    connection.is_away = is_away
    for _ in range(2):
        tries.count("192.0.2.7")
    tries.refuse_too_many("192.0.2.7")

    tries.count("192.0.2.7")

    with pytest.raises(TooManyTries) as caught:
        tries.refuse_too_many("::ffff:192.0.2.7")
    assert 50 < caught.value.seconds <= 60
    tries.refuse_too_many("192.0.2.8")


def test_without_redis_the_wait_ends(caplog: pytest.LogCaptureFixture) -> None:
    connection = Switchable(in_memory())
    town = rehearse(connection=connection, townhall={"auth": AUTH})
    clock = StoppedClock(datetime(2026, 1, 1, tzinfo=UTC))
    tries = FailedTries(town.permits, town.settings.townhall.auth, clock)
    connection.is_away = True
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            tries.count("192.0.2.7")

    clock.at += timedelta(seconds=60)

    tries.refuse_too_many("192.0.2.7")
    assert [record.message for record in caplog.records if "by itself" in record.message] == [
        "Redis is away, so each process counts wrong keys by itself: cannot reach Redis at nowhere: switched off"
    ]


def test_without_redis_the_memory_of_addresses_is_bounded() -> None:
    connection = Switchable(in_memory())
    town = rehearse(connection=connection, townhall={"auth": AUTH})
    tries = FailedTries(town.permits, town.settings.townhall.auth, StoppedClock(datetime(2026, 1, 1, tzinfo=UTC)))
    connection.is_away = True

    for number in range(10_500):
        tries.count(f"10.{number // 65536}.{number // 256 % 256}.{number % 256}")

    assert len(tries._here._counts) == 10_000
