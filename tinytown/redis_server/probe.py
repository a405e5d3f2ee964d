"""Asking whoever listens at an address whether it is a Redis, and which one.

Speaks a few words of RESP itself, for every command asks this first and
redis-py takes longer to import than all else.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from tinytown.config import RedisAddress
from tinytown.errors import RedisAuthFailed, RedisTooOld, RedisUnavailable
from tinytown.store.reach import client_of, sockets_of

__all__ = ["OLDEST", "NotListening", "ServerInfo", "StillLoading", "Unsettled", "accepted", "check", "command"]

CONNECT_SECONDS = 5.0
REPLY_SECONDS = 2.0
OLDEST = (7, 0)
LONGEST_LINE = 1 << 20


class NotListening(RedisUnavailable):
    """Nobody listens at the address: a server may be started there."""


class Unsettled(RedisUnavailable):
    """A server is there, but only just, or only just still: ask again."""

    patience = 10.0
    """Seconds after which asking again is pointless."""


class StillLoading(Unsettled):
    """The server reads its data, of which there may be much."""

    patience = 600.0


class ServerInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What a server says of itself."""

    product: str
    """`redis` or `valkey`."""
    version: str
    pid: int = 0
    """Its process; 0 of a server that others run, which need not tell."""
    config_file: Path | None = None
    uptime_secs: int = 0


def check(address: RedisAddress, town: str | None = None, *, reply_seconds: float = REPLY_SECONDS) -> ServerInfo:
    """Make sure that a usable Redis answers there.

    Args:
        address: where.
        town: a town whose keys a server of others must serve, and all of them itself.
        reply_seconds: how long it may take to answer.

    Raises:
        RedisUnavailable: nobody does within 5 s to connect and 2 s to reply, or somebody who is no Redis.
        RedisAuthFailed: it wants other credentials.
        RedisForbids: its user may not run scripts on the keys of the town.
        RedisIsCluster: keys are spread over many servers.
        RedisTooOld: it is older than 7.0.
    """
    if address.external:
        from tinytown.redis_server.remote import check_remote

        client = client_of(address, timeout=reply_seconds)
        try:
            return check_remote(client, address, town)
        finally:
            client.close()
    # `INFO` without a section would compute statistics of every database.
    ponged, info = _converse(address, [["PING"], ["INFO", "server"]], reply_seconds)
    if ponged != b"+PONG":
        raise _refusal(address, ponged)
    if not info.startswith(b"$"):
        raise _refusal(address, info)
    said = dict(line.split(":", 1) for line in info.decode(errors="replace").splitlines() if ":" in line)
    found = _understood(said)
    return accepted(address, said.get("redis_version", ""), found)


def accepted(address: RedisAddress, numbers: str, found: ServerInfo) -> ServerInfo:
    """The server, if it is new enough by the version of Redis that it follows.

    Raises:
        RedisTooOld: it is older than 7.0.
    """
    if _numbers(numbers) < OLDEST:
        raise RedisTooOld(f"the server at {address}", found.version)
    return found


def command(address: RedisAddress, *words: str, reply_seconds: float = REPLY_SECONDS) -> bytes:
    """Send one command and return its raw reply, which may be an error."""
    return _converse(address, [words], reply_seconds)[0]


def _understood(said: dict[str, str]) -> ServerInfo:
    # Valkey says redis_version:7.2.4 for old clients' sake, whatever its own version.
    valkey = said.get("valkey_version")
    config = said.get("config_file", "")
    return ServerInfo(
        product="redis" if valkey is None else "valkey",
        version=said.get("redis_version", "unknown") if valkey is None else valkey,
        pid=int(said.get("process_id", "0")),
        config_file=Path(config) if config else None,
        uptime_secs=int(said.get("uptime_in_seconds", "0")),
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The leading numbers: `8.0-rc1` is 8.0."""
    numbers = []
    for part in version.split(".")[:2]:
        digits = part[: len(part) - len(part.lstrip("0123456789"))]
        numbers.append(int(digits) if digits else 0)
    return tuple(numbers)


def _converse(address: RedisAddress, commands: Sequence[Sequence[str]], reply_seconds: float) -> list[bytes]:
    """Log in, send the commands at once, and return a raw reply for each."""
    greeting: list[Sequence[str]] = []
    if address.password is not None:
        user = [] if address.username is None else [address.username]
        greeting.append(["AUTH", *user, address.password])
    try:
        with next(sockets_of(address, CONNECT_SECONDS)) as connection:
            connection.settimeout(reply_seconds)
            connection.sendall(b"".join(_encoded(words) for words in (*greeting, *commands)))
            with connection.makefile("rb") as stream:
                replies = _replies(stream, len(greeting) + len(commands))
    except (FileNotFoundError, ConnectionRefusedError):
        raise NotListening(str(address), "nobody listens there") from None
    except ConnectionError as error:
        # A server that crashes or is killed still takes connections for a moment.
        raise Unsettled(str(address), error.strerror if error.strerror is not None else str(error)) from None
    except TimeoutError:
        raise RedisUnavailable(str(address), "no answer in time") from None
    except OSError as error:
        raise RedisUnavailable(str(address), error.strerror if error.strerror is not None else str(error)) from None
    except ValueError as error:
        raise RedisUnavailable(str(address), str(error)) from None
    if greeting and replies[0] != b"+OK":
        raise _refusal(address, replies[0])
    return replies[len(greeting) :]


def _encoded(words: Sequence[str]) -> bytes:
    raw = [word.encode() for word in words]
    return b"".join((b"*%d\r\n" % len(raw), *(b"$%d\r\n%b\r\n" % (len(word), word) for word in raw)))


def _replies(stream: BinaryIO, count: int) -> list[bytes]:
    """That many replies; a server that refuses and hangs up has said the same to all."""
    replies: list[bytes] = []
    while len(replies) < count:
        try:
            replies.append(_reply(stream))
        except ConnectionError:
            if not replies or not replies[-1].startswith(b"-"):
                raise
            replies += [replies[-1]] * (count - len(replies))
    return replies


def _reply(stream: BinaryIO) -> bytes:
    """One reply that is a line or a string; an answer in any other language is a ValueError."""
    line = stream.readline(LONGEST_LINE)
    if not line:
        raise ConnectionError("the connection was closed")
    if line[:1] not in b"+-:$" or not line.endswith(b"\r\n"):
        raise ValueError(f"what answers is no Redis: {line[:40]!r}")
    if line[:1] != b"$":
        return line[:-2]
    length = int(line[1:])
    if not 0 <= length <= LONGEST_LINE:
        raise ValueError(f"what answers is no Redis: {line[:40]!r}")
    return b"$" + _exactly(stream, length + 2)[:-2]


def _exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        raise ConnectionError("the connection was closed")
    return data


def _refusal(address: RedisAddress, reply: bytes) -> RedisUnavailable:
    """What an error reply means for whoever wants to use the server."""
    sentence = reply[1:].decode(errors="replace")
    word = sentence.partition(" ")[0]
    if word == "LOADING":
        return StillLoading(str(address), "it is still loading its data")
    if word in {"WRONGPASS", "NOAUTH", "NOPERM"} or "without any password" in sentence:
        return RedisAuthFailed(str(address), sentence)
    if word == "DENIED":
        return RedisAuthFailed(str(address), "protected mode: it lets nobody in from other machines without a password")
    return RedisUnavailable(str(address), sentence)
