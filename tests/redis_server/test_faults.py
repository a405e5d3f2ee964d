"""What can befall a town's server: crashes, strangers, files and processes that are not what they seem."""

from __future__ import annotations

import os
import signal
import socket
from multiprocessing.pool import ThreadPool
from pathlib import Path

import pytest

from tests.redis_server.client import connected
from tests.redis_server.conftest import MakeTown
from tests.redis_server.processes import is_running, kill
from tinytown.errors import RedisMissing, RedisUnavailable
from tinytown.redis_server import server_status


def test_what_was_answered_survives_a_crash(make_town: MakeTown, program: Path) -> None:
    town = make_town(program, 'persist = "always"')
    with connected(town.up()) as client:
        for number in range(100):
            client.rpush("kept", number)
    kill(town.info().pid)

    with connected(town.up()) as client:
        assert client.llen("kept") == 100


def test_a_socket_that_a_crash_left_is_seen_through(make_town: MakeTown, program: Path) -> None:
    town = make_town(program)
    address = town.up()
    kill(town.info().pid)
    assert address.socket is not None
    assert address.socket.exists()

    town.up()

    assert is_running(town.info().pid)


def test_a_process_id_that_is_somebody_elses_by_now_is_seen_through(make_town: MakeTown, a_program: Path) -> None:
    """After a crash the number in the file may belong to any process: here to ourselves."""
    town = make_town(a_program)
    town.up()
    kill(town.info().pid)
    (town.files / "redis.pid").write_text(f"{os.getpid()}\n")

    town.up()

    assert town.info().pid != os.getpid()
    assert town.down() is True


def test_a_server_that_lost_its_socket_gets_no_rival_on_its_data(
    make_town: MakeTown, a_program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two servers writing one log would ruin it."""
    monkeypatch.setattr("tinytown.redis_server.process.ANSWER_SECONDS", 0.2)
    town = make_town(a_program)
    address = town.up()
    pid = town.info().pid
    assert address.socket is not None
    address.socket.unlink()

    with pytest.raises(RedisUnavailable, match=r"redis\.lock"):
        town.up()

    assert is_running(pid)
    kill(pid)


def test_a_frozen_server_is_reported_and_not_replaced(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)
    town.up()
    pid = town.info().pid
    os.kill(pid, signal.SIGSTOP)

    try:
        with pytest.raises(RedisUnavailable, match="no answer in time"):
            town.up()
    finally:
        os.kill(pid, signal.SIGCONT)

    assert town.info().pid == pid


def test_a_server_that_cannot_start_says_why_at_once(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)
    (town.files / "appendonlydir").mkdir(parents=True)
    (town.files / "appendonlydir" / "appendonly.aof.manifest").write_text("rubbish\n")

    with pytest.raises(RedisUnavailable, match=r"(?s)ended at once.*manifest"):
        town.up()

    assert server_status(town.settings, town.root, town.home).info is None


def test_a_program_that_is_none_is_named(make_town: MakeTown) -> None:
    town = make_town(Path("/absent/redis-server"))

    with pytest.raises(RedisMissing, match="/absent/redis-server"):
        town.up()


def test_a_stranger_on_our_socket_is_left_alone(make_town: MakeTown, a_program: Path) -> None:
    town = make_town(a_program)
    (town.root / ".tt").mkdir()
    with socket.socket(socket.AF_UNIX) as stranger:
        stranger.bind(str(town.root / ".tt" / "redis.sock"))
        stranger.listen()

        def answer() -> None:
            connection, _ = stranger.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")
                connection.recv(1000)

        with ThreadPool(1) as pool:
            answered = pool.apply_async(answer)
            with pytest.raises(RedisUnavailable, match="no Redis"):
                town.up()
            answered.get(10)
