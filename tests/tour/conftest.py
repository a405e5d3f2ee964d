"""A town in a folder, and a worker in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server import Server
from tinytown import Town
from tinytown.actors.host import Host
from tinytown.actors.worker import QUEUES, TownWorker

SETTINGS = 'name = "tour"\n[agent]\nbackoff_secs = 0\nmax_attempts = 2\ngrace_secs = 1\n'


@pytest.fixture
def town(place: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """An open town, on a Redis of its own."""
    (place / "tinytown.toml").write_text(SETTINGS, encoding="utf-8")
    monkeypatch.setenv("REDIS_URL", server.url)
    monkeypatch.chdir(place)
    with Town.connect() as town:
        yield town


@pytest.fixture
def worker(town: Town) -> Iterator[Host]:
    """A worker that answers the town's doorbells."""
    host = Host(town, dict(os.environ), "tour-worker")
    worker = TownWorker(host, queues=set(QUEUES), concurrency=4)
    worker.start()
    yield host
    worker.stop()
    worker.close()
