"""Asking a server that others run whether it will do, by nothing but what a town needs anyway."""

from __future__ import annotations

from tinytown.config import RedisAddress
from tinytown.errors import RedisUnavailable
from tinytown.patience import patience
from tinytown.redis_server.probe import CONNECT_SECONDS, REPLY_SECONDS, NotListening, ServerInfo, accepted
from tinytown.store.connection import Connection, ReplyError, text

__all__ = ["check_remote"]

VERSION = """\
local numbers = redis.REDIS_VERSION or ''
local valkey = rawget(_G, 'server')
if valkey then return numbers .. ' valkey ' .. (valkey.VALKEY_VERSION or numbers) end
return numbers .. ' redis ' .. numbers
"""
"""Asks a server that others run, where `INFO` is often forbidden, and scripts must be allowed anyway."""


def check_remote(connection: Connection, address: RedisAddress, town: str | None) -> ServerInfo:
    """Make sure that a usable Redis answers, by the connection that is used afterwards.

    Args:
        connection: to that server.
        address: where it is.
        town: a town whose keys it must serve, and all of them itself.

    Raises:
        RedisUnavailable: it does not answer, or somebody who is no Redis.
        RedisAuthFailed: it wants other credentials.
        RedisForbids: its user may not run scripts on the keys of the town.
        RedisIsCluster: keys are spread over many servers.
        RedisTooOld: it is older than 7.0.
    """
    keys = [] if town is None else [f"tt:{town}:agents", f"tt:{town}:tasks:ids"]
    try:
        with patience(CONNECT_SECONDS + REPLY_SECONDS):
            _, said = connection.calls([("PING",), ("EVAL", VERSION, len(keys), *keys)])
    except RedisUnavailable as error:
        if isinstance(error.__cause__, FileNotFoundError | ConnectionRefusedError):
            raise NotListening(error.address, "nobody listens there") from None
        raise
    except ReplyError as error:
        raise RedisUnavailable(address.redacted, error.sentence) from None
    numbers, product, version = text(said).split(" ")
    return accepted(address, numbers, ServerInfo(product=product, version=version or "before 7.0"))
