"""How many calls GitHub still lets us make: learnt from each answer, known to every process of the town."""

from __future__ import annotations

from collections.abc import Mapping

from tinytown.clock import Clock
from tinytown.errors import GitHubUnavailable
from tinytown.github.shelf import Shelf

__all__ = ["Budget"]

RESERVE = 50
LONGEST_SECONDS = 3600.0
SHORTEST_PAUSE_SECONDS = 60.0
"""What GitHub asks for when it names no time."""


class Budget:
    """The calls of each kind that are left to one owner of a token."""

    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._clock = clock

    def check(self, who: str, kind: str) -> None:
        """Let a call pass.

        Raises:
            GitHubUnavailable: GitHub asked for a pause, or hardly any call is left.
        """
        pause = self._shelf.read(f"pause:{who}")
        if pause is not None:
            raise GitHubUnavailable(pause[0].decode(errors="replace"), pause[1])
        left = self._shelf.read(f"budget:{who}:{kind}")
        if left is None:
            return
        remaining, limit = (int(number) for number in left[0].split())
        if remaining <= min(RESERVE, limit // 10):
            raise GitHubUnavailable(f"of {limit} calls of the kind {kind} an hour {remaining} are left, which are kept in reserve", left[1])

    def learn(self, who: str, kind: str, headers: Mapping[str, str]) -> None:
        """Take in what an answer says; servers without limits say nothing."""
        numbers = [_number(headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit", "reset")]
        if any(number is None for number in numbers):
            return
        remaining, limit, reset = (number or 0 for number in numbers)
        seconds = min(LONGEST_SECONDS, reset - _their_time(headers, self._clock) + 1)
        if seconds > 0:
            self._shelf.keep(f"budget:{who}:{headers.get('x-ratelimit-resource', kind)}", f"{remaining} {limit}".encode(), seconds)

    def pause(self, who: str, headers: Mapping[str, str]) -> GitHubUnavailable:
        """Take in that a call was one too many; answers the error to raise.

        A kind of call that is used up was noted by `learn`; any other limit
        holds for all kinds.
        """
        asked, reset = _number(headers.get("retry-after")), _number(headers.get("x-ratelimit-reset"))
        if asked is None and reset is not None and headers.get("x-ratelimit-remaining") == "0":
            left = reset - _their_time(headers, self._clock) + 1
            return GitHubUnavailable("the calls of this hour are used up", min(LONGEST_SECONDS, max(1.0, left)))
        why = "it wants fewer calls, and asked for a pause"
        seconds = SHORTEST_PAUSE_SECONDS if asked is None else min(LONGEST_SECONDS, max(1.0, float(asked)))
        self._shelf.keep(f"pause:{who}", why.encode(), seconds)
        return GitHubUnavailable(why, seconds)


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 15 else None


def _their_time(headers: Mapping[str, str], clock: Clock) -> float:
    """The time of day by GitHub's clock, so that ours may be wrong."""
    from email.utils import parsedate_to_datetime

    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, TypeError):
        return clock.now().timestamp()
