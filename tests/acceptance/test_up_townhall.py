"""`tt up` serves the town over HTTP, too, and a town whose port is taken goes on without."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.halls import get
from tests.acceptance.household import QUICK, Household
from tests.redis_server.processes import is_running, kill
from tests.waiting import wait_until
from tinytown.runtime import holder_of
from tinytown.runtime.notice import Notice, notice_of


@pytest.fixture
def taken() -> Iterator[socket.socket]:
    """A port on which another program listens."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other


def test_townhall_comes_and_goes_with_the_town(homestead: Household) -> None:
    _set(homestead, "rest_port = 0")

    up = homestead.tt("up", "--detach")
    assert up.status() == 0, up.output
    notice = _listening(homestead)
    health = get(f"{notice.url}/health")
    status = homestead.tt("status")
    assert status.status() == 0
    down = homestead.tt("down")

    assert health.status == 200
    assert f"Townhall is at {notice.url}." in up.output
    assert f"http   {notice.url}" in status.output
    assert down.status() == 0, down.output
    assert not is_running(notice.pid)


def test_a_taken_port_is_said_once_and_waited_for(homestead: Household, taken: socket.socket) -> None:
    _set(homestead, f"rest_port = {taken.getsockname()[1]}")

    up = homestead.tt("up", "--detach")
    assert up.status() == 0, up.output
    waiting = notice_of(homestead.folder)
    taken.close()
    notice = _listening(homestead)
    log = (homestead.folder / ".tt" / "logs" / "townhall.log").read_text()

    assert "note: townhall waits: 127.0.0.1:" in up.output
    assert waiting is not None
    assert waiting.url is None
    assert get(f"{notice.url}/health").status == 200
    assert log.count("is taken by another program") == 1
    assert homestead.tt("down").status() == 0


def test_a_townhall_that_waits_ends_with_the_town(homestead: Household, taken: socket.socket) -> None:
    _set(homestead, f"rest_port = {taken.getsockname()[1]}")
    up = homestead.tt("up")
    for words in ("townhall waits", "serves control and agents", "leading"):
        up.says(words)

    status = up.terminated()

    assert status == 0, up.output


@pytest.mark.parametrize("options", [["--no-townhall"], []], ids=["--no-townhall", "enabled = false"])
def test_a_town_goes_without_if_that_is_wanted(homestead: Household, options: list[str]) -> None:
    if not options:
        _set(homestead, "enabled = false")

    up = homestead.tt("up", "--detach", *options)
    status = up.status()
    holder = holder_of(homestead.folder)

    assert status == 0, up.output
    assert holder is not None
    assert set(holder.processes) == {"clock", "worker"}


def test_it_ends_when_the_supervisor_is_killed(homestead: Household) -> None:
    _set(homestead, "rest_port = 0")
    homestead.tt("up", "--detach").status()
    notice = _listening(homestead)
    holder = holder_of(homestead.folder)
    assert holder is not None

    kill(holder.pid)

    wait_until(lambda: not is_running(notice.pid), 10)
    assert notice_of(homestead.folder) is None


def _set(homestead: Household, line: str) -> None:
    Path(homestead.folder / "tinytown.toml").write_text(f"{QUICK}\n[townhall]\n{line}\n")


def _listening(homestead: Household) -> Notice:
    """Its notice, once it listens."""
    wait_until(lambda: (found := notice_of(homestead.folder)) is not None and found.url is not None, 10)
    notice = notice_of(homestead.folder)
    assert notice is not None
    return notice
