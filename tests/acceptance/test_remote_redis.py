"""A town whose Redis is far away: reached by REDIS_URL alone, through TLS and a poor user, or by way of sentinels."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis
import trustme

from tests.acceptance.halls import Hall
from tests.acceptance.household import Household
from tests.acceptance.remote import Watched, free_ports, secured
from tests.server import Server
from tests.waiting import wait_until
from tinytown.config import Origin, explicit_address
from tinytown.errors import RedisIsCluster
from tinytown.redis_server import fitness_of

OpenHouse = Callable[[str], Household]


@pytest.fixture
def open_house(place: Path, home: Path) -> Iterator[OpenHouse]:
    """Opens a household without a town file; it is closed after the test."""
    with ExitStack() as closing:

        def open_it(url: str) -> Household:
            house = Household(place, home, url, settings=None)
            closing.callback(house.close)
            return house

        yield open_it


@pytest.fixture
def watched(redis_server_binary: Path) -> Iterator[Watched]:
    """A master, its replica, and a sentinel."""
    three = Watched(redis_server_binary)
    try:
        three.start()
        yield three
    finally:
        three.remove()


@pytest.fixture(params=["lists", "streams"])
def town_and_server(request: pytest.FixtureRequest, open_house: OpenHouse, tls_server_binary: Path) -> Iterator[tuple[Household, Server]]:
    """A household of either kind, and its server behind TLS; with lists, callers have to show certificates."""
    is_list = request.param == "lists"
    server, url = secured(tls_server_binary, trustme.CA(), callers_show_certificates=is_list)
    house = open_house(url)
    house.env["TINYTOWN_USE_STREAMS"] = "false" if is_list else "true"
    yield house, server
    house.close()
    server.remove()


def test_a_town_lives_behind_tls_with_no_more_permissions_than_are_documented(town_and_server: tuple[Household, Server]) -> None:
    house, server = town_and_server

    _live(house)

    assert _denials(server) == []


def _live(house: Household) -> None:
    """A day in a town, by its commands."""
    clock, worker, hall = house.tt("clock"), house.tt("worker", "--idle-timeout", "0"), Hall(house)
    clock.says("leading, epoch 1")
    worker.says("of town tinytown serves control and agents")

    spawned = _said(house, "spawn", "ada", "--cli", "shell")
    done = _said(house, "assign", "ada", "tt status", "--wait")
    sent = _said(house, "send", "ada", "echo by mail")
    _said(house, "wait", "ada")
    inbox, logs, events = _said(house, "inbox", "ada"), _said(house, "logs", "ada"), _said(house, "events")
    _said(house, "backlog", "add", "later")
    backlog = _said(house, "backlog", "list")
    _said(house, "interrupt", "ada")
    _said(house, "resume", "ada")
    _said(house, "status", "--deep")
    _said(house, "mission", "list")
    ready, signal = hall.get("/ready"), hall.get("/api/scaling")

    assert "ada" in spawned
    assert "town   tinytown" in done
    assert "ada wakes up" in sent
    assert "0 waiting" in inbox
    assert "by mail" in logs
    assert "task_completed" in events
    assert "later" in backlog
    assert (ready.status, signal.status) == (200, 200)
    assert (worker.terminated(), clock.terminated(), hall.program.terminated()) == (0, 0, 0)
    assert "Deleted: " in _said(house, "reset", "--yes")


def test_a_town_goes_on_when_another_server_takes_over(open_house: OpenHouse, watched: Watched) -> None:
    house = open_house(watched.url)
    hall, clock, worker = Hall(house), house.clock(), house.worker()
    house.spawn("ada", "bob")
    running = house.gated("ada")
    waiting = house.town.assign("bob", "echo later")
    house.town.tasks.wait(waiting.id)
    assert hall.get("/ready").status == 200

    watched.lose_the_master()
    house.open()
    wait_until(lambda: watched.replica_leads, 20)
    said = _said(house, "assign", "bob", "echo anew", "--wait")
    ended = house.town.wait(running.id, 20)

    assert "anew" in said.splitlines()
    assert (ended.state, ended.result) == ("completed", "through\n")
    assert len(house.runs_of()) == 1
    wait_until(lambda: hall.get("/ready").status == 200, 10)
    assert (worker.terminated(), clock.terminated(), hall.program.terminated()) == (0, 0, 0)
    assert "knock" not in worker.output + clock.output + hall.program.output


def test_a_server_in_cluster_mode_is_refused_in_a_sentence(open_house: OpenHouse, redis_server_binary: Path) -> None:
    port, bus = free_ports(2)
    server = Server(redis_server_binary, more=f"bind 127.0.0.1\nport {port}\ncluster-enabled yes\ncluster-port {bus}\n")
    server.start()
    try:
        assert server.say("CLUSTER ADDSLOTSRANGE 0 16383") == "+OK"
        house = open_house(f"redis://127.0.0.1:{port}")

        clock, status = house.tt("clock"), house.tt("status")

        for each in (clock, status):
            assert each.status() == 5
            assert re.fullmatch(r"tt: Redis at \S+ is in cluster mode, which Tinytown does not support \(.*\); .*\n", each.output)
        with pytest.raises(RedisIsCluster):
            fitness_of(explicit_address(house.env["REDIS_URL"], origin=Origin.ENVIRONMENT), "tinytown")
    finally:
        server.remove()


def _said(house: Household, *words: str) -> str:
    """What a command of ours says; it must go well."""
    command = house.tt(*words)
    assert command.status(30) == 0, command.output
    return command.output


def _denials(server: Server) -> list[str]:
    """What was asked of the server and not allowed."""
    with redis.Redis(unix_socket_path=str(server.socket), decode_responses=True) as client:
        return [f"{entry['username']}: {entry['object']}" for entry in client.acl_log()]
