"""Talking to a server that was started."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tinytown.config import RedisAddress

__all__ = ["connected"]


@contextmanager
def connected(address: RedisAddress) -> Iterator[redis.Redis]:
    """A client of redis-py, made from the address alone."""
    with redis.Redis.from_url(address.url, decode_responses=True) as client:
        yield client
