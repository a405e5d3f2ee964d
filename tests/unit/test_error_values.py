"""Errors travel: between processes by pickle, to people as sentences, to programs as codes."""

from __future__ import annotations

import pickle

import pytest

from tinytown import errors
from tinytown.errors import (
    AgentNotFound,
    AmbiguousReference,
    InvalidName,
    NotFound,
    RecordUnreadable,
    RedisAuthFailed,
    RedisUnavailable,
    StaleTurn,
    TimedOut,
    TownError,
    WrongState,
)  # fmt: skip

ALL = [
    AgentNotFound("ada"), AmbiguousReference("r", ("a", "b")), InvalidName("the name of an agent", "../x", "no slashes"),
    RecordUnreadable("tt:a:task:1", "no JSON"), RedisAuthFailed("redis://***@h", "WRONGPASS"), RedisUnavailable("h", "gone"),
    StaleTurn("ada", 7), TimedOut("the end", 1.5), WrongState("task 1", "completed", "cancelled"),
]  # fmt: skip


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_an_error_survives_pickling(error: TownError) -> None:
    again = pickle.loads(pickle.dumps(error))

    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_codes_are_unique_and_every_branch_has_its_numbers() -> None:
    kinds = [getattr(errors, name) for name in errors.__all__]

    assert len({kind.code for kind in kinds}) == len(kinds)
    assert {kind.exit_code for kind in kinds} == {1, 2, 3, 4, 5}
    assert all(400 <= kind.status <= 504 for kind in kinds)


@pytest.mark.parametrize("kind", [one for one in (getattr(errors, name) for name in errors.__all__) if issubclass(one, NotFound)])
def test_what_is_not_found_is_named(kind: type[NotFound]) -> None:
    assert "some-name" in str(kind("some-name"))


def test_a_long_name_is_not_repeated_in_full() -> None:
    assert len(str(InvalidName("the name of an agent", "x" * 1_000_000, "too long"))) < 300
