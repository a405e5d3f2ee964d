"""How often a caller may call, what it is told, and what happens without Redis."""

from __future__ import annotations

import logging
import re

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.rate_limits import RateLimiter, rate_headers, refusal
from tinytown.testing import in_memory, rehearse

SLOW = {"read_per_minute": 2, "write_per_minute": 1, "burst": 3}
KEY = {"mode": "api_key"}


def test_a_caller_is_told_what_is_left() -> None:
    limiter = RateLimiter(rehearse(townhall={"auth": KEY}))

    permit = limiter.take("key:1", writes=False)

    assert permit is not None
    assert permit.allowed
    assert rate_headers(permit) == {"RateLimit-Policy": '"read";q=20;w=10', "RateLimit": '"read";r=19;t=1'}


def test_a_caller_that_is_refused_is_told_when_to_come_again() -> None:
    limiter = RateLimiter(rehearse(townhall={"auth": KEY, "rate_limit": SLOW}))
    permits = [limiter.take("key:1", writes=True) for _ in range(4)]

    last = permits[-1]

    assert last is not None
    assert not last.allowed
    headers = rate_headers(last)
    assert headers["RateLimit-Policy"] == '"write";q=3;w=180'
    assert re.fullmatch(r'"write";r=0;t=1(79|80)', headers["RateLimit"])
    assert headers["Retry-After"] in {"59", "60"}
    assert (refusal(last).status, str(refusal(last).seconds)) == (429, headers["Retry-After"])


def test_reads_and_writes_are_counted_apart() -> None:
    limiter = RateLimiter(rehearse(townhall={"auth": KEY, "rate_limit": SLOW}))
    for _ in range(4):
        limiter.take("key:1", writes=True)

    permit = limiter.take("key:1", writes=False)

    assert permit is not None
    assert permit.remaining == 2


def test_where_anybody_may_call_nobody_is_limited() -> None:
    connection = Switchable(in_memory())
    limiter = RateLimiter(rehearse(connection=connection))

    assert limiter.take("local", writes=True) is None
    assert connection.asked == 0


def test_anybody_is_limited_on_request() -> None:
    limiter = RateLimiter(rehearse(townhall={"rate_limit": {"enabled": True}}))

    assert limiter.take("local", writes=True) is not None


def test_without_redis_callers_pass_and_it_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    connection = Switchable(in_memory())
    limiter = RateLimiter(rehearse(connection=connection, townhall={"auth": KEY}))
    connection.is_away = True

    with caplog.at_level(logging.INFO):
        permits = [limiter.take("key:1", writes=True) for _ in range(200)]
        connection.is_away = False
        back = limiter.take("key:1", writes=True)

    assert set(permits) == {None}
    assert back is not None
    assert [record.message.partition(":")[0] for record in caplog.records] == [
        "Redis is away, so nobody's calls are limited",
        "no longer",
    ]
