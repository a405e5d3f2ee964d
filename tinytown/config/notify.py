"""The settings of notifications: the `[notify]` table of `tinytown.toml` and of the user's file."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import msgspec

from tinytown.config.redact import masked
from tinytown.domain.notification import News

__all__ = ["NotifySettings"]

Positive = Annotated[int, msgspec.Meta(ge=1)]


class NotifySettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told of what, and how hard it is tried; every process that delivers needs the same."""

    urls: tuple[str, ...] = ()
    """Services in the words of Apprise, such as `ntfy://topic`; never in the town file: TINYTOWN_NOTIFY__URLS or the user's own file."""
    webhook_url: str | None = None
    """Where each piece of news is posted to as JSON; one with a password or parameters is not for the town file."""
    webhook_secret: str | None = None
    """What posts are signed with; never in the town file: TINYTOWN_NOTIFY__WEBHOOK_SECRET or the user's own file."""
    events: tuple[News, ...] = (News.MISSION_COMPLETED, News.MISSION_FAILED, News.MISSION_NEEDS_HELP, News.MISSION_NEEDS_APPROVAL)
    """What people are told of."""
    link: str | None = None
    """Where to read on, with `{mission}` in place of the mission's id."""
    max_attempts: Positive = 8
    """After so many a notification is given up."""
    timeout_secs: Positive = 10
    """How long one destination may take to answer."""

    @property
    def timeout(self) -> timedelta:
        """How long one destination may take to answer."""
        return timedelta(seconds=self.timeout_secs)

    def link_to(self, mission: str) -> str | None:
        """Where to read on about a mission, if the settings say so."""
        return None if self.link is None else self.link.replace("{mission}", mission)

    def __repr__(self) -> str:
        shown = {name: masked(name, getattr(self, name)) for name in self.__struct_fields__}
        return f"NotifySettings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"
