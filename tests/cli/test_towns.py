"""`tt towns`: how each is, without waking any."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tinytown.config import environment, user_directory
from tinytown.registry import remember_town
from tinytown.town import Town


def test_towns_of_nobody_are_none(tt: Tt) -> None:
    said = tt("towns")

    assert (said.code, said.out) == (0, "No towns yet; `tt init` makes one.\n")


def test_towns_says_how_each_is_and_starts_nothing(tt: Tt, place: Path, own_redis: None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("gone", "stopped", "broken"):
        (place / name).mkdir()
        (place / name / "tinytown.toml").write_text(f'name = "{name}"\n')
        _register(place / name, name)
    (place / "gone" / "tinytown.toml").unlink()
    (place / "broken" / "tinytown.toml").write_text("nmae = 1\n")
    monkeypatch.setenv("TINYTOWN_TOWN_NAME", "only-here")

    said = tt("towns", "--json")

    assert {town["name"]: town["state"] for town in said.json} == {"gone": "missing", "stopped": "stopped", "broken": "broken"}
    assert not (place / "stopped" / ".tt").exists()


def test_towns_counts_agents(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    town.spawn("bob")

    said = tt("towns")

    assert said.lines[1].split()[:4] == ["shop", "running", "2", "0"]


def test_towns_waits_two_seconds_for_all_that_are_silent(tt: Tt, place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=1) as silent:
        for number in range(5):
            (place / f"far{number}").mkdir()
            url = f"redis://127.0.0.1:{silent.getsockname()[1]}"
            (place / f"far{number}" / "tinytown.toml").write_text(f'name = "far{number}"\n[redis]\nurl = "{url}"\n')
            _register(place / f"far{number}", f"far{number}")
        began = time.monotonic()

        said = tt("towns", "--json")

        assert {town["state"] for town in said.json} == {"unreachable"}
        assert time.monotonic() - began < 2.5


def test_a_registry_that_is_no_toml_is_an_error_and_stays(tt: Tt, home: Path) -> None:
    (home / ".tt").mkdir(mode=0o700)
    (home / ".tt" / "towns.toml").write_text("[[towns\n")

    said = tt("towns")

    assert said.code == 2
    assert "towns.toml:1" in said.err
    assert (home / ".tt" / "towns.toml").read_text() == "[[towns\n"


def test_a_town_can_be_forgotten_though_its_directory_is_gone(tt: Tt, place: Path) -> None:
    _register(place / "gone", "gone")

    said = tt("towns", "--forget", place / "gone")

    assert said.code == 0
    assert tt("towns", "--json").json == []
    assert tt("towns", "--forget", place / "gone").code == 3


def _register(root: Path, name: str) -> None:
    remember_town(user_directory(environment()), root, name)
