"""The seam between the store and Redis: raw RESP2 replies, and errors of our own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from tinytown.errors import RedisAuthFailed, RedisForbids, RedisIsCluster, RedisUnavailable, TownError

__all__ = ["Arg", "Connection", "Reply", "ReplyError", "is_clustered", "is_elsewhere", "is_forbidden", "raise_for_error", "text"]

Arg = str | bytes | int | float
Reply = Any
"""bytes, int, None, or a list of replies: what RESP2 can say."""

_ELSEWHERE = ("READONLY", "MASTERDOWN", "UNBLOCKED")
_NOT_SERVING = ("LOADING", "OOM", "MISCONF", "NOREPLICAS", "ERR max number of clients", *_ELSEWHERE)
_STRANGERS = ("WRONGPASS", "NOAUTH", "ERR AUTH <password> called without any password")
_CLUSTERED = ("MOVED", "ASK ", "CROSSSLOT", "CLUSTERDOWN", "TRYAGAIN")
_FORBIDDEN = ("NOPERM", "ERR The user executing the script can't")


class ReplyError(TownError):
    """Redis understood the command and refuses it; `str()` is its own sentence."""

    code = "redis_reply"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    @property
    def word(self) -> str:
        """The first word, by which Redis tells its errors apart, such as WRONGTYPE."""
        return self.sentence.split(" ", 1)[0]


def is_elsewhere(sentence: str) -> bool:
    """Whether an error reply means that another server is the one to ask by now: connect anew to find it."""
    return sentence.startswith(_ELSEWHERE)


def is_forbidden(sentence: str) -> bool:
    """Whether an error reply means that the user lacks a permission."""
    return sentence.startswith(_FORBIDDEN)


def is_clustered(sentence: str) -> bool:
    """Whether an error reply is one that only a server in cluster mode gives."""
    return sentence.startswith(_CLUSTERED)


def raise_for_error(sentence: str, address: str) -> None:
    """Raise what an error reply means: Redis unavailable for now, or a refusal.

    Raises:
        RedisUnavailable: it cannot serve at the moment (loading, out of memory, read only …).
        RedisAuthFailed: it wants other credentials.
        RedisForbids: the user lacks a permission.
        RedisIsCluster: keys are spread over many servers.
        ReplyError: any other refusal.
    """
    if sentence.startswith(_STRANGERS):
        raise RedisAuthFailed(address, sentence)
    if sentence.startswith("DENIED"):
        raise RedisAuthFailed(address, "protected mode: it lets nobody in from other machines without a password")
    if sentence.startswith(_NOT_SERVING):
        raise RedisUnavailable(address, sentence)
    if is_forbidden(sentence):
        raise RedisForbids(address, sentence)
    if is_clustered(sentence):
        raise RedisIsCluster(address, sentence)
    raise ReplyError(sentence)


class Connection(Protocol):
    """What the store needs of a Redis client."""

    address: str
    """Where it leads, without secrets."""

    def call(self, *args: Arg) -> Reply:
        """Send one command and return its reply.

        Raises:
            RedisUnavailable: no answer, or not able to serve.
            ReplyError: the command is refused.
        """
        ...

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        """Send many commands in one round trip and return their replies in order."""
        ...

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        """Yield what is published on a channel until `stop` says so (asked about once a second)."""
        ...

    def close(self) -> None:
        """Let go of the sockets."""
        ...


def text(reply: Reply) -> str:
    """A bulk reply as text; whatever is no UTF-8 is replaced."""
    return reply.decode("utf-8", "replace") if isinstance(reply, bytes) else str(reply)
