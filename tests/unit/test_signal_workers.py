"""What the signal says of workers: who is there, how many are wanted, and who may go."""

from __future__ import annotations

import pytest
from msgspec import structs

from tests.unit.test_signal import BUSY, IDLE, peak, settings, snapshot, worker
from tinytown.domain.scaling import WorkersAtHand
from tinytown.services.signal import signal_of
from tinytown.store.scaling import Peak, Snapshot


def test_workers_are_told_apart_by_what_they_do() -> None:
    """A lease says that a worker is busy before the worker does."""
    workers = (worker(1), worker(2, running=2), worker(3), worker(4, draining=True), worker(5, queues=("control",)), worker(6))

    signal = signal_of(snapshot(workers=workers, demand={("worker", "w3"): 1, ("worker", "gone"): 1}), settings())

    assert signal.workers == WorkersAtHand(idle=2, busy=2, draining=1, removable_now=2, slots=16)


@pytest.mark.parametrize(
    ("pending", "turns", "concurrency", "peaks", "expected"),
    [
        pytest.param(0, 0, 4, (), 0, id="nothing to do"),
        pytest.param(9, 1, 4, (), 1, id="much mail of one agent is one turn at a time"),
        pytest.param(9, 9, 4, (), 3, id="as many as it takes"),
        pytest.param(8, 8, 4, (), 2, id="exactly as many"),
        pytest.param(50, 50, 1, (), 10, id="no more turns than agents"),
        pytest.param(3, 0, 4, (), 1, id="a backlog, and no agent yet"),
        pytest.param(0, 0, 4, (peak(9, turns=5),), 2, id="held with the agents"),
    ],
)
def test_so_many_workers_as_there_are_turns_at_once(
    pending: int, turns: int, concurrency: int, peaks: tuple[Peak, ...], expected: int
) -> None:
    signal = signal_of(snapshot(pending=pending, turns=turns, peaks=peaks), settings(concurrency=concurrency))

    assert signal.desired_workers == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(snapshot(workers=(IDLE, BUSY, worker(3, running=1), worker(4, running=1))), 3, id="turns are spread over workers"),
        pytest.param(snapshot(workers=(BUSY, worker(3, running=1, draining=True))), 1, id="who goes anyway is not kept"),
        pytest.param(snapshot(demand={("worker", "w1"): 2, ("worker", "w2"): 1}), 2, id="leases of workers that are not on the list yet"),
    ],
)
def test_no_fewer_workers_are_wanted_than_run_turns(found: Snapshot, expected: int) -> None:
    """An autoscaler that knows only the number would end a busy one; one worker could run all these turns."""
    signal = signal_of(structs.replace(found, pending=0, in_flight=expected, turns=expected), settings())

    assert signal.desired_workers == expected


def test_the_number_for_this_moment_alone_is_told_too() -> None:
    """Of a peak that is over, the number that is not held asks for nobody; of turns that run, for those who run them."""
    over = signal_of(snapshot(peaks=(peak(9, turns=9),)), settings())
    running = signal_of(snapshot(in_flight=2, turns=2, peaks=(peak(9, turns=9),), workers=(BUSY, worker(3, running=1))), settings())

    assert (over.desired_workers, over.desired_workers_raw) == (3, 0)
    assert (running.desired_workers, running.desired_workers_raw) == (3, 2)


def test_who_is_needed_for_the_demand_is_not_removable() -> None:
    idle = tuple(worker(number) for number in range(3))

    needed = [signal_of(snapshot(workers=idle, pending=turns, turns=turns), settings()).workers.removable_now for turns in (0, 1, 8, 40)]

    assert needed == [3, 2, 1, 0]
