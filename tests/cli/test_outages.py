"""Redis that is away, or goes away, while a command looks at a town."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Said, Tt
from tinytown.errors import RedisUnavailable
from tinytown.store.client import ClientConnection
from tinytown.store.resp import RespConnection
from tinytown.town import Town

COMMANDS = [("reset", "--yes"), ("events",), ("history",), ("logs",), ("dlq", "list"), ("dlq", "requeue", "--all")]


@pytest.mark.parametrize("arguments", COMMANDS)
def test_without_redis_a_command_says_so_and_ends_with_5(
    arguments: tuple[str, ...], tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "unix:///nowhere.sock")

    said = tt(*arguments)

    assert said == Said(5, "", "tt: cannot reach Redis at unix:///nowhere.sock: nobody listens there\n")


@pytest.mark.parametrize("arguments", [*COMMANDS, ("towns",)])
def test_redis_gone_in_the_middle_is_an_error_of_one_sentence(
    arguments: tuple[str, ...], tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: object, *_: object) -> None:
        raise RedisUnavailable("unix:///x", "connection lost")

    for kind in (RespConnection, ClientConnection):
        monkeypatch.setattr(kind, "call", gone)
        monkeypatch.setattr(kind, "calls", gone)

    said = tt(*arguments)

    assert said.code == (0 if arguments == ("towns",) else 5)
    assert "connection lost" in said.err
    assert "Traceback" not in said.err


def test_bad_settings_are_told_in_json_too(tt: Tt, place: Path) -> None:
    (place / "tinytown.toml").mkdir()

    said = tt("reset", "--yes", "--json")

    assert said.code == 2
    assert json.loads(said.err)["error"]["code"] == "settings"
