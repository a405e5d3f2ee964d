"""What `[redis] persist` promises, and that changing it loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.redis_server.client import connected
from tests.redis_server.conftest import MakeTown


@pytest.mark.parametrize(
    ("persist", "expected"),
    [
        ("aof", {"appendonly": "yes", "appendfsync": "everysec", "save": ""}),
        ("always", {"appendonly": "yes", "appendfsync": "always", "save": ""}),
        ("snapshot", {"appendonly": "no", "appendfsync": "everysec", "save": "3600 1 300 100 60 10000"}),
        ("none", {"appendonly": "no", "appendfsync": "everysec", "save": ""}),
    ],
)
def test_each_word_is_what_the_server_does(make_town: MakeTown, program: Path, persist: str, expected: dict[str, str]) -> None:
    town = make_town(program, f'persist = "{persist}"')

    with connected(town.up()) as client:
        said = client.config_get(*expected)

    assert said == expected


@pytest.mark.parametrize(
    "words", [["snapshot", "aof"], ["aof", "snapshot"], ["aof", "snapshot", "always"], ["snapshot", "always", "snapshot"]]
)
def test_the_data_moves_along_when_the_word_changes(make_town: MakeTown, program: Path, words: list[str]) -> None:
    """A server told to log starts empty beside a snapshot, and the other way round."""
    town = make_town(program)
    for number, word in enumerate(words):
        town.configure(f'server = "{program}"\npersist = "{word}"')
        with connected(town.up()) as client:
            client.rpush("list", number)
        town.down()

    with connected(town.up()) as client:
        assert client.lrange("list", 0, -1) == [str(number) for number in range(len(words))]


def test_keeping_nothing_leaves_what_was_kept_before(make_town: MakeTown, program: Path) -> None:
    town = make_town(program)
    with connected(town.up()) as client:
        client.set("old", "kept")
    town.down()

    town.configure(f'server = "{program}"\npersist = "none"')
    with connected(town.up()) as client:
        assert client.dbsize() == 0
        client.set("new", "lost")
    town.down()

    town.configure(f'server = "{program}"')
    with connected(town.up()) as client:
        assert client.keys() == ["old"]
