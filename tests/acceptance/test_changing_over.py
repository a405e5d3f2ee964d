"""A town that changes from lists to a stream and back while its processes are at work."""

from __future__ import annotations

from tests.acceptance.household import QUICK, STREAMS, Household, Program
from tests.recount import check_town
from tests.waiting import wait_until
from tinytown.domain.task import Task, TaskState


def test_nothing_is_lost_when_the_mode_is_changed_twice_under_load(household: Household) -> None:
    """Processes of both modes overlap, as they do while new ones are brought up; who rings goes on with lists all the time."""
    town = household.town
    household.spawn("ada", "bob", "eve")
    clock, worker = household.clock(), household.worker()
    tasks: list[Task] = []

    def feed(count: int) -> None:
        tasks.extend(town.assign(("ada", "bob", "eve")[number % 3], f"echo {number}") for number in range(count))

    def change_over(settings: str, clock: Program, worker: Program) -> tuple[Program, Program]:
        (household.folder / "tinytown.toml").write_text(settings)
        feed(15)
        after = household.worker()
        feed(15)
        assert clock.terminated() == 0
        new_clock = household.clock()
        feed(15)
        assert worker.terminated() == 0
        return new_clock, after

    feed(15)
    clock, worker = change_over(STREAMS + QUICK, clock, worker)
    wait_until(lambda: town.tasks.count()[TaskState.COMPLETED] == len(tasks), 30)
    was_on_the_stream = town.desk.store.connection.call("XLEN", town.desk.store.keys.docket)
    clock, worker = change_over(QUICK, clock, worker)
    wait_until(lambda: town.tasks.count()[TaskState.COMPLETED] == len(tasks), 30)

    assert was_on_the_stream > 0
    assert town.desk.store.docket.read().lag == 0
    assert (clock.terminated(), worker.terminated()) == (0, 0)
    assert town.events.counters()["completed"] == len(tasks) == 105
    check_town(town)
