"""The words by which a provider's limits are known, and what they say about waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.runner.programs import shell
from tinytown.domain.turn import TurnReason
from tinytown.runner import run
from tinytown.runner.quota import slowed_down

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cli", "said", "wait"),
    [
        ("claude", "You've hit your limit · resets 1:30am (Asia/Dhaka)", timedelta(hours=7, minutes=30)),
        ("claude", "Claude AI usage limit reached|1773151200", timedelta(hours=2)),
        ("claude", 'API Error: 429 {"type":"error","error":{"type":"rate_limit_error"}}', None),
        (
            "codex",
            "You've hit your usage limit. Upgrade to Pro or try again in 2 days 17 hours 14 minutes.",
            timedelta(days=2, hours=17, minutes=14),
        ),
        ("codex-mini", "■ You’ve hit your usage limit. try again in 45 seconds", timedelta(seconds=45)),
        ("gemini", '"message": "Resource has been exhausted (e.g. check quota)."', None),
        (
            "gemini",
            "You have exhausted your capacity on this model. Your quota will reset after 2h15m10s.",
            timedelta(hours=2, minutes=15, seconds=10),
        ),
        ("gemini", '"status": "RESOURCE_EXHAUSTED", "retryDelay": "34s"', timedelta(seconds=34)),
        ("aider", "litellm.RateLimitError: Please retry in 34.5s", timedelta(seconds=34.5)),
        ("copilot", "You have exceeded your premium request limit.", None),
        ("cursor", "You've hit your usage limit", None),
        ("auggie", "You are out of credits", None),
        ("my-agent", "HTTP 429 Too Many Requests, Retry-After: 120", timedelta(seconds=120)),
        ("my-agent", "Rate limit exceeded, resets in 3 hours", timedelta(hours=3)),
    ],
)
def test_a_provider_that_asks_to_wait_is_understood(cli: str, said: str, wait: timedelta | None) -> None:
    slow = slowed_down(cli, f"working\n{said}\n", NOON)

    assert slow is not None
    assert slow.retry_after == wait


@pytest.mark.parametrize(
    ("cli", "said"),
    [
        ("claude", "I added a rate limiter to the API."),
        ("claude", "AssertionError: 3 != 4"),
        ("gemini", "TypeError: undefined is not a function"),
        ("my-agent", "tests/test_limits.py ... ok"),
        ("shell", "HTTP 429 Too Many Requests"),
        ("claude", "You've hit your limit" + "\nmore work" * 1000),
    ],
)
def test_other_words_are_not_mistaken_for_it(cli: str, said: str) -> None:
    assert slowed_down(cli, said, NOON) is None


def test_nonsense_about_time_is_no_time() -> None:
    for said in ("resets 13:99pm", "resets 3pm (No/Where)", "try again in 4000 days", "limit reached|0000000001"):
        slow = slowed_down("claude", f"usage limit reached, {said}", NOON)

        assert slow is not None
        assert slow.retry_after is None


def test_only_a_program_that_fails_is_searched_for_it() -> None:
    words = "echo usage limit reached, retry after 5 minutes"

    failed, succeeded = run(shell(f"{words}; exit 1", cli="claude")), run(shell(words, cli="claude"))

    assert (failed.reason, failed.retry_after) == (TurnReason.RATE_LIMITED, timedelta(minutes=5))
    assert "usage limit reached" in failed.detail
    assert (succeeded.reason, succeeded.retry_after) == (None, None)
