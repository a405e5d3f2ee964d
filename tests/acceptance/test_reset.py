"""`tt reset` while a worker is in the middle of a turn."""

from __future__ import annotations

from tests.acceptance.household import Household
from tests.waiting import wait_until


def test_a_turn_that_goes_on_after_a_reset_brings_nothing_back(household: Household) -> None:
    household.spawn("ada")
    worker = household.worker()
    task = household.town.assign("ada", "while sleep 0.02; do echo still here; done")
    ada = household.town.agents.find("ada").id
    wait_until(lambda: household.town.events.output(ada), 15)

    reset = household.tt("reset", "--force")

    assert reset.status() == 0, reset.output
    assert worker.terminated() == 0, worker.output
    keys = household.town.desk.store.connection.call("KEYS", "tt:quick:*")
    left = {key.decode().removeprefix("tt:quick:") for key in keys}
    assert {key for key in left if ada in key or task.id in key} == set()
    assert {key for key in left if not key.startswith("dramatiq")} <= {"workers"}
