"""The stack of deploy/compose.yaml, brought up by Compose as a user would, and townhall's API on it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any, NamedTuple

from tests.acceptance.townhall import free_port
from tests.compose.engine import compose_command, docker, inspect, run
from tests.compose.images import Bases
from tests.fleet import ROOT
from tests.waiting import wait_until

__all__ = ["Answer", "Stack"]

FILE = ROOT / "deploy" / "compose.yaml"
PROJECT = "tinytown-test"
SOON = 90.0
"""Seconds for what containers do: they share two cores with each other."""


class Answer(NamedTuple):
    """What townhall answered."""

    status: int
    json: Any


class Stack:
    """One project of Compose; its containers, networks and volumes are gone after `remove`."""

    def __init__(self, bases: Bases, **settings: str) -> None:
        self.port = free_port()
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("TINYTOWN_", "REDIS_"))},
            "PYTHON_IMAGE": bases.python,
            "REDIS_IMAGE": bases.redis,
            "TOWNHALL_PORT": str(self.port),
            "COMPOSE_PROJECT_NAME": PROJECT,
            "REDIS_PASSWORD": "of-this-test-alone",
            **settings,
        }
        self._key = ""

    def compose(self, *words: str, **settings: str) -> str:
        """Run Compose on the stack with these words, and with these variables of .env besides."""
        return run([*compose_command(), "--file", str(FILE), *words], within=900.0, env={**self.env, **settings})

    def containers(self, service: str) -> list[str]:
        """The ids of a service's containers, those that have ended among them, oldest first."""
        labels = [f"--filter=label=com.docker.compose.project={PROJECT}", f"--filter=label=com.docker.compose.service={service}"]
        return list(reversed(docker("ps", "--all", "--quiet", "--no-trunc", *labels).split()))

    def running(self, service: str) -> list[str]:
        """The ids of those that run."""
        return [each for each in self.containers(service) if inspect(each)["State"]["Running"]]

    def only(self, service: str) -> str:
        """The one container of a service."""
        (found,) = self.containers(service)
        return found

    def start_workers(self, count: int, **settings: str) -> list[str]:
        """Have so many workers, new ones where some have left; the ids of those that run."""
        scale = f"agent-worker={count}"
        self.compose("--profile", "worker", "up", "--detach", "--no-deps", "--scale", scale, "agent-worker", **settings)
        wait_until(lambda: len(self.running("agent-worker")) == count, SOON, 0.1, message=f"{count} workers to run")
        return self.running("agent-worker")

    def remove_workers(self) -> None:
        """End the workers at once, and forget them."""
        self.compose("--profile", "worker", "rm", "--stop", "--force", "agent-worker")

    def await_healthy(self, service: str) -> None:
        """Wait until the engine calls the service healthy."""
        container = self.only(service)
        wait_until(lambda: inspect(container)["State"]["Health"]["Status"] == "healthy", SOON, 0.2, message=f"{service} to be healthy")

    @property
    def key(self) -> str:
        """The key that townhall made itself."""
        if not self._key:
            self._key = docker("exec", self.only("townhall"), "cat", "/var/lib/tinytown/townhall-api-key")
        return self._key

    def ask(self, method: str, path: str, data: object = None, *, key: str | None = None) -> Answer:
        """Send one request to townhall, with its key."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            None if data is None else json.dumps(data).encode(),
            {"Content-Type": "application/json", "X-API-Key": self.key if key is None else key},
            method=method,
        )
        try:
            with urllib.request.urlopen(request, timeout=40) as response:
                return Answer(response.status, json.loads(response.read() or b"null"))
        except urllib.error.HTTPError as error:
            return Answer(error.code, json.loads(error.read() or b"null"))

    def get(self, path: str) -> Any:
        """What is at a path."""
        found = self.ask("GET", path)
        assert found.status == 200, found
        return found.json

    def post(self, path: str, data: object) -> Any:
        """Have something done."""
        done = self.ask("POST", path, data)
        assert done.status < 300, done
        return done.json

    def assign(self, agent: str, text: str) -> str:
        """Give a task and return its id."""
        return str(self.post("/v1/tasks/assign", {"agent": agent, "task": text})["task_id"])

    def task(self, task: str) -> dict[str, Any]:
        """A task as townhall shows it."""
        found: dict[str, Any] = self.get(f"/v1/tasks/{task}")
        return found

    def await_task(self, task: str, state: str = "completed") -> dict[str, Any]:
        """Wait until a task is in a state; a townhall that is away for the moment is waited for, too."""

        def look() -> dict[str, Any] | None:
            try:
                found = self.ask("GET", f"/v1/tasks/{task}")
            except OSError:
                return None
            return found.json if found.status == 200 and found.json["state"] == state else None

        found = wait_until(look, SOON, 0.1, message=f"the task to be {state}")
        assert found is not None
        return found

    def logs(self) -> str:
        """The end of what the containers printed."""
        return self.compose("logs", "--no-color", "--tail=40")

    def remove(self) -> None:
        """End everything and delete it, the data too."""
        self.compose("--profile", "worker", "down", "--volumes", "--remove-orphans", "--timeout", "1")
