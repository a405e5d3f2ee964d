"""Where a town's Redis is, as one value that a client can connect with and a log can show."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from tinytown.config.redact import MASK, redacted
from tinytown.errors import SettingsError

__all__ = ["Origin", "RedisAddress", "explicit_address", "is_loopback", "socket_address", "tcp_address"]


class Origin(StrEnum):
    """What decided which Redis a town uses."""

    ENVIRONMENT = "REDIS_URL"
    """The environment variable, above everything else."""
    URL = "redis.url"
    """The town file names a server that others run."""
    TOWN = "town"
    """A server of the town's own."""
    CENTRAL = "central"
    """One server for all towns of the user."""


class RedisAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a Redis is, and how to be let in.

    `url` holds the secrets and suits `redis.from_url`; `redacted` is for
    people and logs, and is what `repr` and `str` show.
    """

    url: str
    redacted: str
    external: bool
    origin: Origin
    socket: Path | None = None
    host: str = ""
    port: int = 6379
    db: int = 0
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_cert: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    verify: bool = True
    check_hostname: bool = True

    def __repr__(self) -> str:
        return f"RedisAddress({self.redacted})"

    def __str__(self) -> str:
        return self.redacted


def socket_address(path: Path, *, origin: Origin) -> RedisAddress:
    """A server of ours on a unix socket."""
    url = f"unix://{quote(str(path))}"
    return RedisAddress(url=url, redacted=url, external=False, origin=origin, socket=path)


def tcp_address(
    host: str,
    port: int,
    *,
    origin: Origin,
    password: str | None = None,
    tls: bool = False,
    ca_cert: str | None = None,
    verify: bool = True,
) -> RedisAddress:
    """A server on TCP; it is ours to start when it is on this machine."""
    place = f"{f'[{host}]' if ':' in host else host}:{port}"
    scheme = "rediss" if tls else "redis"
    options = {"ssl_ca_certs": ca_cert} if ca_cert is not None else {}
    options |= {} if verify else {"ssl_cert_reqs": "none"}
    query = f"?{urlencode(options)}" if tls and options else ""
    user = "" if password is None else f":{quote(password, safe='')}@"
    shown = "" if password is None else f":{MASK}@"
    return RedisAddress(
        url=f"{scheme}://{user}{place}{query}",
        redacted=f"{scheme}://{shown}{place}{query}",
        external=not is_loopback(host),
        origin=origin,
        host=host,
        port=port,
        password=password,
        tls=tls,
        ca_cert=ca_cert if tls else None,
        verify=verify,
    )


def explicit_address(
    url: str, *, origin: Origin, password: str | None = None, ca_cert: str | None = None, verify: bool = True
) -> RedisAddress:
    """A server that others run, as the user wrote it.

    Args:
        url: `redis://`, `rediss://` or `unix://`, with user, password and database as they may be.
        origin: what named it.
        password: for an address that has none.
        ca_cert: for a `rediss://` address that names none.
        verify: whether its certificate is checked, for a `rediss://` address that does not say.

    Raises:
        SettingsError: it is no such address; only the redacted form is shown.
    """
    parts = _parts(url, origin)
    query = {name: value for name, value in parse_qsl(parts.query) if value}
    socket = Path(unquote(parts.path)) if parts.scheme == "unix" else None
    own = unquote(parts.password) if parts.password else query.get("password")
    if own is None and password is not None:
        url = _with_password(parts, password)
    tls = parts.scheme == "rediss"
    options = {"ssl_ca_certs": ca_cert} if ca_cert is not None else {}
    options |= {} if verify else {"ssl_cert_reqs": "none"}
    said = {name: value for name, value in options.items() if tls and name not in query}
    if said:
        url = f"{url}{'&' if parts.query else '?'}{urlencode(said)}"
        query |= said
    return RedisAddress(
        url=url,
        redacted=redacted(url),
        external=True,
        origin=origin,
        socket=socket,
        host=parts.hostname or "",
        port=parts.port if parts.port is not None else 6379,
        db=_database(parts, query, origin),
        username=unquote(parts.username) if parts.username else query.get("username"),
        password=password if own is None else own,
        tls=tls,
        ca_cert=query.get("ssl_ca_certs"),
        client_cert=query.get("ssl_certfile"),
        client_key=query.get("ssl_keyfile"),
        verify=query.get("ssl_cert_reqs", "required").lower() not in {"none", "optional"},
        check_hostname=query.get("ssl_check_hostname", "true").lower() not in {"0", "f", "false", "n", "no"},
    )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, as far as its name tells."""
    return host.lower() in {"localhost", "::1", "[::1]"} or host.startswith("127.")


def _parts(url: str, origin: Origin) -> SplitResult:
    """The address taken apart, once it makes sense."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _malformed(url, origin, "it cannot be taken apart; special characters in a password are written %XX") from None
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise _malformed(url, origin, "it must begin with redis://, rediss:// or unix://")
    if "@" not in parts.netloc and ("@" in parts.path or parts.fragment) and parts.scheme != "unix":
        raise _malformed(url, origin, "special characters in a password are written %XX: '/' is %2F, '#' is %23, '?' is %3F")
    if parts.scheme == "unix" and (parts.hostname or not parts.path.startswith("/")):
        raise _malformed(url, origin, "a socket has an absolute path, as in unix:///run/redis.sock")
    if parts.scheme != "unix" and not parts.hostname:
        raise _malformed(url, origin, "it names no host")
    return parts


def _database(parts: SplitResult, query: dict[str, str], origin: Origin) -> int:
    path = "" if parts.scheme == "unix" else parts.path.strip("/")
    text = query.get("db", path)
    if text and not (text.isascii() and text.isdigit()):
        raise _malformed(parts.geturl(), origin, "the database must be a number")
    return int(text) if text else 0


def _with_password(parts: SplitResult, password: str) -> str:
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:{quote(password, safe='')}@{place}").geturl()


def _malformed(url: str, origin: Origin, why: str) -> SettingsError:
    return SettingsError(origin.value, f"{redacted(url)!r} is no address of a Redis: {why}")
