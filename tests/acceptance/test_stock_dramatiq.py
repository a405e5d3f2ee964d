"""Dramatiq's own command runs our actors, too, as any operator would start it."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.acceptance.household import Household, Program, lists_and_streams
from tests.redis_server.processes import is_running
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.task import TaskState

AT_ONCE = ("--worker-fork-timeout", "100")
"""Else Dramatiq's master neither prints nor listens for the first thirty seconds of such a wait."""

DRAMATIQ = str(Path(sys.executable).with_name("dramatiq"))


@lists_and_streams
def test_dramatiqs_own_command_runs_turns_and_ends_in_order(household: Household) -> None:
    household.spawn("ada")
    dramatiq = _started(household, processes=1)

    task = household.town.wait(household.town.assign("ada", "echo done").id, 15)
    status = dramatiq.terminated()

    assert task.result == "done\n"
    assert status == 0, dramatiq.output
    assert household.town.workers.all() == []


def test_each_of_its_processes_is_a_worker_of_its_own(household: Household) -> None:
    household.spawn("ada", "bob")

    dramatiq = _started(household, processes=2)
    tasks = [household.town.assign(agent, "echo $PPID") for agent in ("ada", "bob")]

    assert len({worker.id for worker in household.town.workers.all()}) == 2
    assert {household.town.wait(task.id, 15).state for task in tasks} == {TaskState.COMPLETED}
    assert dramatiq.terminated() == 0


def test_its_turns_keep_their_leases(household: Household) -> None:
    household.spawn("ada")
    household.clock()
    dramatiq = _started(household, processes=1)

    after = household.town.wait(household.town.assign("ada", "sleep 5; echo done").id, 20)
    dramatiq.terminated()

    assert (after.state, after.attempt) == (TaskState.COMPLETED, 1)


def test_its_turns_get_the_towns_grace_and_their_mail_goes_back(household: Household) -> None:
    household.spawn("ada")
    dramatiq = _started(household, processes=1)
    task = household.gated("ada")
    (child,) = household.runs_of()

    status = dramatiq.terminated()

    assert status == 0
    assert not is_running(child)
    assert (household.task(task).state, household.task(task).attempt) == (TaskState.ASSIGNED, 0)


def test_a_users_own_package_is_not_imported_in_place_of_ours(household: Household) -> None:
    (household.folder / "tinytown").mkdir()
    (household.folder / "tinytown" / "__init__.py").write_text("raise SystemExit('the wrong one')\n")
    household.spawn("ada")

    dramatiq = _started(household, processes=1)
    task = household.town.wait(household.town.assign("ada", "echo done").id, 15)
    dramatiq.terminated()

    assert task.result == "done\n"


def test_it_says_why_a_town_cannot_be_opened(household: Household) -> None:
    (household.folder / "tinytown.toml").write_text("nonsense = 1\n")

    dramatiq = household.run(DRAMATIQ, "tinytown.actors", "--path", "--processes", "1")

    assert dramatiq.status() == 2
    assert "nonsense" in dramatiq.output


def test_it_waits_for_a_redis_that_is_not_there_yet(shaky: Household, own_server: Server) -> None:
    shaky.spawn("ada")
    task = shaky.town.assign("ada", "echo done")
    own_server.stop()
    dramatiq = shaky.run(DRAMATIQ, "tinytown.actors", "--path", "--processes", "1", *AT_ONCE)
    dramatiq.says("waiting for Redis")

    own_server.start()
    after = shaky.town.wait(task.id, 15)

    assert after.result == "done\n"
    assert dramatiq.terminated() == 0


def test_it_can_be_told_to_end_while_it_waits_for_redis(shaky: Household, own_server: Server) -> None:
    own_server.stop()
    dramatiq = shaky.run(DRAMATIQ, "tinytown.actors", "--path", "--processes", "1", *AT_ONCE)
    dramatiq.says("waiting for Redis")

    assert dramatiq.terminated(10) in {0, 1}, "Dramatiq's master calls it unexpected when a child ends early"


def _started(household: Household, *, processes: int) -> Program:
    """Dramatiq with an empty path, once all its processes are on the list."""
    dramatiq = household.run(DRAMATIQ, "tinytown.actors", "--path", "--processes", str(processes))
    wait_until(lambda: len(household.town.workers.all()) == processes or not dramatiq.is_running, 20)
    assert dramatiq.is_running, dramatiq.output
    return dramatiq
