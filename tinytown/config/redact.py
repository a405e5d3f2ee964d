"""Addresses without their secrets, for everything that people or logs get to see."""

from __future__ import annotations

import re

__all__ = ["MASK", "SECRETS", "has_secret", "redacted"]

MASK = "****"

SECRETS = frozenset({"hirefire_token", "password"})
"""Settings of these names are shown to nobody."""

_HARMLESS = {
    "client_name",
    "db",
    "health_check_interval",
    "lib_name",
    "max_connections",
    "protocol",
    "retry_on_timeout",
    "socket_connect_timeout",
    "socket_keepalive",
    "socket_timeout",
    "ssl_ca_certs",
    "ssl_cert_reqs",
    "ssl_certfile",
    "ssl_check_hostname",
    "ssl_keyfile",
    "timeout",
    "user",
    "username",
    "virtual_host",
}
"""The only parameters whose values are shown; any other may be a secret."""

_SCHEME = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?")
_PROPER = re.compile(r"([^@/?#]*)@([^@?#]*)(\?[^#]*)?\Z", re.DOTALL)


def redacted(url: str) -> str:
    """The address with `****` for passwords; it need not be a valid one.

    A user name stays as it is written. Of an address that cannot be told
    apart, rather too much is masked than too little.
    """
    found = _SCHEME.match(url)
    assert found is not None, "the pattern matches anything"
    scheme, rest = found[0], url[found.end() :]
    proper = _PROPER.match(rest)
    if proper is not None:
        return f"{scheme}{_user(proper[1])}@{proper[2]}{_query(proper[3] or '')}"
    if "@" not in rest or (scheme.lower() == "unix://" and rest.startswith("/")):
        return scheme + _query(rest)
    user, _, host = rest.rpartition("@")
    name, colon, _ = user.partition(":")
    return f"{scheme}{name}:{MASK}@{_query(host)}" if colon else f"{scheme}{MASK}@{_query(host)}"


def has_secret(url: str) -> bool:
    """Whether the address holds anything that must not be shown."""
    return redacted(url) != url


def _user(text: str) -> str:
    name, colon, password = text.partition(":")
    return f"{name}:{MASK}" if colon and password else text


def _query(text: str) -> str:
    """What follows the host, with the values of its parameters masked."""
    place, mark, query = text.partition("?")
    if not mark:
        return text
    return place + mark + "&".join(_parameter(part) for part in query.split("&"))


def _parameter(text: str) -> str:
    name, equals, value = text.partition("=")
    shown = not value or (name.lower() in _HARMLESS and "#" not in value)
    return text if equals and shown else f"{name}={MASK}" if equals else MASK
