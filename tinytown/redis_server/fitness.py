"""Whether a server is fit to carry a town: which one it is, what its user may do there, and what it does when it is full."""

from __future__ import annotations

import msgspec

from tinytown.config import RedisAddress
from tinytown.domain.ids import new_id
from tinytown.errors import RedisForbids, RedisIsCluster
from tinytown.redis_server.probe import check
from tinytown.store.connection import Reply, ReplyError, is_clustered, is_forbidden
from tinytown.store.reach import client_of

__all__ = ["PERMISSIONS", "Fitness", "fitness_of"]

PERMISSIONS: dict[str, str] = {
    "ping": "PING",
    "time": "TIME",
    "select": "SELECT {db}",
    "role": "ROLE",
    "eval": "EVAL 0 0",
    "evalsha": "EVALSHA 0 0",
    "script|load": "SCRIPT LOAD 0",
    "multi": "MULTI",
    "exec": "EXEC",
    "scan": "SCAN 0 MATCH {key} COUNT 1",
    "publish": "PUBLISH {key} 0",
    "set": "SET {key} 0 PX 10000",
    "get": "GET {key}",
    "getrange": "GETRANGE {key} 0 0",
    "mget": "MGET {key}",
    "incr": "INCR {key}",
    "strlen": "STRLEN {key}",
    "exists": "EXISTS {key}",
    "type": "TYPE {key}",
    "expire": "EXPIRE {key} 10",
    "pexpire": "PEXPIRE {key} 10000",
    "pttl": "PTTL {key}",
    "sort": "SORT {key}",
    "hdel": "HDEL {key} 0",
    "hexists": "HEXISTS {key} 0",
    "hget": "HGET {key} 0",
    "hgetall": "HGETALL {key}",
    "hincrby": "HINCRBY {key} 0 1",
    "hkeys": "HKEYS {key}",
    "hlen": "HLEN {key}",
    "hmget": "HMGET {key} 0",
    "hscan": "HSCAN {key} 0",
    "hset": "HSET {key} 0 0",
    "hsetnx": "HSETNX {key} 0 0",
    "hvals": "HVALS {key}",
    "blmove": "BLMOVE {key} {key} LEFT LEFT 0.01",
    "blpop": "BLPOP {key} 0.01",
    "lindex": "LINDEX {key} 0",
    "llen": "LLEN {key}",
    "lpop": "LPOP {key}",
    "lpos": "LPOS {key} 0",
    "lpush": "LPUSH {key} 0",
    "lrange": "LRANGE {key} 0 0",
    "lrem": "LREM {key} 0 0",
    "ltrim": "LTRIM {key} 0 0",
    "rpop": "RPOP {key}",
    "rpush": "RPUSH {key} 0",
    "sadd": "SADD {key} 0",
    "scard": "SCARD {key}",
    "sismember": "SISMEMBER {key} 0",
    "smembers": "SMEMBERS {key}",
    "srandmember": "SRANDMEMBER {key}",
    "srem": "SREM {key} 0",
    "zadd": "ZADD {key} 0 0",
    "zcard": "ZCARD {key}",
    "zinter": "ZINTER 1 {key}",
    "zlexcount": "ZLEXCOUNT {key} - +",
    "zmscore": "ZMSCORE {key} 0",
    "zrange": "ZRANGE {key} 0 0",
    "zrangebylex": "ZRANGEBYLEX {key} - +",
    "zrangebyscore": "ZRANGEBYSCORE {key} 0 0",
    "zrem": "ZREM {key} 0",
    "zremrangebyrank": "ZREMRANGEBYRANK {key} 0 0",
    "zremrangebyscore": "ZREMRANGEBYSCORE {key} 0 0",
    "zrevrange": "ZREVRANGE {key} 0 0",
    "zrevrangebyscore": "ZREVRANGEBYSCORE {key} 0 0",
    "zscan": "ZSCAN {key} 0",
    "zscore": "ZSCORE {key} 0",
    "xack": "XACK {key} 0 0-1",
    "xadd": "XADD {key} * 0 0",
    "xgroup|create": "XGROUP CREATE {key} 0 0",
    "xgroup|delconsumer": "XGROUP DELCONSUMER {key} 0 0",
    "xinfo|consumers": "XINFO CONSUMERS {key} 0",
    "xinfo|groups": "XINFO GROUPS {key}",
    "xlen": "XLEN {key}",
    "xpending": "XPENDING {key} 0",
    "xrange": "XRANGE {key} - +",
    "xread": "XREAD STREAMS {key} 0",
    "xreadgroup": "XREADGROUP GROUP 0 0 STREAMS {key} >",
    "xrevrange": "XREVRANGE {key} + -",
    "xtrim": "XTRIM {key} MAXLEN 0",
    "del": "DEL {key}",
    "unlink": "UNLINK {key}",
    "subscribe": "SUBSCRIBE {key}",
}
"""All that a town asks of Redis, each as a command that does no harm.

The first of those with a key makes it, a string that soon expires; the others
find that it is of another type, but only after Redis has looked whether they
are allowed. The last one makes the connection useless for anything else.
"""


class Fitness(msgspec.Struct, frozen=True, kw_only=True):
    """How fit a server is."""

    product: str
    """`redis` or `valkey`."""
    version: str
    missing: tuple[str, ...]
    """Permissions that the user lacks, as Redis spells them: `blmove`, `xgroup|create`, `~tt:shop:*`, `&tt:shop:*`."""
    eviction: str | None
    """What is deleted when memory is full; None where one may not ask."""

    @property
    def loses_nothing_when_full(self) -> bool:
        """Whether the server refuses writes rather than delete a town's keys; True where one may not ask."""
        return self.eviction in {None, "noeviction"}


def fitness_of(address: RedisAddress, town: str) -> Fitness:
    """Ask a server whether it can carry a town; nothing of the town is changed.

    Args:
        address: where it is.
        town: the name of the town.

    Raises:
        RedisUnavailable: it does not answer.
        RedisForbids: its user may not even run a script.
        RedisTooOld: it is older than 7.0.
        RedisIsCluster: keys are spread over many servers.
    """
    try:
        info = check(address, town)
    except RedisForbids:  # of the keys, perhaps, which is told below
        info = check(address)
    key = f"tt:{town}:fitness:{new_id()}"
    needless = {name for name, reason in {"select": address.db, "role": address.sentinels}.items() if not reason}
    needed = {name: line.format(key=key, db=address.db) for name, line in PERMISSIONS.items() if name not in needless}
    client = client_of(address)
    try:
        (full,) = client.exchange([("INFO", "memory")])
        replies = client.exchange([line.split() for line in needed.values()])
    finally:
        client.close()
    return Fitness(product=info.product, version=info.version, missing=_missing(address, town, needed, replies), eviction=_eviction(full))


def _missing(address: RedisAddress, town: str, asked: dict[str, str], replies: list[Reply]) -> tuple[str, ...]:
    missing: dict[str, None] = {}
    for name, reply in zip(asked, replies, strict=True):
        if not isinstance(reply, ReplyError):
            continue
        if is_clustered(reply.sentence):
            raise RedisIsCluster(address.redacted, reply.sentence)
        if is_forbidden(reply.sentence):
            missing[_lacks(name, reply.sentence, town)] = None
        elif reply.sentence.startswith("ERR unknown"):  # as of commands that a service has renamed
            missing[name] = None
    return tuple(missing)


def _lacks(name: str, sentence: str, town: str) -> str:
    """What Redis means by a refusal: the command, its key, or its channel."""
    if " access " not in sentence:
        return name
    return f"{'&' if 'channel' in sentence else '~'}tt:{town}:*"


def _eviction(reply: Reply) -> str | None:
    if not isinstance(reply, bytes):
        return None
    facts = dict(line.split(":", 1) for line in reply.decode(errors="replace").splitlines() if ":" in line)
    return facts.get("maxmemory_policy")
