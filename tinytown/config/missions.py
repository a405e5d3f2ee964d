"""The settings of missions and of GitHub: the `[mission]` and `[github]` tables of `tinytown.toml`."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from tinytown.config.redact import masked

__all__ = ["PUBLIC_GITHUB", "GitHubSettings", "MissionSettings"]

PUBLIC_GITHUB = "https://api.github.com"

Positive = Annotated[int, msgspec.Meta(ge=1)]


class MissionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How missions are driven, and what their policies are by default."""

    tick_interval_secs: Positive = 30
    """The longest between two looks at a mission."""
    lock_ttl_secs: Annotated[int, msgspec.Meta(ge=5)] = 90
    """How long a tick may be silent before another may take over."""
    help_repeat_interval_secs: Positive = 1800
    """How long after a request for help it is repeated; the time doubles with each."""
    help_repeat_backoff_cap: Positive = 8
    """At most so many times that long."""
    max_parallel_items: Positive = 2
    reviewer_required: bool = True
    auto_merge: bool = False
    watch_interval_secs: Positive = 180
    watch_max_failures: Positive = 5
    """After so many failed looks in a row at a pull request help is asked for."""

    @property
    def tick_interval(self) -> timedelta:
        """The longest between two looks at a mission."""
        return timedelta(seconds=self.tick_interval_secs)

    @property
    def lock_ttl(self) -> timedelta:
        """How long a tick may be silent before another may take over."""
        return timedelta(seconds=self.lock_ttl_secs)

    @property
    def patience(self) -> timedelta:
        """How long something may not move before help is asked for: six ticks, and no less than three minutes."""
        return max(6 * self.tick_interval, timedelta(seconds=180))


class GitHubSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where GitHub is, and how it is spoken to."""

    api_url: str = PUBLIC_GITHUB
    """Of an Enterprise server: `https://HOST/api/v3`."""
    host: str = "github.com"
    """The name in the addresses of its pages."""
    token: str | None = None
    """Never in the town file: GITHUB_TOKEN, GH_TOKEN, the user's own file, or what `gh auth token` says."""
    webhook_secret: str | None = None
    """Never in the town file: TINYTOWN_GITHUB__WEBHOOK_SECRET or the user's own file."""
    timeout_secs: Positive = 10
    """How long one request may take."""

    @property
    def timeout(self) -> timedelta:
        """How long one request may take."""
        return timedelta(seconds=self.timeout_secs)

    def __repr__(self) -> str:
        shown = {name: masked(name, getattr(self, name)) for name in self.__struct_fields__}
        return f"GitHubSettings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
