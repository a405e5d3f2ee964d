"""A Redis that goes away is told of once, and so is its return."""

from __future__ import annotations

import logging

import pytest

from tinytown.errors import RedisUnavailable
from tinytown.process import Outage


class Redis:
    """A Redis that a test may take away."""

    is_away = False

    def __call__(self) -> None:
        if self.is_away:
            raise RedisUnavailable("here", "gone")


@pytest.fixture
def redis() -> Redis:
    """One that answers."""
    return Redis()


def test_a_step_that_goes_well_is_silent(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(redis)

    assert outage.bear(redis, "step")
    assert caplog.records == []


def test_an_outage_is_told_once_and_its_end_once(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(redis)
    redis.is_away = True
    answers = [outage.bear(redis, f"step {number}") for number in range(3)]
    redis.is_away = False
    answers += [outage.bear(redis, "step") for _ in range(3)]

    assert answers == [False] * 3 + [True] * 3
    assert [record.message.split(" after")[0] for record in caplog.records] == [
        "waiting for Redis: cannot reach Redis at here: gone",
        "Redis answers again",
    ]


def test_a_step_that_needed_no_redis_does_not_end_an_outage(redis: Redis) -> None:
    outage = Outage(redis)
    redis.is_away = True
    outage.bear(redis, "step")

    outage.bear(lambda: None, "idle step")

    assert outage.is_on


def test_a_step_with_a_bug_is_told_once_until_it_goes_well(redis: Redis, caplog: pytest.LogCaptureFixture) -> None:
    outage = Outage(redis)
    broken = [True]

    def step() -> None:
        if broken[0]:
            raise ZeroDivisionError

    outage.bear(step, "step")
    outage.bear(step, "step")
    broken[0] = False
    outage.bear(step, "step")
    broken[0] = True
    outage.bear(step, "step")

    assert [record.levelno for record in caplog.records] == [logging.ERROR] * 2
    assert not outage.is_on
