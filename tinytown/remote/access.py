"""Access: where the townhall of a town elsewhere is, and what opens its door."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import msgspec

from tinytown.config import value_of
from tinytown.config.environment import overrides
from tinytown.errors import SettingsError

__all__ = ["API_KEY", "API_KEY_PATH", "CA_CERT", "URL", "Access", "access_of"]

URL = "TINYTOWN_TOWNHALL_URL"
API_KEY = "TINYTOWN_TOWNHALL_API_KEY"
API_KEY_PATH = "TINYTOWN_TOWNHALL_API_KEY_PATH"
CA_CERT = "TINYTOWN_TOWNHALL_CA_CERT"

_LONGEST_KEY_FILE = 64 * 1024


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """Where a townhall is, and the key that it is shown; `authority` is the file of a private certificate authority."""

    url: str
    """Without a slash at its end, and without secrets."""
    key: str | None = None
    authority: Path | None = None

    @property
    def is_exposed(self) -> bool:
        """Would whoever listens on the way read the key?"""
        parts = urlsplit(self.url)
        return self.key is not None and parts.scheme == "http" and not _is_loopback(parts.hostname)

    @property
    def is_local(self) -> bool:
        """Is it on this machine?"""
        return _is_loopback(urlsplit(self.url).hostname)

    def __repr__(self) -> str:
        return f"Access(url={self.url!r})"

    def __rich_repr__(self) -> Any:
        yield "url", self.url


def access_of(env: Mapping[str, str]) -> Access:
    """The access that the environment gives.

    Raises:
        SettingsError: a variable of ours is unknown or makes no sense, or a file that one names cannot be read.
    """
    for _ in overrides(env):
        pass  # a misspelt name is refused, as it is by a town of this machine
    said = value_of(env, URL)
    if said is None:
        raise SettingsError(URL, "is not set")
    authority = value_of(env, CA_CERT)
    return Access(url=_url(said), key=_key(env), authority=None if authority is None else _file(CA_CERT, authority))


def _url(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(URL, "is no address of a townhall; write https://townhall.example.com, or http://127.0.0.1:8080")
    if "@" in parts.netloc:
        raise SettingsError(URL, f"holds a user name or password, which townhall has no use for; the key goes into {API_KEY}")
    if parts.query or parts.fragment:
        raise SettingsError(URL, "has more than a path behind the host: leave out what begins with ? or #")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _parts(text: str) -> SplitResult | None:
    if not text.isascii() or not text.isprintable() or " " in text:
        return None
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return None
    return parts


def _key(env: Mapping[str, str]) -> str | None:
    """The key itself if there is one, else what the file says; never part of an error."""
    key = value_of(env, API_KEY)
    if key is not None:
        return _checked(key, API_KEY)
    named = value_of(env, API_KEY_PATH)
    if named is None:
        return None
    path = _file(API_KEY_PATH, named)
    try:
        with path.open("rb") as file:
            text = file.read(_LONGEST_KEY_FILE).decode("utf-8", "replace").strip()
    except OSError as error:
        raise SettingsError(API_KEY_PATH, f"{named}: {error.strerror}") from None
    if not text:
        raise SettingsError(API_KEY_PATH, f"{named}: the file is empty")
    return _checked(text, f"{API_KEY_PATH} ({named})")


def _checked(key: str, where: str) -> str:
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise SettingsError(where, "holds no key: a key is one word of ASCII characters, as `tt auth gen-key` prints it")
    return key


def _file(variable: str, named: str) -> Path:
    path = Path(named).expanduser()
    if not path.is_file():
        raise SettingsError(variable, f"{named}: there is no such file")
    return path


def _is_loopback(host: str | None) -> bool:
    if host is None or host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
