"""`tt init`: a town, whole or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Tt

TT = [sys.executable, "-m", "tinytown.cli.main"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*TT, *arguments], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_init_makes_a_town_that_runs(tt: Tt, place: Path, own_redis: None) -> None:
    said = tt("init", "--name", "shop", "--cli", "shell")

    assert (said.code, said.err) == (0, "")
    assert f"Town shop is in {place}." in said.out
    assert "tt spawn ada" in said.out
    assert ".tt/" in (place / ".gitignore").read_text()
    assert (place / ".tt" / "redis.sock").is_socket()
    assert tt("config", "default_cli").out == "shell\n"
    assert [town["state"] for town in tt("towns", "--json").json] == ["running"]


def test_init_starts_nothing_when_redis_is_elsewhere(tt: Tt, place: Path, redis_elsewhere: str) -> None:
    said = tt("init", "--name", "shop", "--json")

    assert said.json == {"name": "shop", "root": str(place), "redis": redis_elsewhere, "redis_from": "REDIS_URL", "started": False}
    assert names(place / ".tt") == ["logs"]


def test_init_makes_the_directory_that_town_names(tt: Tt, place: Path, redis_elsewhere: str) -> None:
    said = tt("--town", place / "new" / "one", "init")

    assert said.code == 0
    assert (place / "new" / "one" / "tinytown.toml").is_file()


@pytest.mark.parametrize("there", ["file", "empty file", "directory", "dangling link"])
def test_init_leaves_alone_what_is_there(there: str, tt: Tt, place: Path, redis_elsewhere: str) -> None:
    town_file = place / "tinytown.toml"
    match there:
        case "file":
            town_file.write_text("# mine\n")
        case "empty file":
            town_file.touch()
        case "directory":
            town_file.mkdir()
        case _:
            town_file.symlink_to("nowhere")

    said = tt("init")

    assert said.code == 4
    assert "nothing was changed" in said.err
    assert names(place) == ["tinytown.toml"]
    assert there != "file" or town_file.read_text() == "# mine\n"


def test_init_leaves_nothing_behind_when_redis_cannot_be_used(tt: Tt, place: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / ".gitignore").write_text("*.pyc\n")
    monkeypatch.setenv("REDIS_URL", f"unix://{place}/nobody.sock")

    said = tt("init")

    assert (said.code, said.out) == (5, "")
    assert names(place) == [".gitignore"]
    assert (place / ".gitignore").read_text() == "*.pyc\n"
    assert not (home / ".tt" / "towns.toml").exists()


def test_init_leaves_nothing_behind_when_its_server_does_not_start(
    tt: Tt, place: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = home / "redis-server"
    broken.write_text("#!/bin/sh\ncase $1 in --version) echo Redis server v=7.4.0;; *) echo 'no way'; exit 1;; esac\n")
    broken.chmod(0o755)
    (home / ".tt").mkdir(mode=0o700)
    (home / ".tt" / "config.toml").write_text(f'[redis]\nserver = "{broken}"\n')

    said = tt("init", "--name", "shop")

    assert said.code == 5
    assert "no way" in said.err
    assert names(place) == []


@pytest.mark.parametrize("way", [".gitignore is a directory", ".tt is a file", "a parent is a file"])
def test_init_says_what_is_in_the_way_and_leaves_nothing_behind(way: str, tt: Tt, place: Path, redis_elsewhere: str) -> None:
    target = place
    match way:
        case ".gitignore is a directory":
            (place / ".gitignore").mkdir()
        case ".tt is a file":
            (place / ".tt").touch()
        case _:
            (place / "file").touch()
            target = place / "file" / "town"
    before = names(place)

    said = tt("--town", target, "init")

    assert said.code == 2
    assert said.err.startswith("tt: ")
    assert names(place) == before


@pytest.mark.parametrize("name", ["../../x", "a b", "A", "", "x" * 80, "a:b", "*"])
def test_init_refuses_names_that_would_not_do_as_keys(name: str, tt: Tt, place: Path, redis_elsewhere: str) -> None:
    said = tt("init", "--name", name)

    assert said.code == 2
    assert names(place) == []


def test_of_two_that_init_at_once_one_wins(place: Path, redis_elsewhere: str) -> None:
    calls = [start(place, "init", "--name", f"town-{number}") for number in range(4)]

    errors = [call.communicate()[1] for call in calls]

    codes = sorted(call.returncode for call in calls)
    winner = next(number for number, call in enumerate(calls) if call.returncode == 0)
    assert codes == [0, 4, 4, 4], errors
    assert f'name = "town-{winner}"' in (place / "tinytown.toml").read_text()
    assert names(place) == [".gitignore", ".tt", "tinytown.toml"]


def test_init_names_a_town_after_its_repository_and_branch(tt: Tt, place: Path, redis_elsewhere: str) -> None:
    root = place / "My Shop"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/feature/x\n")

    said = tt("--town", root, "init", "--json")

    assert said.json["name"].startswith("my-shop-feature-x-")


def test_init_says_when_another_town_would_be_the_same_one(tt: Tt, place: Path, redis_elsewhere: str) -> None:
    tt("--town", place / "one", "init", "--name", "shop")

    said = tt("--town", place / "two", "init", "--name", "shop")

    assert said.code == 0
    assert f"the town in {place}/one is called shop, too" in said.err


def test_init_goes_on_when_the_registry_cannot_be_read(tt: Tt, place: Path, home: Path, redis_elsewhere: str) -> None:
    (home / ".tt").mkdir(mode=0o700)
    (home / ".tt" / "towns.toml").write_text("[[towns\n")

    said = tt("init")

    assert said.code == 0
    assert "will not show this town" in said.err
    assert (home / ".tt" / "towns.toml").read_text() == "[[towns\n"


@pytest.mark.parametrize("ignored", [1000, None])
def test_a_full_disk_leaves_everything_as_it_was(ignored: int | None, place: Path, redis_elsewhere: str) -> None:
    """No file may exceed 1024 bytes here, or 512: that is as good as a full disk, in the middle of a line."""
    if ignored is not None:
        (place / ".gitignore").write_text("x" * (ignored - 1) + "\n")
    limit = 2 if ignored is not None else 1

    said = subprocess.run(
        ["sh", "-c", f'ulimit -f {limit}; exec "$@"', "sh", *TT, "init"], cwd=place, capture_output=True, text=True, check=False
    )

    assert (said.returncode, said.stdout) == (2, "")
    assert "File too large" in said.stderr
    assert names(place) == ([] if ignored is None else [".gitignore"])
    assert ignored is None or (place / ".gitignore").stat().st_size == ignored


def test_ctrl_c_while_the_server_starts_leaves_nothing_behind(tt: Tt, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("tinytown.founding.ensure_running", interrupted)

    said = tt("init")

    assert said.code == 130
    assert names(place) == []
