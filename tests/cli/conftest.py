"""The command line called in this process, in an empty folder, and a town on a private Redis."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.cli.ways import COMMANDS, MODULES, WAYS, Townhall
from tinytown.bootstrap import load
from tinytown.cli.app import run
from tinytown.config import environment, user_directory
from tinytown.errors import TownError
from tinytown.redis_server import server_status, stop_server
from tinytown.town import Town


class Said(NamedTuple):
    """How a call of `tt` ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What it printed, as data."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """What it printed, line by line."""
        return self.out.splitlines()


Tt = Callable[..., Said]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what everyday commands do both ways."""
    is_everyday = metafunc.module.__name__.rpartition(".")[2] in MODULES and not hasattr(metafunc.function, "by_redis_only")
    if "way" in metafunc.fixturenames and is_everyday:
        metafunc.parametrize("way", WAYS, indirect=True)


@pytest.fixture
def way(request: pytest.FixtureRequest) -> str:
    """Which way `tt` goes to the town."""
    return str(getattr(request, "param", "redis"))


@pytest.fixture
def townhall(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Townhall]:
    """The townhall of the town in `place`."""
    hall = Townhall(place, monkeypatch)
    yield hall
    hall.end()


@pytest.fixture
def tt(way: str, townhall: Townhall, place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tt:
    """Calls `tt` in the folder `place`."""
    monkeypatch.chdir(place)

    def call(*arguments: object) -> Said:
        capsys.readouterr()
        through = townhall.reached() if way == "townhall" and arguments[0] in COMMANDS else nullcontext()
        with through:
            code = run([str(word) for word in arguments])
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def redis_elsewhere(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Redis that others run, named by REDIS_URL."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    return redis_url


@pytest.fixture
def town(tt: Tt, redis_elsewhere: str) -> Iterator[Town]:
    """A town in `place`, made by `tt init`, with the private server as its Redis."""
    said = tt("init", "--name", "shop", "--cli", "shell")
    assert said.code == 0, said.err
    with Town.connect() as town:
        yield town


@pytest.fixture
def own_redis(place: Path) -> Iterator[None]:
    """Ends the servers that towns in or below `place` started."""
    yield
    for file in [*place.glob("tinytown.toml"), *place.glob("*/tinytown.toml")]:
        home = user_directory(environment())
        try:
            root, settings = load(file.parent, environment())
            if server_status(settings, root, home).ours:
                stop_server(settings, root, home)
        except TownError:
            continue
