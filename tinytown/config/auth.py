"""The settings of who may call townhall, how often, and of the record of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import msgspec

from tinytown.domain.scope import Scope, parse_scope, parse_scopes
from tinytown.errors import InvalidValue

__all__ = ["AuthMode", "TownhallAudit", "TownhallAuth", "TownhallRateLimit", "unknown_scopes"]

Positive = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]


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
    """Of one key beside the named ones; `tt auth gen-key` prints both."""
    api_key_scopes: tuple[str, ...] = ()
    """What that key may do; nothing, if nothing is listed."""
    remember_secs: Natural = 30
    """How long a key that was verified is believed unseen; a revoked one works no longer than that."""
    failed_tries: Positive = 10
    """Wrong keys from one address after which it has to wait."""
    failed_window_secs: Positive = 60
    """The time within which they are counted."""
    issuer: str | None = None
    """The identity provider, as its tokens spell it."""
    audience: str | None = None
    """What its tokens call this townhall."""
    jwks_url: str | None = None
    """Where its keys are; else the provider is asked."""
    jwks_cache_secs: Positive = 600
    """How long its keys are used before they are asked for again."""
    required_scopes: tuple[str, ...] = ()
    """Scopes in the provider's own words, all of which a token must have."""
    scopes_claim: str | None = None
    """The claim that lists the scopes; else `scope`, else `scp`."""
    scope_names: dict[str, str] = {}
    """What the provider's words mean: `"tinytown-operators" = "admin"`. Our own names need no entry."""
    clock_skew_seconds: Natural = 60

    @property
    def key_scopes(self) -> frozenset[Scope]:
        """What the configured key may do."""
        return parse_scopes(self.api_key_scopes)

    @property
    def remember(self) -> timedelta:
        """How long a key that was verified is believed unseen."""
        return timedelta(seconds=self.remember_secs)

    @property
    def failed_window(self) -> timedelta:
        """The time within which wrong keys are counted."""
        return timedelta(seconds=self.failed_window_secs)


class TownhallRateLimit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often one caller may call."""

    enabled: bool | None = None
    """When left out: on unless anybody may call (`auth.mode = "none"`)."""
    read_per_minute: Positive = 120
    write_per_minute: Positive = 60
    burst: Positive = 20
    """Calls that may come at once."""


class TownhallAudit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The record of who did what."""

    enabled: bool = True
    entries: Positive = 10_000
    """About how many the town keeps; all are in the log."""


def unknown_scopes(auth: TownhallAuth) -> Iterator[tuple[str, str]]:
    """The settings that name scopes which do not exist, and what is wrong with each."""
    for setting, words in (("api_key_scopes", auth.api_key_scopes), ("scope_names", tuple(auth.scope_names.values()))):
        for word in words:
            try:
                parse_scope(word)
            except InvalidValue as error:
                yield setting, error.why
