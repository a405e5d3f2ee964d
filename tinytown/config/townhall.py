"""The settings of townhall, the HTTP control plane: the `[townhall]` tables of `tinytown.toml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from tinytown.config.auth import AuthMode, TownhallAudit, TownhallAuth, TownhallRateLimit
from tinytown.config.redact import MASK

__all__ = ["AuthMode", "TownhallAudit", "TownhallAuth", "TownhallMtls", "TownhallRateLimit", "TownhallSettings", "TownhallTls"]


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
    trusted_proxies: tuple[str, ...] = ()
    """Addresses and networks of proxies in front of townhall, whose word on where a request comes from is taken."""
    allowed_hosts: tuple[str, ...] = ()
    """Names, beside those of this machine, by which a townhall without auth may be called."""
    cors_origins: tuple[str, ...] = ()
    """Origins of web pages that may call townhall from a browser, such as `https://board.example.org`; none by default."""
    event_streams: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Streams of events that each process keeps open, for each holds a thread; else a quarter of the threads."""
    waiting_requests: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """Requests in each process that may wait for something to happen, for each holds a thread; else half of the threads."""
    public_probes: bool = True
    """Whether `/metrics`, readiness and the scaling signal answer everybody; else they take a key with `scaling.read`."""
    hirefire_token: str | None = None
    """Never in the town file; HIREFIRE_TOKEN or the user's own file."""
    scale_down_window_secs: Annotated[int, msgspec.Meta(ge=0)] | None = None
    """How long a peak of the demand holds up the number of workers asked for; 0 is not at all, left out: `[agent] idle_timeout_secs`."""
    auth: TownhallAuth = TownhallAuth()
    rate_limit: TownhallRateLimit = TownhallRateLimit()
    audit: TownhallAudit = TownhallAudit()
    tls: TownhallTls = TownhallTls()
    mtls: TownhallMtls = TownhallMtls()

    @property
    def limits_rates(self) -> bool:
        """Whether callers are limited: as the settings say, else unless anybody may call."""
        return self.auth.mode is not AuthMode.NONE if self.rate_limit.enabled is None else self.rate_limit.enabled

    @property
    def request_timeout(self) -> timedelta:
        """How long a request may take."""
        return timedelta(milliseconds=self.request_timeout_ms)

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        if self.hirefire_token is not None:
            shown["hirefire_token"] = MASK
        return f"TownhallSettings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
