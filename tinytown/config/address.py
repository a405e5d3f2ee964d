"""Where a town's Redis is, as one value that a client can connect with and a log can show."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from tinytown.config.redact import MASK, redacted
from tinytown.config.sentinel_url import is_sentinel_url, sentinel_url
from tinytown.errors import SettingsError

__all__ = ["Origin", "RedisAddress", "explicit_address", "is_loopback", "socket_address", "tcp_address"]

TLS_PARAMETERS = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname")


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

    `url` holds the secrets; `redacted` is for people and logs, and is what
    `repr` and `str` show. Clients connect with the fields, see `store.reach`.
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
    sentinels: tuple[tuple[str, int], ...] = ()
    """Hosts and ports of those who know the server; `host` and `port` mean nothing then."""
    service: str = ""
    """What the sentinels call the server."""
    sentinel_username: str | None = None
    sentinel_password: str | None = None

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
    client_cert: str | None = None,
    client_key: str | None = None,
    verify: bool = True,
) -> RedisAddress:
    """A server on TCP; it is ours to start when it is on this machine.

    Args:
        client_cert: shown to a server that others run; a file with the certificate.
        client_key: a file with its key.
        verify: whether the server has to prove who it is.
    """
    external = not is_loopback(host)
    files = {"ssl_ca_certs": ca_cert, **({"ssl_certfile": client_cert, "ssl_keyfile": client_key} if external else {})}
    files |= {} if verify else {"ssl_cert_reqs": "none"}
    known = {name: path for name, path in files.items() if tls and path is not None}
    place = f"{f'[{host}]' if ':' in host else host}:{port}"
    scheme = "rediss" if tls else "redis"
    query = f"?{urlencode(known)}" if known else ""
    user = "" if password is None else f":{quote(password, safe='')}@"
    shown = "" if password is None else f":{MASK}@"
    return RedisAddress(
        url=f"{scheme}://{user}{place}{query}",
        redacted=f"{scheme}://{shown}{place}{query}",
        external=external,
        origin=origin,
        host=host,
        port=port,
        password=password,
        tls=tls,
        ca_cert=known.get("ssl_ca_certs"),
        client_cert=known.get("ssl_certfile"),
        client_key=known.get("ssl_keyfile"),
        verify=verify,
    )


def explicit_address(
    url: str,
    *,
    origin: Origin,
    password: str | None = None,
    ca_cert: str | None = None,
    client_cert: str | None = None,
    client_key: str | None = None,
    verify: bool = True,
) -> RedisAddress:
    """A server that others run, as the user wrote it.

    Args:
        url: `redis://`, `rediss://`, `unix://`, `redis+sentinel://` or
            `rediss+sentinel://`, with user, password and database as they may be.
        origin: what named it.
        password: for an address that has none.
        ca_cert: for an address with TLS that names none.
        client_cert: likewise.
        client_key: likewise.
        verify: whether the server has to prove who it is, for an address with TLS that does not say.

    Raises:
        SettingsError: it is no such address; only the redacted form is shown.
    """
    query = {name: value for name, value in parse_qsl(url.partition("?")[2]) if value}
    place = _sentinels(url, query, origin) if is_sentinel_url(url) else _server(url, query, origin)
    if place.password is None and password is not None:
        url = _with_password(url, password)
        place = msgspec.structs.replace(place, password=password)
    files = {"ssl_ca_certs": ca_cert, "ssl_certfile": client_cert, "ssl_keyfile": client_key}
    files |= {} if verify else {"ssl_cert_reqs": "none"}
    added = {name: path for name, path in files.items() if place.tls and path is not None and name not in query}
    if added:
        url = f"{url}{'&' if '?' in url else '?'}{urlencode(added)}"
    query |= added
    return msgspec.structs.replace(
        place,
        url=url,
        redacted=redacted(url),
        ca_cert=query.get("ssl_ca_certs"),
        client_cert=query.get("ssl_certfile"),
        client_key=query.get("ssl_keyfile"),
        verify=_verifies(query, url, origin),
        check_hostname=query.get("ssl_check_hostname", "true").lower() not in {"0", "f", "false", "n", "no"},
    )


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, as far as its name tells."""
    return host.lower() in {"localhost", "::1", "[::1]"} or host.startswith("127.")


def _server(url: str, query: dict[str, str], origin: Origin) -> RedisAddress:
    """The server that an address names, without what it says of TLS."""
    parts = _parts(url, origin)
    return RedisAddress(
        url=url,
        redacted=redacted(url),
        external=True,
        origin=origin,
        socket=Path(unquote(parts.path)) if parts.scheme == "unix" else None,
        host=parts.hostname or "",
        port=parts.port if parts.port is not None else 6379,
        db=_database(query.get("db", "" if parts.scheme == "unix" else parts.path.strip("/")), url, origin),
        username=unquote(parts.username) if parts.username else query.get("username"),
        password=unquote(parts.password) if parts.password else query.get("password"),
        tls=parts.scheme == "rediss",
    )


def _sentinels(url: str, query: dict[str, str], origin: Origin) -> RedisAddress:
    """The server that sentinels know, without what its address says of TLS."""
    try:
        parts = sentinel_url(url)
    except ValueError as error:
        raise _malformed(url, origin, str(error)) from None
    return RedisAddress(
        url=url,
        redacted=redacted(url),
        external=True,
        origin=origin,
        db=_database(query.get("db", parts.db), url, origin),
        username=query.get("username") if parts.username is None else parts.username,
        password=query.get("password") if parts.password is None else parts.password,
        tls=url.startswith("rediss"),
        sentinels=parts.sentinels,
        service=parts.service,
        sentinel_username=query.get("sentinel_username"),
        sentinel_password=query.get("sentinel_password"),
    )


def _parts(url: str, origin: Origin) -> SplitResult:
    """The address taken apart, once it makes sense."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _malformed(url, origin, "it cannot be taken apart; special characters in a password are written %XX") from None
    if parts.scheme not in {"redis", "rediss", "unix"}:
        schemes = "redis://, rediss://, unix://, redis+sentinel:// or rediss+sentinel://"
        raise _malformed(url, origin, f"it must begin with {schemes}")
    if "@" not in parts.netloc and ("@" in parts.path or parts.fragment) and parts.scheme != "unix":
        raise _malformed(url, origin, "special characters in a password are written %XX: '/' is %2F, '#' is %23, '?' is %3F")
    if parts.scheme == "unix" and (parts.hostname or not parts.path.startswith("/")):
        raise _malformed(url, origin, "a socket has an absolute path, as in unix:///run/redis.sock")
    if parts.scheme != "unix" and not parts.hostname:
        raise _malformed(url, origin, "it names no host")
    return parts


def _database(text: str, url: str, origin: Origin) -> int:
    if text and not (text.isascii() and text.isdigit()):
        raise _malformed(url, origin, "the database must be a number")
    return int(text) if text else 0


def _verifies(query: dict[str, str], url: str, origin: Origin) -> bool:
    """Whether the server must show a certificate that can be trusted; a misspelt parameter would not be noticed."""
    unknown = next((name for name in query if name.startswith("ssl_") and name not in TLS_PARAMETERS), None)
    if unknown is not None:
        raise _malformed(url, origin, f"there is no parameter {unknown!r}; of TLS there are {', '.join(TLS_PARAMETERS)}")
    if any(name in TLS_PARAMETERS for name in query) and not url.startswith("rediss"):
        raise _malformed(url, origin, "its parameters are for TLS, which only rediss:// and rediss+sentinel:// speak")
    demand = query.get("ssl_cert_reqs", "required").lower().removeprefix("cert_")
    if demand not in {"required", "optional", "none"}:
        raise _malformed(url, origin, "ssl_cert_reqs must be 'required' or 'none'")
    return demand != "none"  # to a client, an optional certificate is one that must be right


def _with_password(url: str, password: str) -> str:
    scheme, _, rest = url.partition("://")
    netloc, slash, path = rest.partition("/")
    user, _, place = netloc.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:{quote(password, safe='')}@{place}{slash}{path}"


def _malformed(url: str, origin: Origin, why: str) -> SettingsError:
    return SettingsError(origin.value, f"{redacted(url)!r} is no address of a Redis: {why}")
