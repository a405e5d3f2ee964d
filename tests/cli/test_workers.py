"""`tt workers`: who is there, and letting one go."""

from __future__ import annotations

from datetime import timedelta

from tests.cli.at_work import at_work
from tests.cli.conftest import Tt
from tinytown.domain.worker import Drain, Worker
from tinytown.town import Town


def _there(town: Town, name: str = "castle:47:ab", **said: object) -> None:
    now = town.desk.store.turns.now_ms()
    worker = {"id": name, "host": "castle", "pid": 47, "queues": ("agents",), "concurrency": 4, "started_at": now, "seen_at": now}
    town.desk.store.workers.register(Worker(**{**worker, **said}), timedelta(seconds=30))  # type: ignore[arg-type]


def test_workers_are_listed_with_what_they_are_at(tt: Tt, town: Town) -> None:
    _there(town)

    said, data = tt("workers"), tt("workers", "--json").json

    assert said.lines[0].split() == ["ID", "STATE", "TURNS", "QUEUES", "SEEN", "VERSION", "REMOVABLE"]
    assert said.lines[1].split()[:4] == ["castle:47:ab", "idle", "0/4", "agents"]
    assert said.lines[1].endswith("yes")
    assert [(row["id"], row["state"], row["removable"], row["pid"]) for row in data] == [("castle:47:ab", "idle", True, 47)]


def test_a_town_without_workers_says_so(tt: Tt, town: Town) -> None:
    assert (tt("workers").out, tt("workers", "--json").json) == ("", [])
    assert "no worker is there" in tt("workers").err
    assert tt("workers", "drain", "castle").code == 3
    assert town.workers.all() == []


def test_a_busy_worker_is_asked_only_when_that_is_wanted(tt: Tt, town: Town) -> None:
    town.spawn("ada", cli="shell")
    at_work(town, "ada")
    _there(town, "a-worker", running=())

    refused, asked = tt("workers", "drain", "a-worker", "--if-idle"), tt("workers", "drain", "a-w", "--json")

    assert (refused.code, refused.out) == (4, "")
    assert "runs a turn" in refused.err
    assert (asked.code, asked.json) == (0, {"id": "a-worker", "draining": True, "gone": False})
    assert town.workers.asked_to_drain("a-worker") is Drain.GRACE


def test_one_that_does_not_end_is_waited_for_no_longer_than_that(tt: Tt, town: Town) -> None:
    _there(town)

    said = tt("workers", "drain", "castle", "--wait", "--timeout", "0.1")

    assert said.code == 1
    assert "the end of worker castle:47:ab did not happen within 0.1 s" in said.err
