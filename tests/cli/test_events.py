"""`tt events`, `tt history`: the newest, oldest first, and each once."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.waiting import wait_until
from tinytown.town import Town


def test_events_are_the_newest_oldest_first(tt: Tt, town: Town) -> None:
    for number in range(30):
        town.spawn(f"a{number}")

    said = tt("events", "-n", "3")

    assert [line.split()[2] for line in said.lines] == ["a27", "a28", "a29"]


def test_events_of_one_agent(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    town.spawn("bob")

    said = tt("events", "--agent", "bob", "--json")

    assert [event["message"] for event in said.json] == ["bob was spawned (shell)"]
    assert tt("events", "--agent", "eve").code == 3


def test_a_follower_sees_each_event_once_and_asks_seldom(place: Path, town: Town) -> None:
    for number in range(3):
        town.spawn(f"early{number}")
    follower = Follower(place, "events", "-f", "-n", "2", "--json")
    wait_until(lambda: len(follower.lines) == 2)
    asked = follower.calls_of(town, "xread")

    for number in range(5):
        town.spawn(f"late{number}")
    wait_until(lambda: len(follower.lines) >= 7)

    assert follower.interrupt() == 130
    seen = [json.loads(line)["message"].split()[0] for line in follower.lines]
    assert seen == ["early1", "early2", "late0", "late1", "late2", "late3", "late4"]
    assert follower.calls_of(town, "xread") - asked <= 8


def test_a_follower_of_nothing_yet_sees_the_first_event(place: Path, town: Town) -> None:
    follower = Follower(place, "events", "-f", "-n", "0")
    follower.wait_until_it_waits(town)

    town.spawn("ada")
    wait_until(lambda: len(follower.lines) == 1)

    assert follower.interrupt() == 130
    assert "ada was spawned" in follower.lines[0]


def test_a_follower_gets_past_events_that_it_cannot_read(place: Path, town: Town) -> None:
    follower = Follower(place, "events", "-f", "-n", "0")
    follower.wait_until_it_waits(town)
    asked = follower.calls_of(town, "xread")

    town.desk.store.connection.call("XADD", town.events.stream(), "*", "data", '{"event_type":"from_the_future"}')
    town.spawn("ada")
    wait_until(lambda: len(follower.lines) == 1)

    assert follower.interrupt() == 130
    assert follower.calls_of(town, "xread") - asked <= 4


def test_a_follower_whose_redis_goes_says_so(place: Path, town: Town) -> None:
    follower = Follower(place, "events", "-f")
    follower.wait_until_it_waits(town)

    town.desk.store.connection.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    _, errors = follower.process.communicate(timeout=10)

    assert follower.process.returncode == 5
    assert errors.decode().startswith("tt: cannot reach Redis")


def test_history_is_filtered_before_it_is_limited(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    for number in range(50):
        town.spawn(f"a{number}")

    said = tt("history", "--agent", "ada", "-n", "5")

    assert len(said.lines) == 2
    assert said.lines[1].split()[1:3] == ["ada", "agent_spawned"]


def test_history_of_a_task_is_all_that_befell_it(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    task = town.assign("ada", "echo hello")
    town.tasks.deliver(task.id, ada.id)
    town.tasks.cancel(task.id)
    town.assign("ada", "something else")

    said = tt("history", "--task", task.short_id, "--json")

    assert [event["event_type"] for event in said.json] == ["task_assigned", "task_failed"]
    assert {event["task_id"] for event in said.json} == {task.id}


def test_history_names_those_who_are_gone_by_their_id(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    town.recovery.prune(everyone=True)

    said = tt("history")

    assert ada.short_id in said.lines[1]


def test_an_event_cannot_command_the_terminal(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    task = town.assign("ada", "\x1b[2Jgone")
    town.tasks.deliver(task.id, ada.id)

    assert "\x1b" not in tt("events").out + tt("history").out


def test_nothing_happened_yet(tt: Tt, town: Town) -> None:
    assert tt("events").out == tt("history").out == "Nothing happened yet.\n"
    assert tt("events", "--json").json == []
