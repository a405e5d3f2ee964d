"""The two ways to a town: by its Redis, and through its townhall over HTTP. What everyday commands do must not differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self, TypeVar

import httpx
import pytest
from argon2 import PasswordHasher

from tinytown.api.app import create_app
from tinytown.bootstrap import connect
from tinytown.config import environment
from tinytown.domain.scope import Scope
from tinytown.town import Town

__all__ = ["COMMANDS", "MODULES", "WAYS", "Townhall", "by_redis_only"]

F = TypeVar("F", bound=Callable[..., Any])

WAYS = ("redis", "townhall")
COMMANDS = {"history", "status", "list", "spawn", "assign", "send", "inbox", "task", "backlog", "mission", "logs", "wait", "events"}
"""What works through townhall."""
MODULES = {
    "test_agents",
    "test_backlog",
    "test_events",
    "test_logs",
    "test_messages",
    "test_mission_following",
    "test_mission_items",
    "test_mission_planning",
    "test_mission_watches",
    "test_missions",
    "test_status",
    "test_tasks",
    "test_waiting",
}
"""Whose tests run both ways."""

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""How keys of tests are hashed: what makes a key hard to guess is not tried here."""
URL = "https://townhall.test"


def by_redis_only(reason: str) -> Callable[[F], F]:
    """A test that makes sense by Redis only, and why."""

    def marked(function: F) -> F:
        function.by_redis_only = reason  # type: ignore[attr-defined]
        return function

    return marked


class Townhall:
    """The townhall of the town in a folder, in this process; it is begun when it is first asked."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._monkeypatch = monkeypatch
        self._town: Town | None = None
        self._key = ""
        self.asked: list[httpx.Request] = []
        self.answers_lost = 0
        """So many requests are done whose answers do not arrive."""
        self.transport: httpx.BaseTransport | None = None

    @contextmanager
    def reached(self) -> Iterator[None]:
        """Within it `tt` knows of townhall only, unless it is called in a turn."""
        if self.transport is None:
            self._begin()
        with self._monkeypatch.context() as patch:
            patch.setattr("tinytown.remote.client._transport", lambda *_: self)
            patch.setattr("tinytown.remote.client._PAUSES", (0.0, 0.0))
            patch.setenv("TINYTOWN_TOWNHALL_URL", URL)
            patch.setenv("TINYTOWN_TOWNHALL_API_KEY", self._key)
            if "TINYTOWN_AGENT_ID" not in environment():
                patch.delenv("REDIS_URL", raising=False)
            yield

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on."""
        assert self.transport is not None
        self.asked.append(request)
        answer = self.transport.handle_request(request)
        if request.method != "GET" and self.answers_lost:
            self.answers_lost -= 1
            raise httpx.ReadError("connection reset by peer")
        return answer

    def close(self) -> None:
        """Nothing: the next command asks it, too."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def end(self) -> None:
        """Let go of the town."""
        if self._town is not None:
            self._town.close()

    def _begin(self) -> None:
        env = {**environment(), "TINYTOWN_TOWNHALL__AUTH__MODE": "api_key"}
        self._town = connect(self._folder, env, start=False)
        with self._monkeypatch.context() as patch:
            patch.setattr("tinytown.services.key_hash._hasher", lambda: CHEAP)
            self._key = self._town.api_keys.create("operator", [Scope.TOWN_READ, Scope.TOWN_WRITE, Scope.AGENT_MANAGE]).text
        app = create_app(self._town, started_at=time.monotonic())
        self.transport = httpx.WSGITransport(app=app)
