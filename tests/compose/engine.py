"""The Docker engine of this machine, through its command line."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Mapping
from functools import cache
from typing import Any

__all__ = ["compose_command", "docker", "inspect"]


def docker(*words: str, within: float = 300.0, stdin: bytes | None = None, check: bool = True) -> str:
    """Run `docker` and return what it printed; errors are shown whole."""
    return run(["docker", *words], within=within, stdin=stdin, check=check)


def run(
    words: list[str], *, within: float = 300.0, stdin: bytes | None = None, env: Mapping[str, str] | None = None, check: bool = True
) -> str:
    """Run a program to its end and return what it printed on stdout."""
    done = subprocess.run(words, input=stdin, capture_output=True, timeout=within, env=env, check=False)
    said = done.stdout.decode(errors="replace")
    if check and done.returncode != 0:
        raise AssertionError(
            f"`{' '.join(words)}` ended with {done.returncode}:\n{said[-3000:]}\n{done.stderr.decode(errors='replace')[-3000:]}"
        )
    return said.strip()


def inspect(thing: str, *, kind: str = "container") -> dict[str, Any]:
    """What the engine knows of a container, an image or a network."""
    found: dict[str, Any] = json.loads(docker("inspect", "--type", kind, thing))[0]
    return found


@cache
def compose_command() -> tuple[str, ...]:
    """`docker compose` where the plugin is there, else `docker-compose`."""
    plugin = subprocess.run(["docker", "compose", "version"], capture_output=True, check=False)
    if plugin.returncode == 0:
        return ("docker", "compose")
    assert shutil.which("docker-compose") is not None, "Compose is not on this machine: install docker-compose"
    return ("docker-compose",)
