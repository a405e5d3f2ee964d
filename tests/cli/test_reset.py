"""`tt reset`: nothing is lost by mistake, and nothing comes back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from tests.cli.conftest import Tt
from tinytown.domain.worker import Worker
from tinytown.services.turns import Ending
from tinytown.town import Town


def test_reset_asks_before_anything_is_lost(tt: Tt, town: Town) -> None:
    town.spawn("ada")

    said = tt("reset")

    assert said.code == 2
    assert "1 agents" in said.out
    assert "--yes" in said.err
    assert len(town.agents.all()) == 1


def test_reset_deletes_this_town_and_no_other(tt: Tt, town: Town, place: Path) -> None:
    town.spawn("ada")
    tt("--town", place / "other", "init", "--name", "shop2")
    with Town.connect(place / "other") as other:
        other.spawn("bob")

        said = tt("reset", "--yes", "--json")

        assert said.code == 0
        assert said.json["keys"] > 0
        assert town.agents.all() == []
        assert town.desk.store.connection.call("KEYS", "tt:shop:*") == []
        assert [agent.name for agent in other.agents.all()] == ["bob"]


def test_reset_of_agents_keeps_their_tasks_in_the_backlog(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    task = town.assign("ada", "echo hello")
    town.tasks.deliver(task.id, ada.id)

    said = tt("reset", "--agents-only", "--yes", "--json")

    assert said.json == {"town": "shop", "agents": ["ada"], "stayed": {}}
    assert town.agents.all() == []
    assert [one.id for one in town.backlog.list()] == [task.id]


def test_reset_refuses_while_workers_run_unless_forced(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    now = town.desk.store.turns.now_ms()
    worker = Worker(id="w1", host="here", pid=4711, queues=("agents",), concurrency=1, started_at=now, seen_at=now)
    town.desk.store.workers.register(worker, timedelta(seconds=60))

    refused = tt("reset", "--yes")
    forced = tt("reset", "--force")

    assert refused.code == 4
    assert "4711 on here" in refused.err
    assert forced.code == 0
    assert town.agents.all() == []


def test_a_turn_that_ends_after_a_reset_brings_nothing_back(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    task = town.assign("ada", "echo hello")
    town.tasks.deliver(task.id, ada.id)
    turn = town.turns.begin(ada.id, "w1", messages=1)
    assert turn is not None
    turn = town.turns.start(turn, [task.id])

    assert tt("reset", "--force").code == 0
    ended = town.turns.end(turn, Ending())

    assert ended is None
    assert town.desk.store.connection.call("KEYS", "tt:shop:*") == []
