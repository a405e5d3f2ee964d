"""Settings: read from the files and the environment, and nowhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytown.config.address import Origin, RedisAddress, explicit_address
from tinytown.config.environment import environment, export, user_directory, value_of, working_directory
from tinytown.config.keys import shown
from tinytown.config.load import TOWN_FILE, Settings, find_town
from tinytown.config.name import proposed_name
from tinytown.config.notify import NotifySettings
from tinytown.config.redact import redacted
from tinytown.config.settings import (
    AgentSettings,
    CliOverride,
    ClockSettings,
    Persist,
    RedisSettings,
    RetentionSettings,
    TownSettings,
    WorkerSettings,
)
from tinytown.config.townhall import AuthMode, TownhallAudit, TownhallAuth, TownhallRateLimit, TownhallSettings
from tinytown.config.user import USER_FILE, UserSettings, ensure_password, load_user, make_user_directory

if TYPE_CHECKING:
    from tinytown.config.edit import set_key, unset_key
    from tinytown.config.fresh import fresh_text, init_town_files

__all__ = [
    "TOWN_FILE",
    "USER_FILE",
    "AgentSettings",
    "AuthMode",
    "CliOverride",
    "ClockSettings",
    "NotifySettings",
    "Origin",
    "Persist",
    "RedisAddress",
    "RedisSettings",
    "RetentionSettings",
    "Settings",
    "TownSettings",
    "TownhallAudit",
    "TownhallAuth",
    "TownhallRateLimit",
    "TownhallSettings",
    "UserSettings",
    "WorkerSettings",
    "ensure_password",
    "environment",
    "explicit_address",
    "export",
    "find_town",
    "fresh_text",
    "init_town_files",
    "load_user",
    "make_user_directory",
    "proposed_name",
    "redacted",
    "set_key",
    "shown",
    "unset_key",
    "user_directory",
    "value_of",
    "working_directory",
]


def __getattr__(name: str) -> object:
    """Import what only commands that change files need, when they need it."""
    if name in {"set_key", "unset_key"}:
        from tinytown.config import edit

        return getattr(edit, name)
    if name in {"fresh_text", "init_town_files"}:
        from tinytown.config import fresh

        return getattr(fresh, name)
    raise AttributeError(name)
