"""The redis-py client of everything that works through the broker, with nothing left to its defaults."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

__all__ = ["redis_client"]


def redis_client(
    url: str,
    *,
    answer_within: timedelta = timedelta(seconds=30),
    connect_within: timedelta = timedelta(seconds=5),
    health_check: timedelta = timedelta(seconds=30),
    **options: Any,
) -> redis.Redis:
    """A client that connects when first used, and never sends a command twice.

    redis-py's default of ten silent retries turns one message into two when a
    reply is lost, and its default time-out of five seconds is shorter than a
    pause that a busy Redis may take. `options` are redis-py's own, such as
    `ssl_ca_certs`.
    """
    return redis.Redis.from_url(
        url,
        protocol=2,
        decode_responses=False,
        socket_timeout=answer_within.total_seconds(),
        socket_connect_timeout=connect_within.total_seconds(),
        health_check_interval=int(health_check.total_seconds()),
        retry=Retry(NoBackoff(), 0),
        **({} if url.startswith("unix:") else {"socket_keepalive": True}),
        **options,
    )
