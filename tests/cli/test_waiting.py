"""`tt wait`, and waiting with `tt assign --wait`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.cli.at_work import at_work, deliver
from tests.cli.conftest import Said, Tt
from tests.cli.ways import by_redis_only
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.task import TaskState
from tinytown.store.resp import RespConnection
from tinytown.town import Town


@pytest.fixture(autouse=True)
def ada(town: Town) -> Any:
    return town.spawn("ada", cli="shell")


def _meanwhile(town: Town, step: Callable[[Town], object], call: Callable[[], Said]) -> Said:
    """Run a command, and do something as soon as it waits."""

    def when_it_waits() -> None:
        wait_until(lambda: _blocked(town) or None)
        step(town)

    with ThreadPoolExecutor() as pool:
        doing = pool.submit(when_it_waits)
        said = call()
        doing.result(timeout=20)
    return said


def _blocked(town: Town) -> int:
    info = town.desk.store.connection.call("INFO", "clients").decode()
    return int(next(line for line in info.splitlines() if line.startswith("blocked_clients")).split(":")[1])


def test_waiting_ends_with_the_task_and_prints_its_result(tt: Tt, town: Town) -> None:
    task = deliver(town, "ada", "one")

    said = _meanwhile(town, lambda town: town.tasks.complete(task.id, "all good"), lambda: tt("wait", task.short_id))

    assert said == Said(0, "all good\n", "")


def test_assigning_with_wait_prints_the_result_on_stdout_alone(tt: Tt, town: Town) -> None:
    def complete(town: Town) -> None:
        town.tasks.complete(town.tasks.matching(TaskState.PENDING)[0].id, "all good")

    said = _meanwhile(town, complete, lambda: tt("assign", "ada", "one", "--wait"))

    assert (said.code, said.out) == (0, "all good\n")


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_waiting_fails_if_the_task_failed(words: tuple[str, ...], tt: Tt, town: Town) -> None:
    task = deliver(town, "ada", "one")
    town.tasks.fail(task.id, "no tools")

    said = tt("wait", task.id, *words)

    assert said.code == 1
    assert "no tools" in said.out + said.err


def test_waiting_fails_if_the_task_was_cancelled(tt: Tt, town: Town) -> None:
    task = deliver(town, "ada", "one")
    town.tasks.cancel(task.id, "not wanted")

    said = tt("wait", task.id)

    assert said == Said(1, "", f"tt: task {task.short_id} was cancelled: not wanted\n")


def test_a_timeout_fails_in_a_clear_sentence(tt: Tt, town: Town) -> None:
    """It answered with the present state and exit code 0."""
    task = deliver(town, "ada", "one")

    for_task, for_agent = tt("wait", task.id, "--timeout", "0.05"), tt("wait", "ada", "--timeout", "0")

    assert (for_task.code, for_agent.code) == (1, 1)
    assert f"task {task.short_id} (it is assigned) did not happen within 0.05 s" in for_task.err
    assert "agent ada" in for_agent.err


def test_an_agent_with_a_task_on_its_way_is_not_at_rest(tt: Tt, town: Town) -> None:
    """Between `assign` and the delivery the agent is idle, and waiting must not end."""
    town.assign("ada", "one")

    assert tt("wait", "ada", "--timeout", "0").code == 1


def test_an_agent_that_has_done_everything_is_at_rest(tt: Tt, town: Town) -> None:
    assert tt("wait", "ada") == Said(0, "ada is starting\n", "")


def test_waiting_for_an_agent_that_is_paused_says_what_it_needs(tt: Tt, town: Town) -> None:
    town.agents.interrupt("ada")

    said = tt("wait", "ada", "--timeout", "0")

    assert said.code == 1
    assert "`tt resume ada`" in said.err


def test_waiting_for_an_agent_to_stop_outlasts_its_turn(tt: Tt, town: Town) -> None:
    """`kill` said stopped at once, while the program still ran."""
    at_work(town, "ada")
    town.agents.kill("ada")

    said = tt("wait", "ada", "--until", "stopped", "--timeout", "0")

    assert said.code == 1
    assert "draining" in said.err


def test_waiting_ends_when_the_agent_is_stopped(tt: Tt, town: Town) -> None:
    said = _meanwhile(town, lambda town: town.agents.kill("ada"), lambda: tt("wait", "ada", "--until", "stopped"))

    assert said == Said(0, "ada is stopped\n", "")


def test_what_is_neither_agent_nor_task_is_not_found(tt: Tt) -> None:
    said = tt("wait", "beef")

    assert said.code == 3
    assert "no agent and no task" in said.err


@by_redis_only("it starts processes with a Redis")
def test_redis_killed_while_we_wait_ends_with_5(place: Path, own_server: Server) -> None:
    environment = {
        "HOME": os.environ["HOME"], "PATH": os.environ["PATH"], "REDIS_URL": own_server.url, "TINYTOWN_TOWN_NAME": "shop",
    }  # fmt: skip
    tt = [sys.executable, "-m", "tinytown.cli.main"]
    subprocess.run([*tt, "spawn", "ada", "--no-start"], cwd=place, env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [*tt, "wait", "ada", "--until", "stopped"], cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: "blocked_clients:1" in _clients(own_server))

    own_server.kill()

    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (5, "")
    assert err.startswith("tt: cannot reach Redis")
    assert len(err.splitlines()) == 1


def _clients(server: Server) -> str:
    with closing(RespConnection(str(server.socket), address=server.url)) as connection:
        return str(connection.call("INFO", "clients").decode())


@by_redis_only("it starts processes with a Redis")
def test_ctrl_c_ends_waiting_with_130(town: Town, place: Path, redis_elsewhere: str) -> None:
    environment = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"], "REDIS_URL": redis_elsewhere}
    command = [sys.executable, "-m", "tinytown.cli.main", "wait", "ada", "--until", "stopped"]
    process = subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: _blocked(town) or None)

    process.send_signal(signal.SIGINT)

    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err.strip()) == (130, "", "")
