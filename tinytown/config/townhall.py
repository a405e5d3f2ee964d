"""The settings of townhall, the HTTP control plane: the `[townhall]` tables of `tinytown.toml`."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

__all__ = ["AuthMode", "TownhallAuth", "TownhallMtls", "TownhallSettings", "TownhallTls"]


class AuthMode(StrEnum):
    """How townhall knows who is calling."""

    NONE = "none"
    """It does not; for loopback only."""
    API_KEY = "api_key"
    """By a key, of which only the hash is known."""
    OIDC = "oidc"
    """By a token of an identity provider."""


class TownhallAuth(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may call townhall."""

    mode: AuthMode = AuthMode.NONE
    api_key_hash: str | None = None
    api_key_scopes: tuple[str, ...] = ()
    issuer: str | None = None
    audience: str | None = None
    jwks_url: str | None = None
    required_scopes: tuple[str, ...] = ()
    clock_skew_seconds: Annotated[int, msgspec.Meta(ge=0)] = 60


class TownhallTls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificate that townhall shows; paths start from the town's directory."""

    enabled: bool = False
    cert_file: str | None = None
    key_file: str | None = None


class TownhallMtls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificates that callers of townhall show."""

    enabled: bool = False
    """Whether callers are asked for one; who shows none is let in all the same."""
    required: bool = False
    """Whether only those are let in who show one."""
    ca_file: str | None = None
    """The authorities that are believed."""

    @property
    def is_on(self) -> bool:
        """Whether certificates of callers are looked at."""
        return self.enabled or self.required


class TownhallSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where townhall listens."""

    enabled: bool = True
    """Whether `tt up` runs it."""
    bind: str = "127.0.0.1"
    """A host name, an address, or either with a port."""
    rest_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    """0 is any free port."""
    request_timeout_ms: Annotated[int, msgspec.Meta(ge=1)] = 30_000
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Processes that answer requests."""
    threads: Annotated[int, msgspec.Meta(ge=2, le=1024)] = 16
    """Requests that each of them answers at the same time."""
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 9 * 1024 * 1024
    """The longest body that is read: a little more than the longest task or message."""
    allowed_hosts: tuple[str, ...] = ()
    """Names, beside those of this machine, by which a townhall without auth may be called."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages that may call townhall from a browser, such as `https://board.example.org`; none by default."""
    auth: TownhallAuth = TownhallAuth()
    tls: TownhallTls = TownhallTls()
    mtls: TownhallMtls = TownhallMtls()

    @property
    def request_timeout(self) -> timedelta:
        """How long a request may take."""
        return timedelta(milliseconds=self.request_timeout_ms)
