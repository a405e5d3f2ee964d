"""Errors about input that cannot be accepted."""

from __future__ import annotations

from tinytown.errors.root import TownError

__all__ = ["GitHubRefused", "InvalidName", "InvalidValue", "NeedsRedis", "PlanRefused", "RecordUnreadable", "Refused", "SettingsError"]


class Refused(TownError):
    """The input cannot be accepted as it is."""

    code = "refused"
    exit_code = 2
    status = 422


class InvalidName(Refused):
    """A name that cannot be used, and why."""

    code = "invalid_name"
    field = "name"

    def __init__(self, kind: str, name: str, why: str) -> None:
        super().__init__(kind, name, why)
        self.kind = kind
        self.name = name
        self.why = why

    def __str__(self) -> str:
        shown = self.name if len(self.name) <= 80 else f"{self.name[:60]}… ({len(self.name)} characters)"
        return f"{shown!r} cannot be {self.kind}: {self.why}"


class InvalidValue(Refused):
    """A value that cannot be used, and why."""

    code = "invalid_value"

    def __init__(self, field: str, why: str) -> None:
        super().__init__(field, why)
        self.field = field
        self.why = why

    def __str__(self) -> str:
        return f"{self.field}: {self.why}"


class SettingsError(Refused):
    """A setting that is unknown, ill-typed or unreadable, and where it stands."""

    code = "settings"

    def __init__(self, where: str, why: str) -> None:
        super().__init__(where, why)
        self.where = where
        self.why = why

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


class PlanRefused(Refused):
    """No mission can be planned from what was given, and everything that is wrong with it."""

    code = "plan_refused"

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__(problems)
        self.problems = problems

    def __str__(self) -> str:
        if len(self.problems) == 1:
            return self.problems[0]
        return "\n  ".join((f"{len(self.problems)} things are wrong with this plan:", *self.problems))


class RecordUnreadable(Refused):
    """What is stored under a key is not one of our records."""

    code = "record_unreadable"
    exit_code = 1
    status = 500

    def __init__(self, key: str, why: str) -> None:
        super().__init__(key, why)
        self.key = key
        self.why = why

    def __str__(self) -> str:
        return f"the record at {self.key} cannot be read: {self.why}"


class GitHubRefused(Refused):
    """GitHub says no, and would again: what was asked for, why, and a word for programs.

    Args:
        reason: `unauthorized`, `forbidden`, `not_found`, `other_host`, `invalid`,
            `not_mergeable` or `head_moved`.
    """

    code = "github_refused"

    def __init__(self, what: str, why: str, reason: str) -> None:
        super().__init__(what, why, reason)
        self.what = what
        self.why = why
        self.reason = reason

    def __str__(self) -> str:
        return f"GitHub refused {self.what}: {self.why} ({self.reason})"


class NeedsRedis(Refused):
    """What was asked for cannot be done through townhall, and nobody said which Redis is meant."""

    code = "needs_redis"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what} cannot be done through townhall, and TINYTOWN_TOWNHALL_URL is set: "
            "give REDIS_URL, or name a town of this machine with --town"
        )
