"""Whether a Redis can carry a town, and the list of what its user must be allowed to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.redis_server.permitted import acl_line, permissions
from tests.server import Server
from tinytown.config import Origin, RedisAddress, explicit_address
from tinytown.errors import RedisForbids
from tinytown.redis_server import fitness_of
from tinytown.redis_server.fitness import PERMISSIONS

SOURCES = Path(__file__).parents[2]
BY_REDIS_PY = {"evalsha", "script|load", "multi", "exec"}
"""What redis-py sends for us, and no line of ours names."""


@pytest.fixture
def server(flavoured_server: Server) -> Iterator[Server]:
    """A server of each flavour, with the user that is documented."""
    assert flavoured_server.say(f"ACL SETUSER {acl_line('secret').removeprefix('user ')}") == "+OK"
    yield flavoured_server
    flavoured_server.say("ACL DELUSER tinytown")


def test_with_the_documented_list_nothing_is_missing_and_nothing_is_left(server: Server) -> None:
    fitness = fitness_of(_address(server), "tinytown")

    assert fitness.missing == ()
    assert fitness.product == ("valkey" if "valkey" in server.binary.name else "redis")
    assert (fitness.eviction, fitness.loses_nothing_when_full) == (None, True)
    assert server.say("DBSIZE") == ":0"


def test_everything_that_is_missing_is_named(server: Server) -> None:
    server.say("ACL SETUSER tinytown -blmove -xgroup|create -hset -subscribe")

    lacking = fitness_of(_address(server), "tinytown").missing
    elsewhere = fitness_of(_address(server), "shop").missing

    assert set(lacking) == {"blmove", "xgroup|create", "hset", "subscribe"}
    assert set(elsewhere) == {*lacking, "~tt:shop:*", "&tt:shop:*"}


def test_a_server_that_deletes_when_it_is_full_is_told_apart(server: Server) -> None:
    server.say("ACL SETUSER tinytown +info")
    server.say("CONFIG SET maxmemory-policy allkeys-lru")

    fitness = fitness_of(_address(server), "tinytown")

    server.say("CONFIG SET maxmemory-policy noeviction")
    assert (fitness.eviction, fitness.loses_nothing_when_full) == ("allkeys-lru", False)


def test_a_user_who_may_do_nothing_is_told_so(server: Server) -> None:
    server.say("ACL SETUSER tinytown -@all")

    with pytest.raises(RedisForbids, match=r"'ping'.*docs/redis\.md"):
        fitness_of(_address(server), "tinytown")


def test_the_list_is_what_a_server_is_asked_for() -> None:
    assert permissions() == list(PERMISSIONS)


def test_the_list_holds_every_command_of_the_scripts_and_nothing_that_nobody_sends() -> None:
    scripts = "".join(path.read_text() for path in SOURCES.glob("tinytown/**/*.lua"))
    programs = "".join(_program(path) for path in (*SOURCES.glob("tinytown/*/*.py"), *SOURCES.glob("tinytown/*.py")))
    in_scripts = {_name(*said) for said in re.findall(r"redis\.p?call\('([A-Z]+)'(?:, '([A-Z]+)')?", scripts)}
    methods = {re.sub(r"_range$", "", name).replace("_", "|") for name in re.findall(r"(?:client|pipeline)\.([a-z_]+)\(", programs)}
    literal = {_name(*said) for said in re.findall(r"\"([A-Z]+)\"(?:, \"([A-Z]+)\")?", programs)}

    assert len(in_scripts) > 40
    assert in_scripts <= set(PERMISSIONS)
    assert set(PERMISSIONS) <= in_scripts | methods | literal | BY_REDIS_PY


def _program(path: Path) -> str:
    return "" if path.name in {"fitness.py", "testing.py"} else path.read_text()


def _name(command: str, first: str) -> str:
    """A command as it is permitted: with its subcommand where it is one that has some."""
    return f"{command}|{first}".lower() if command in {"XGROUP", "XINFO", "SCRIPT"} else command.lower()


def _address(server: Server) -> RedisAddress:
    return explicit_address(f"unix://tinytown:secret@{server.socket}", origin=Origin.ENVIRONMENT)
