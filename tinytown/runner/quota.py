"""How the coding programs say that their provider asks them to slow down, and until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

__all__ = ["SlowedDown", "slowed_down"]

_LOOK_AT = 4096  # characters: an error is said last
_LONGEST = timedelta(days=31)

_GENERAL = (
    r"rate[ _-]?limit(?:ed|s)?\b.{0,40}\b(?:exceeded|reached|hit|error)",
    r"(?:exceed|reach|hit)\w*\b.{0,60}\brate[ _-]?limit",
    r"too many requests",
    r"quota (?:was |is )?exceeded",
    r"exceeded your (?:current )?quota",
    r"usage limit reached",
)

_SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "claude": (r"(?:hit|reached) your .{0,40}\blimit", r"limit reached", r"rate_limit_error", r"overloaded_error"),
    "auggie": (r"out of credits", r"credit limit", r"usage limit"),
    "codex": (r"hit your usage limit", r"usage_limit_reached", r"rate_limit_exceeded"),
    "aider": (r"RateLimitError",),
    "gemini": (r"resource[ _](?:has been )?exhausted", r"rateLimitExceeded", r"exhausted your (?:daily quota|capacity)", r"quota limit"),
    "copilot": (
        r"(?:hit|reached|exceeded) (?:a|your|the) .{0,40}limit",
        r"quota_exceeded",
        r"premium requests?.{0,40}(?:exceeded|used up)",
    ),
    "cursor": (r"(?:hit|reached|exceeded) your .{0,40}limit", r"resource_exhausted", r"usage limit"),
}

_SILENT = frozenset({"shell"})
"""Programs without a provider: such words in their output are about something else."""

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([dhms])", re.IGNORECASE)
_ONE = r"\d+(?:\.\d+)?\s*(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])(?![a-z])[\s,]*(?:and\s+)?"
_AFTER = re.compile(
    rf"(?:retry(?:[ -]?delay)?|try again|available again|resets?|wait)\s*(?:in|after|for)?[\s:=\"']*((?:{_ONE})+)", re.IGNORECASE
)
_SECONDS = re.compile(r"(?:retry[-_ ]?after|resets_in_seconds)[\s:=\"']*(\d+)", re.IGNORECASE)
_AT = re.compile(
    r"(?:resets?|try again|available again)\s*(?:at\s*)?(\d{1,2})(?::(\d{2}))?\s*([ap])\.?m\b\.?(?:\s*\(([A-Za-z_/+-]+)\))?", re.IGNORECASE
)
_EPOCH = re.compile(r"limit reached\|(\d{10})\b", re.IGNORECASE)


class SlowedDown(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's wish: the line that says it, and how long to wait if it says that too."""

    words: str
    retry_after: timedelta | None = None


def slowed_down(cli: str, tail: str, now: datetime) -> SlowedDown | None:
    """What the end of a failed program's output says about limits, if it does.

    Args:
        cli: the name of the preset or program; unknown ones are searched for general words only.
    """
    if cli in _SILENT:
        return None
    known = next((words for name, words in _SIGNATURES.items() if cli == name or cli.startswith(f"{name}-")), ())
    pattern = "|".join(known + _GENERAL)
    text = tail[-_LOOK_AT:].replace("’", "'")
    found = re.search(pattern, text, re.IGNORECASE)
    if found is None:
        return None
    line = next((line.strip() for line in text[found.start() :].splitlines() if line.strip()), found[0])
    return SlowedDown(words=f"the provider asks to wait: {line[:200]}", retry_after=_retry_after(text[found.start() :], now))


def _retry_after(text: str, now: datetime) -> timedelta | None:
    """How long the text asks to wait."""
    wait: timedelta | None = None
    if found := _EPOCH.search(text):
        wait = timedelta(seconds=int(found[1]) - now.timestamp())
    elif found := _AFTER.search(text):
        wait = sum((_span(part) for part in _SPAN.finditer(found[1])), timedelta(0))
    elif found := _SECONDS.search(text):
        wait = timedelta(seconds=int(found[1]))
    elif found := _AT.search(text):
        wait = _until(found, now)
    return wait if wait is not None and timedelta(0) < wait <= _LONGEST else None


def _span(part: re.Match[str]) -> timedelta:
    return timedelta(**{_UNITS[part[2][0].lower()]: float(part[1])})


def _until(found: re.Match[str], now: datetime) -> timedelta | None:
    """From now until the clock shows that time, in the zone that is named or else in ours."""
    hour, minute = int(found[1]) % 12 + (12 if found[3].lower() == "p" else 0), int(found[2] or 0)
    local = now.astimezone()
    if found[4] is not None:
        import zoneinfo

        try:
            local = now.astimezone(zoneinfo.ZoneInfo(found[4]))
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            return None
    try:
        then = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        return None
    return then - local if then > local else then - local + timedelta(days=1)
