"""A worker that the network cuts off in mid-turn: another takes over, and what the first one says later counts for nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.compose.engine import docker
from tests.compose.images import Bases
from tests.compose.stack import SOON
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(300)

NETWORK = "tinytown-test-parted"
SETTINGS = {
    "REDIS_URL": "redis://redis:6379/0",
    "TINYTOWN_AGENT__LEASE_SECS": "3",
    "TINYTOWN_AGENT__IDLE_TIMEOUT_SECS": "0",
    "TINYTOWN_WORKER__HEARTBEAT_SECS": "1",
    "TINYTOWN_CLOCK__SWEEP_SECS": "1",
}
CLOCK, FIRST, SECOND = "tinytown-test-clock", "tinytown-test-first", "tinytown-test-second"


@pytest.fixture
def private_network(images: Bases) -> Iterator[None]:
    """A Redis, a clock and one worker in containers of their own, on a network of their own."""
    _clear()
    docker("network", "create", "--internal", NETWORK)
    _run("tinytown-test-redis", images.redis, "redis-server", "--protected-mode", "no", "--maxmemory-policy", "noeviction", alias="redis")
    _run(CLOCK, "tinytown-townhall", "tt", "clock")
    _run(FIRST, "tinytown-agent-worker", "tt", "worker")
    yield
    _clear()


def test_a_turn_that_is_cut_off_is_taken_over_and_its_late_report_changes_nothing(private_network: None) -> None:
    tt("spawn", "ada", "--cli", "shell", "--no-start")
    task = tt("assign", "ada", "touch /tmp/begun; until [ -e /tmp/go ]; do sleep 0.1; done; cat /etc/hostname")
    wait_until(lambda: _exists(FIRST, "/tmp/begun"), SOON, 0.1, message="the first worker to be at it")
    _run(SECOND, "tinytown-agent-worker", "tt", "worker")
    wait_until(lambda: len(_json("workers")) == 2, SOON, 0.2, message="the second worker to be on the list")

    docker("network", "disconnect", NETWORK, FIRST)
    wait_until(lambda: _exists(SECOND, "/tmp/begun"), SOON, 0.1, message="the second worker to take over")
    docker("exec", FIRST, "touch", "/tmp/go")
    wait_until(lambda: "cat /etc/hostname" not in _processes(FIRST), SOON, 0.1, message="the first one's program to end")
    docker("network", "connect", NETWORK, FIRST)
    wait_until(lambda: len(_json("workers")) == 2, SOON, 0.2, message="the first worker to be heard of again")
    while_running = _json("task", "show", task)
    docker("exec", SECOND, "touch", "/tmp/go")
    done = _json("wait", task, "--timeout", "60")

    assert while_running["state"] == "running"
    assert done["state"] == "completed"
    assert done["result"].strip() == _hostname(SECOND) != _hostname(FIRST)
    assert [event["event_type"] for event in _json("events", "--agent", "ada")].count("task_completed") == 1


def tt(*words: str) -> str:
    """Run a command of ours where the clock runs."""
    return docker("exec", CLOCK, "tt", *words)


def _json(*words: str) -> Any:
    return json.loads(tt(*words, "--json"))


def _run(name: str, image: str, *command: str, alias: str | None = None) -> None:
    env = [f"--env={key}={value}" for key, value in SETTINGS.items()]
    aliases = [] if alias is None else ["--network-alias", alias]
    docker("run", "--detach", "--name", name, "--network", NETWORK, *aliases, *env, image, *command)


def _exists(container: str, path: str) -> bool:
    return docker("exec", container, "sh", "-c", f"[ -e {path} ] && echo yes; true") == "yes"


def _processes(container: str) -> str:
    return docker("top", container, "-eo", "pid,args")


def _hostname(container: str) -> str:
    return docker("exec", container, "cat", "/etc/hostname")


def _clear() -> None:
    docker("rm", "--force", "--volumes", "tinytown-test-redis", CLOCK, FIRST, SECOND, check=False)
    docker("network", "rm", NETWORK, check=False)
