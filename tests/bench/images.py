"""How large the images are, and how soon a container of each is ready; nothing where there is no Docker engine."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from tests.bench.figure import Figure
from tests.compose.engine import docker, inspect
from tests.compose.images import bases
from tests.compose.stack import Stack
from tests.waiting import wait_until

__all__ = ["measure"]

RUNS = 5
NETWORK, REDIS = "tinytown-bench", "tinytown-bench-redis"
TOWNHALL_GOAL, READY_GOAL = 200.0, 5.0


def measure() -> list[Figure]:
    """Both images, built from this checkout."""
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode != 0:
        return []
    made = bases()
    Stack(made).compose("--profile", "worker", "build", "--quiet")
    on = f"on {made.python}"
    figures = [
        _size("tinytown-townhall", TOWNHALL_GOAL, on),
        _size("tinytown-agent-worker", None, f"{on}, without a coding program"),
    ]
    _clear()
    docker("network", "create", NETWORK)
    try:
        docker("run", "--detach", "--name", REDIS, "--network", NETWORK, made.redis, "redis-server", "--protected-mode", "no")
        for image, command, is_ready in (
            ("tinytown-townhall", (), _serves),
            ("tinytown-townhall", ("tt", "clock"), _has_said("clock ")),
            ("tinytown-agent-worker", (), _has_said("turns at once")),
        ):
            took = sorted(_start(image, command, is_ready) for _ in range(RUNS))
            name = " ".join(command) if command else image.removeprefix("tinytown-")
            figures.append(_figure(f"docker run to ready: {name}, the slowest of {RUNS}", took[-1], "s", READY_GOAL, on))
    finally:
        _clear()
    return figures


def _size(image: str, goal: float | None, note: str) -> Figure:
    return _figure(f"size of {image}", inspect(image, kind="image")["Size"] / 1_000_000, "MB", goal, note)


def _start(image: str, command: tuple[str, ...], is_ready: Callable[[str], bool]) -> float:
    """Seconds from `docker run` until a container is ready."""
    began = time.monotonic()
    container = docker("run", "--detach", "--network", NETWORK, "--env", f"REDIS_URL=redis://{REDIS}:6379/0", image, *command)
    try:
        wait_until(lambda: is_ready(container), timeout=60, every=0.05)
        return time.monotonic() - began
    finally:
        docker("rm", "--force", container)


def _serves(container: str) -> bool:
    address = inspect(container)["NetworkSettings"]["Networks"][NETWORK]["IPAddress"]
    asked = subprocess.run(["curl", "-fs", "-m", "2", f"http://{address}:8080/ready"], capture_output=True, check=False)
    return asked.returncode == 0


def _has_said(words: str) -> Callable[[str], bool]:
    def look(container: str) -> bool:
        said = subprocess.run(["docker", "logs", container], capture_output=True, text=True, check=False)
        return words in said.stdout + said.stderr

    return look


def _clear() -> None:
    docker("rm", "--force", REDIS, check=False)
    docker("network", "rm", NETWORK, check=False)


def _figure(name: str, value: float, unit: str, goal: float | None, note: str) -> Figure:
    return Figure(section="images", name=name, value=value, unit=unit, goal=goal, note=note)
