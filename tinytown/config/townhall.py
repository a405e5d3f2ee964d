"""The settings of townhall, the HTTP control plane: the `[townhall]` tables of `tinytown.toml`."""

from __future__ import annotations

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
    """The certificate that townhall shows."""

    enabled: bool = False
    cert_file: str | None = None
    key_file: str | None = None


class TownhallMtls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The certificates that callers of townhall show."""

    enabled: bool = False
    required: bool = False
    ca_file: str | None = None


class TownhallSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where townhall listens."""

    bind: str = "127.0.0.1"
    rest_port: Annotated[int, msgspec.Meta(ge=0, le=65535)] = 8080
    request_timeout_ms: Annotated[int, msgspec.Meta(ge=1)] = 30_000
    threads: Annotated[int, msgspec.Meta(ge=2, le=1024)] = 16
    """Requests that each of them answers at the same time."""
    max_body_bytes: Annotated[int, msgspec.Meta(ge=1024)] = 9 * 1024 * 1024
    """The longest body that is read: a little more than the longest task or message."""
    event_streams: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Streams of events that each process keeps open, for each holds a thread; else a quarter of the threads."""
    waiting_requests: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Requests in each process that may wait for something to happen, for each holds a thread; else half of the threads."""
    auth: TownhallAuth = TownhallAuth()
    tls: TownhallTls = TownhallTls()
    mtls: TownhallMtls = TownhallMtls()
