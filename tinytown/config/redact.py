"""Addresses and settings without their secrets, for everything that people or logs get to see."""

from __future__ import annotations

import re
from typing import Any

__all__ = ["MASK", "has_secret", "is_secret", "masked", "redacted"]

MASK = "****"

_SECRETS = frozenset({"hirefire_token", "password", "token", "urls", "webhook_secret", "webhook_url"})
"""Settings of these names are shown to nobody; of an address in one, only where it leads."""

_HARMLESS = {
    "client_name",
    "db",
    "health_check_interval",
    "lib_name",
    "max_connections",
    "protocol",
    "retry_on_timeout",
    "sentinel_username",
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
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*")
_PLACE = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]+)?(?=[/?#]|\Z)")
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


def masked(name: str, value: Any) -> Any:
    """The value of the setting with that name, as everybody may see it."""
    if name in {"url", "api_url"} and isinstance(value, str):
        return redacted(value)
    if name not in _SECRETS or value is None:
        return value
    if isinstance(value, tuple | list):
        return tuple(_scheme_only(str(part)) for part in value)
    return _host_only(value) if name == "webhook_url" else MASK


def is_secret(name: str, value: Any) -> bool:
    """Whether there is anything in that setting which must not be shown."""
    return name in _SECRETS or bool(masked(name, value) != value)


def has_secret(url: str) -> bool:
    """Whether the address holds anything that must not be shown."""
    return redacted(url) != url


def _scheme_only(url: str) -> str:
    """What kind of address it is: of `ntfy://topic` the topic is the secret."""
    scheme, mark, _ = url.partition("://")
    return f"{scheme}://{MASK}" if mark and _NAME.fullmatch(scheme) else MASK


def _host_only(url: str) -> str:
    """Where an address leads; a path or parameters may be what opens it."""
    found = _PLACE.match(url)
    if found is None:
        return MASK
    return found[0] if url[found.end() :] in {"", "/"} else f"{found[0]}/{MASK}"


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
