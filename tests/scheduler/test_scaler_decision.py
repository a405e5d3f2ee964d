"""What a scaler does about what it sees: up at once, down slowly, and never a busy worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec import json, structs

from tinytown.domain.scaler import ScalerMemory
from tinytown.domain.worker import Standing, Worker, WorkerState
from tinytown.scheduler.scaler.decision import Ask, Decision, Remove, Rules, Sight, Start, decide

SECOND = 1000
RULES = Rules(down_after=timedelta(seconds=60), start_within=timedelta(seconds=120))
IDLE, BUSY, DRAINING = WorkerState.IDLE, WorkerState.BUSY, WorkerState.DRAINING


def worker(name: str, state: WorkerState = IDLE, *, turns: int | None = None, host: str = "vm") -> Standing:
    """A worker that is at that."""
    running = (1 if state is BUSY else 0) if turns is None else turns
    known = Worker(id=name, host=host, pid=1, queues=("agents",), concurrency=4, draining=state is DRAINING)
    return Standing(worker=known, state=state, turns=running, removable=state is IDLE)


class Scaler:
    """A scaler whose commands always succeed and whose asking is heeded, in a town that is told by hand."""

    def __init__(self, rules: Rules = RULES) -> None:
        self.rules = rules
        self.memory = ScalerMemory()
        self.now = 1_000_000 * SECOND

    def sees(self, desired: int, *workers: Standing, after: float = 0) -> Decision:
        """Let time pass, and look."""
        self.now += int(after * SECOND)
        decision = decide(Sight(now_ms=self.now, desired=desired, workers=workers), self.memory, self.rules)
        self.memory = decision.memory
        return decision

    def does(self, desired: int, *workers: Standing, after: float = 0) -> Start | Ask | Remove | None:
        """Look, and do what is to be done."""
        step = self.sees(desired, *workers, after=after).step
        match step:
            case Start():
                self.memory = self.memory.started(self.now)
            case Ask(worker=chosen):
                self.memory = self.memory.chose(chosen)
            case Remove(worker=gone):
                self.memory = self.memory.removed(gone)
        return step


@pytest.mark.parametrize(
    ("rules", "desired", "expected"),
    [
        (Rules(), 3, 3),
        (Rules(minimum=2), 0, 2),
        (Rules(minimum=2), 3, 3),
        (Rules(maximum=2), 3, 2),
        (Rules(maximum=0), 3, 0),
        (Rules(minimum=1, maximum=2), 0, 1),
    ],
)
def test_there_should_be_as_many_as_are_asked_for_within_bounds(rules: Rules, desired: int, expected: int) -> None:
    assert rules.target(desired) == expected


def test_workers_are_started_at_once_and_those_under_way_are_counted() -> None:
    scaler = Scaler()

    steps = [scaler.does(2), scaler.does(2), scaler.does(2), scaler.does(2, worker("a"), after=5), scaler.does(2, worker("a"), worker("b"))]

    assert steps == [Start(wanted=2), Start(wanted=2), None, None, None]
    assert scaler.memory.starting == ()


def test_who_drains_is_no_worker_to_count_on() -> None:
    scaler = Scaler()

    assert scaler.does(1, worker("a", DRAINING)) == Start(wanted=1)


def test_a_worker_that_does_not_come_is_late_once_and_tried_again_after_a_pause() -> None:
    scaler = Scaler()
    scaler.does(1)

    early = scaler.sees(1, after=119)
    late = scaler.sees(1, after=2)
    soon = scaler.sees(1, after=1)
    later = scaler.does(1, after=5)

    assert (early.step, early.late) == (None, 0)
    assert (late.step, late.late) == (None, 1)
    assert (soon.step, soon.late) == (None, 0)
    assert later == Start(wanted=1)


def test_failures_make_the_pauses_longer_and_an_arrival_ends_them() -> None:
    scaler = Scaler()
    scaler.sees(1)
    pauses = []
    for _ in range(9):
        scaler.memory = scaler.memory.could_not_start(scaler.now)
        pauses.append((scaler.memory.up.until_ms - scaler.now) / SECOND)

    blocked = scaler.sees(1, after=299).step
    arrived = scaler.sees(2, worker("a")).step

    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert blocked is None
    assert arrived == Start(wanted=2)


def test_one_goes_when_it_was_too_many_at_every_look_for_a_while() -> None:
    scaler = Scaler()

    early = [scaler.does(1, worker("a"), worker("b"), after=20) for _ in range(3)]
    then = scaler.does(1, worker("a"), worker("b"), after=20)

    assert early == [None, None, None]
    assert then == Ask(worker=worker("b").worker)


def test_a_demand_that_flaps_moves_nobody() -> None:
    scaler = Scaler()

    steps = [scaler.does(desired, worker("a"), worker("b"), after=30) for desired in (2, 1, 2, 1, 2, 1, 1, 2, 1)]

    assert steps == [None] * 9


def test_a_long_time_without_a_look_counts_for_nothing() -> None:
    scaler = Scaler()
    scaler.does(0, worker("a"))

    assert scaler.does(0, worker("a"), after=3600) is None
    assert scaler.does(0, worker("a"), after=61) == Ask(worker=worker("a").worker)


@pytest.mark.parametrize(
    ("workers", "expected"),
    [
        pytest.param((worker("a", BUSY), worker("b", BUSY)), None, id="nobody is idle"),
        pytest.param((worker("a"), worker("b", BUSY)), "a", id="the idle one"),
        pytest.param((worker("a"), worker("b"), worker("c", BUSY)), "b", id="of the idle ones the newest"),
        pytest.param((worker("a", host="vm-1"), worker("b", host="laptop")), "a", id="only on hosts that are meant"),
    ],
)
def test_only_an_idle_worker_is_asked(workers: tuple[Standing, ...], expected: str | None) -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0), hosts="vm*"))

    step = scaler.does(0, *workers)

    assert (step.worker.id if isinstance(step, Ask) else step) == expected


def test_they_go_one_at_a_time_and_what_one_left_is_removed_when_it_is_off_the_list() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    a, b = worker("a"), worker("b")

    asked = scaler.does(0, a, b)
    waiting = scaler.does(0, a, worker("b", DRAINING), after=5)
    gone = scaler.does(0, a, after=5)
    next_one = scaler.does(0, a)

    assert (asked, waiting, gone, next_one) == (Ask(worker=b.worker), None, Remove(worker=b.worker, wanted=1), Ask(worker=a.worker))


def test_one_that_began_a_turn_in_the_moment_of_asking_is_not_waited_for() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    scaler.does(1, worker("a", BUSY), worker("b"), worker("c"))

    step = scaler.does(1, worker("a", BUSY), worker("b"), worker("c", DRAINING, turns=1), after=5)

    assert step == Ask(worker=worker("b").worker)


def test_one_that_refused_or_was_never_asked_is_a_worker_like_others() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    scaler.does(0, worker("a"))

    step = scaler.does(0, worker("a", BUSY), after=5)

    assert step is None
    assert scaler.memory.leaving == ()


def test_who_leaves_unasked_is_nobody_to_remove() -> None:
    """It idled out, or crashed: what started it knows what to do about that."""
    scaler = Scaler()
    scaler.does(0, worker("a"))

    assert scaler.does(0, after=5) is None


def test_a_removal_that_failed_is_tried_again_after_a_pause() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    scaler.does(0, worker("a"))
    first = scaler.sees(0).step
    assert isinstance(first, Remove)
    scaler.memory = scaler.memory.could_not_remove(first.worker, scaler.now)

    assert scaler.sees(0, after=4).step is None
    assert scaler.sees(0, after=2).step == first


def test_a_removal_that_fails_keeps_no_other_waiting_for_ever() -> None:
    scaler = Scaler()
    a, b = worker("a").worker, worker("b").worker
    scaler.memory = scaler.memory.chose(a).chose(b).could_not_remove(a, scaler.now)

    assert scaler.does(0, after=6) == Remove(worker=b, wanted=0)
    assert scaler.does(0) == Remove(worker=a, wanted=0)


def test_work_comes_before_removals() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    scaler.does(0, worker("a"))

    assert scaler.does(2) == Start(wanted=2)
    assert scaler.does(2) == Start(wanted=2)
    assert isinstance(scaler.does(2), Remove)


def test_a_minimum_is_kept_and_started() -> None:
    scaler = Scaler(structs.replace(RULES, minimum=1, down_after=timedelta(0)))

    assert scaler.does(0) == Start(wanted=1)
    assert scaler.does(0, worker("a"), after=5) is None
    assert scaler.does(0, worker("a"), worker("b")) == Ask(worker=worker("b").worker)


def test_above_the_maximum_idle_ones_go_although_there_is_work() -> None:
    scaler = Scaler(structs.replace(RULES, maximum=1, down_after=timedelta(0)))

    assert scaler.does(3, worker("a", BUSY), worker("b")) == Ask(worker=worker("b").worker)


def test_what_is_kept_in_mind_can_be_written_down() -> None:
    scaler = Scaler(structs.replace(RULES, down_after=timedelta(0)))
    scaler.does(2, worker("a"))
    scaler.does(0, worker("a"), worker("b"))

    assert json.decode(json.encode(scaler.memory), type=ScalerMemory) == scaler.memory
    assert scaler.memory.leaving
