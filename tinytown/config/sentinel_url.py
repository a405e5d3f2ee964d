"""Addresses that name sentinels: `redis+sentinel://user:password@host:26379,host/service/db`."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec

__all__ = ["SENTINEL_PORT", "SentinelUrl", "is_sentinel_url", "sentinel_url"]

SENTINEL_PORT = 26379
SCHEMES = ("redis+sentinel", "rediss+sentinel")


class SentinelUrl(msgspec.Struct, frozen=True, kw_only=True):
    """What such an address says, parameters aside."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    """What the sentinels call the server that they watch."""
    db: str
    username: str | None
    password: str | None


def is_sentinel_url(url: str) -> bool:
    """Whether the address begins as one that names sentinels."""
    return url.partition("://")[0] in SCHEMES


def sentinel_url(url: str) -> SentinelUrl:
    """Take an address apart that names sentinels.

    Raises:
        ValueError: it makes no sense; its words hold no secret.
    """
    rest, _, fragment = url.partition("://")[2].partition("#")
    if fragment:
        raise ValueError("special characters in a password are written %XX: '/' is %2F, '#' is %23, '?' is %3F")
    netloc, _, path = rest.partition("?")[0].partition("/")
    if "@" in path:
        raise ValueError("special characters in a password are written %XX: '/' is %2F, '#' is %23, '?' is %3F")
    user, _, places = netloc.rpartition("@")
    name, _, password = user.partition(":")
    service, _, db = path.partition("/")
    if not service:
        raise ValueError("it names no service, as in redis+sentinel://host:26379/mymaster")
    return SentinelUrl(
        sentinels=tuple(_place(place) for place in places.split(",")),
        service=unquote(service),
        db=db.strip("/"),
        username=unquote(name) or None,
        password=unquote(password) or None,
    )


def _place(text: str) -> tuple[str, int]:
    """A host and its port; an IPv6 host stands in brackets."""
    bracketed, mark, after = text.removeprefix("[").partition("]") if text.startswith("[") else ("", "", "")
    host, port = (bracketed, after.removeprefix(":")) if mark else text.partition(":")[::2]
    if not host:
        raise ValueError("it names no host, or an empty one between two commas")
    if port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise ValueError("a port must be a number up to 65535")
    return host, int(port) if port else SENTINEL_PORT
