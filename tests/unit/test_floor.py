"""Who may run beside whom on one worker."""

from __future__ import annotations

from tinytown.services.floor import RESERVED_FOR, Floor


class Time:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_turns_run_beside_each_other() -> None:
    floor = Floor()

    with floor.entered(alone=False) as first, floor.entered(alone=False) as second:
        assert (first, second) == (True, True)


def test_one_that_must_be_alone_is_alone() -> None:
    floor = Floor()

    with floor.entered(alone=True) as suspect, floor.entered(alone=False) as other, floor.entered(alone=True) as second_suspect:
        assert (suspect, other, second_suspect) == (True, False, False)


def test_one_that_must_be_alone_keeps_others_from_beginning_until_it_comes_again() -> None:
    time = Time()
    floor = Floor(time)
    with floor.entered(alone=False), floor.entered(alone=True) as suspect:
        pass

    with floor.entered(alone=False) as meanwhile:
        pass
    with floor.entered(alone=True) as again:
        pass
    with floor.entered(alone=False) as afterwards:
        pass

    assert (suspect, meanwhile, again, afterwards) == (False, False, True, True)


def test_one_that_never_comes_again_keeps_nobody_for_long() -> None:
    time = Time()
    floor = Floor(time)
    with floor.entered(alone=False), floor.entered(alone=True):
        pass

    time.now += RESERVED_FOR

    with floor.entered(alone=False) as later:
        assert later
