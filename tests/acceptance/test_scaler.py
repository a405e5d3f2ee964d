"""`tt scaler` with real workers: up for a burst, down when it is over, and nothing of the kind while Redis is away."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from datetime import timedelta
from pathlib import Path

from tests.acceptance.household import QUICK, TT, Household
from tests.rules.commands_shown import run_by
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.task import TaskState

SCALED = QUICK.replace("[worker]\n", "[worker]\nconcurrency = 1\n") + "\n[townhall]\nscale_down_window_secs = 1\n"


def test_workers_come_with_the_work_and_only_idle_ones_go(shaky: Household, own_server: Server) -> None:
    """Two tasks, two workers; one task ends, and its worker goes; Redis is killed, and comes back to the same worker."""
    (shaky.folder / "tinytown.toml").write_text(SCALED)
    shaky.spawn("ada", "bob")
    shaky.clock()
    up = ["sh", "-c", f"echo {{wanted}} >> up; exec setsid --fork {shlex.join(TT)} worker --idle-timeout 0 >> worker.log 2>&1"]
    down = ["sh", "-c", "echo {worker} >> down"]
    scaler = shaky.tt("scaler", "--poll", "0.2", "--down-after", "0.5", "--command-up", shlex.join(up), "--command-down", shlex.join(down))
    scaler.says("leading")
    stand_by = shaky.tt("scaler", "--poll", "0.2", "--command-up", "false")
    stand_by.says("standing by")

    first, second = shaky.gated("ada", "first"), shaky.gated("bob", "second")
    started = shaky.town.workers.all()
    shaky.open("first")
    wait_until((shaky.folder / "down").exists, 15)
    (left,) = shaky.town.workers.all()
    own_server.kill()
    scaler.says("waiting for Redis")
    own_server.start()
    scaler.says("Redis answers again")
    shaky.open("second")
    wait_until(lambda: len((shaky.folder / "down").read_text().splitlines()) == 2, 20)
    status = scaler.terminated()
    stand_by.says("leading")

    assert [shaky.task(task).state for task in (first, second)] == [TaskState.COMPLETED] * 2
    assert (len(shaky.runs_of("first")), len(shaky.runs_of("second"))) == (1, 1)
    assert (shaky.folder / "down").read_text().split() == [*({worker.id for worker in started} - {left.id}), left.id]
    assert len((shaky.folder / "up").read_text().split()) == len(started) == 2
    assert shaky.town.workers.all() == []
    assert scaler.output.count("waiting for Redis") == 1
    assert status == 0
    assert stand_by.terminated() == 0


def test_the_scaler_of_the_page_brings_a_worker_for_a_task(household: Household) -> None:
    """It asks again every five seconds; the task is there before."""
    ((command, _),) = run_by("tests/acceptance/test_scaler.py", "docs/scaling.md")
    household.spawn("ada")
    household.clock()
    task = household.town.assign("ada", "echo done")

    scaler = household.run("sh", "-c", f"exec {command}", env={"PATH": f"{Path(sys.executable).parent}:{household.env['PATH']}"})
    done = household.town.wait(task.id, 20)
    (worker,) = household.town.workers.all()
    status = scaler.terminated()
    os.kill(worker.pid, signal.SIGTERM)
    household.town.workers.wait_until_gone(worker.id, timedelta(seconds=10))

    assert (done.state, done.result, status) == (TaskState.COMPLETED, "done\n", 0)


def test_told_to_end_a_scaler_ends_its_command_soon_and_leaves_the_lead(household: Household) -> None:
    scaler = household.tt("scaler", "--min", "1", "--command-up", "sh -c 'touch began; sleep 60'")
    wait_until((household.folder / "began").exists, 15)

    scaler.signal(signal.SIGTERM)
    scaler.says("still runs")
    scaler.signal(signal.SIGTERM)

    assert scaler.status(15) == 0
    assert household.town.desk.store.scaler.leadership.leader()[0] is None
