"""A town without a server, and every server program of this machine to start."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from tests.server import server_binaries
from tinytown.config import RedisAddress, Settings
from tinytown.errors import TownError
from tinytown.redis_server import ServerInfo, check, ensure_running, server_status, stop_server


class Town:
    """A town whose server is started, watched and ended; at the end of a test none is left."""

    def __init__(self, root: Path, home: Path, env: Mapping[str, str]) -> None:
        self.root = root
        self.home = home
        self.env = dict(env)
        self.files = root / ".tt" / "redis"

    def configure(self, text: str) -> None:
        """Write the `[redis]` table."""
        self.root.mkdir(parents=True, exist_ok=True)
        (self.root / "tinytown.toml").write_text(f"[redis]\n{text}\n", encoding="utf-8")

    @property
    def settings(self) -> Settings:
        """What the files and the environment say now."""
        return Settings.load(self.root, self.env, self.home)

    def up(self) -> RedisAddress:
        """The address of the server, which runs."""
        return ensure_running(self.settings, self.root, self.home, self.env)

    def info(self) -> ServerInfo:
        """What the running server says of itself."""
        return check(self.settings.redis_address(self.root, self.home))

    def down(self) -> bool:
        """End the server."""
        return stop_server(self.settings, self.root, self.home)

    def clean(self) -> None:
        """End the server if there is one of ours."""
        try:
            if server_status(self.settings, self.root, self.home).ours:
                self.down()
        except TownError:
            pass


@pytest.fixture
def program(server_flavour: str) -> Path:
    """Each server program in turn."""
    return server_binaries()[server_flavour]


@pytest.fixture
def a_program(redis_server_binary: Path) -> Path:
    """One server program, where it does not matter which."""
    return redis_server_binary


@pytest.fixture
def make_town(place: Path, home: Path) -> Iterator[Callable[..., Town]]:
    """Makes a town whose server is that program."""
    towns: list[Town] = []

    def make(program: Path | None, text: str = "", *, root: Path = place) -> Town:
        town = Town(root, home / ".tt", {"HOME": str(home), "PATH": os.defpath})
        town.configure(text if program is None else f'server = "{program}"\n{text}')
        towns.append(town)
        return town

    yield make

    for town in towns:
        town.clean()


MakeTown = Callable[..., Town]
