"""Who may run beside whom on one worker."""

from __future__ import annotations

import threading

import pytest

from tests.waiting import wait_until
from tinytown.services.floor import RESERVED_FOR, TRIES, Floor


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    """The time, which stands still."""
    return Time()


@pytest.fixture
def floor(time: Time) -> Floor:
    """A floor on which nobody waits."""
    return Floor(0, time)


def may_run(floor: Floor, *, alone: bool) -> bool:
    """Whether a turn that is over at once may run."""
    with floor.entered(alone=alone) as may:
        return may


def test_turns_run_beside_each_other(floor: Floor) -> None:
    with floor.entered(alone=False) as first, floor.entered(alone=False) as second:
        assert (first, second) == (True, True)


def test_one_that_must_be_alone_is_alone(floor: Floor) -> None:
    with floor.entered(alone=True) as suspect:
        others = [may_run(floor, alone=alone) for alone in (False, True)]

    assert (suspect, others, may_run(floor, alone=False)) == (True, [False, False], True)


def test_one_that_was_turned_away_twice_finds_the_floor_empty(floor: Floor) -> None:
    with floor.entered(alone=False):
        first = may_run(floor, alone=True)
        beside = may_run(floor, alone=False)
        second = may_run(floor, alone=True)

    meanwhile = may_run(floor, alone=False)
    third = may_run(floor, alone=True)

    assert (first, beside, second) == (False, True, False)
    assert (meanwhile, third, may_run(floor, alone=False)) == (False, True, True)


def test_one_that_never_comes_again_keeps_nobody_for_long(floor: Floor, time: Time) -> None:
    with floor.entered(alone=False):
        assert [may_run(floor, alone=True) for _ in range(2)] == [False, False]

    time.now += RESERVED_FOR

    assert may_run(floor, alone=False)


def test_a_turn_that_lasts_for_hours_does_not_keep_everybody_else_from_running(floor: Floor) -> None:
    with floor.entered(alone=False):
        answers = [may_run(floor, alone=True) for _ in range(TRIES + 1)]

        assert answers == [False] * TRIES + [True]
        assert may_run(floor, alone=False)


@pytest.mark.parametrize("alone", [False, True])
def test_a_turn_waits_for_others_that_end_soon(alone: bool) -> None:
    floor, answers = Floor(patience=30), list[bool]()
    waiting = threading.Thread(target=lambda: answers.append(may_run(floor, alone=alone)))

    with floor.entered(alone=not alone):
        waiting.start()
        wait_until(lambda: bool(floor._changed._waiters))  # type: ignore[attr-defined]
        assert answers == []
    waiting.join(30)

    assert answers == [True]
