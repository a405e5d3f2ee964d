"""A town's server: started once, found again, ended in order, and never in anybody's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tests.redis_server.client import connected
from tests.redis_server.conftest import MakeTown
from tests.redis_server.processes import is_running
from tinytown.redis_server import server_status

START = """
import os, sys
from pathlib import Path
from tinytown.config import Settings
from tinytown.redis_server import ensure_running
root, home = Path(sys.argv[1]), Path(sys.argv[2])
ensure_running(Settings.load(root, {}, home), root, home, os.environ)
print("up", flush=True)
if sys.argv[3:]:
    sys.stdin.read()
"""


def test_a_server_is_started_when_it_is_needed(make_town: MakeTown, program: Path) -> None:
    town = make_town(program)

    address = town.up()

    assert address.socket == town.root / ".tt" / "redis.sock"
    assert address.socket.stat().st_mode & 0o777 == 0o700
    assert town.files.stat().st_mode & 0o777 == 0o700
    with connected(address) as client:
        assert client.config_get("port")["port"] == "0"
        assert client.config_get("appendonly")["appendonly"] == "yes"
        assert client.config_get("appendfsync")["appendfsync"] == "everysec"
        assert client.config_get("maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_it_is_found_again_and_not_started_twice(make_town: MakeTown, program: Path) -> None:
    town = make_town(program)
    town.up()
    first = town.info()

    town.up()

    assert town.info().pid == first.pid


def test_nothing_of_it_lies_outside_its_folder(make_town: MakeTown, program: Path) -> None:
    town = make_town(program, 'persist = "snapshot"')
    with connected(town.up()) as client:
        client.set("a", "b")

    town.down()

    assert sorted(path.name for path in town.root.iterdir()) == [".tt", "tinytown.toml"]
    assert sorted(path.name for path in (town.root / ".tt").iterdir()) == ["redis"]


def test_many_that_start_it_at_once_get_one_server(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)
    command = [sys.executable, "-c", START, str(town.root), str(town.home)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]

    said = [process.communicate(timeout=30) for process in started]

    assert said == [("up\n", "")] * 4
    assert (town.files / "redis.log").read_text().count(" is starting ") == 1


def test_threads_that_start_it_at_once_get_one_server(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)

    with ThreadPool(6) as pool:
        pool.map(lambda _: town.up(), range(6))

    assert (town.files / "redis.log").read_text().count(" is starting ") == 1


def test_it_outlives_whoever_started_it(make_town: MakeTown, a_program: Path) -> None:
    """Neither the end of `tt` nor Ctrl-C in its terminal ends the server."""
    town = make_town(a_program)
    command = [sys.executable, "-c", START, str(town.root), str(town.home), "wait"]
    starter = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert starter.stdout is not None
    assert starter.stdout.readline() == "up\n"
    pid = town.info().pid

    os.killpg(starter.pid, signal.SIGINT)
    starter.communicate(timeout=10)

    assert town.info().pid == pid
    assert os.getsid(pid) == pid


def test_what_was_written_survives_an_orderly_end(make_town: MakeTown, program: Path) -> None:
    town = make_town(program)
    with connected(town.up()) as client:
        client.set("kept", "yes")
    pid = town.info().pid

    assert town.down() is True

    assert not is_running(pid)
    with connected(town.up()) as client:
        assert client.get("kept") == "yes"


def test_ending_what_does_not_run_is_no_error(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)

    assert town.down() is False


def test_a_town_deep_in_the_tree_has_a_server_too(make_town: MakeTown, program: Path, place: Path) -> None:
    root = place / ("deep" * 20) / ("er" * 40)
    town = make_town(program, root=root)

    address = town.up()

    assert address.socket is not None
    assert len(os.fsencode(address.socket)) <= 103
    assert address.socket.parent.stat().st_mode & 0o777 == 0o700
    with connected(address) as client:
        assert client.config_get("dir")["dir"] == str(root / ".tt" / "redis")


def test_a_path_with_blanks_and_quotes_is_no_obstacle(make_town: MakeTown, program: Path, place: Path) -> None:
    root = place / 'it\'s a "tëst" \\ %41'
    town = make_town(program, root=root)

    with connected(town.up()) as client:
        assert client.config_get("dir")["dir"] == str(root / ".tt" / "redis")


def test_a_relative_root_works(make_town: MakeTown, a_program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    town = make_town(a_program)
    monkeypatch.chdir(town.root.parent)
    town.root = Path(town.root.name)

    town.up()

    assert (Path.cwd() / town.root / ".tt" / "redis" / "redis.pid").exists()


def test_the_central_server_is_shared(make_town: MakeTown, a_program: Path, place: Path, home: Path) -> None:
    first, second = make_town(None, root=place / "a"), make_town(None, root=place / "b")
    (home / ".tt").mkdir()
    (home / ".tt" / "config.toml").write_text(f'[redis]\nuse_central = true\nserver = "{a_program}"\n')

    first.up()
    second.up()

    assert first.info().pid == second.info().pid
    assert (home / ".tt").stat().st_mode & 0o777 == 0o700
    assert not (place / "a" / ".tt").exists()


def test_its_environment_holds_no_secrets(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)
    town.env["SECRET_API_KEY"] = "hunter2"
    town.up()

    seen = Path(f"/proc/{town.info().pid}/environ")

    if seen.exists():
        assert b"hunter2" not in seen.read_bytes()


def test_looking_at_the_state_starts_nothing(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)

    before = server_status(town.settings, town.root, town.home)
    town.up()
    after = server_status(town.settings, town.root, town.home)

    assert before.info is None
    assert before.problem is not None
    assert after.info is not None
    assert (after.ours, after.problem) == (True, None)
