"""`tt mission dispatch`: missions are driven in the foreground."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.cli.mission_work import begun, items_of
from tests.waiting import wait_until
from tinytown.domain.work_item import WorkStatus
from tinytown.town import Town

ONE = {"Make it": ("design", ())}


def test_once_says_what_happened_to_each(tt: Tt, town: Town, place: Path) -> None:
    town.spawn("ada", cli="shell")
    one, other = begun(town, place), begun(town, place, ONE)
    town.missions.note(other.mission.id, "hello")
    town.missions.stop(one.mission.id, by="operator")

    said = tt("mission", "dispatch", "--once")

    assert said.out == f"{other.mission.short_id}  running  1 note, 0 looks, 1 item moved\n"
    assert items_of(town.missions.view(other.mission.id))["Make it"].status is WorkStatus.ASSIGNED
    assert tt("mission", "dispatch", "--once").out == f"{other.mission.short_id}  running  nothing to do\n"


def test_once_for_one_mission_and_for_programs(tt: Tt, town: Town, place: Path) -> None:
    one, other = begun(town, place).mission, begun(town, place).mission

    outcomes = tt("mission", "dispatch", "--once", "--run", one.short_id, "--json").json

    assert [outcome["mission_id"] for outcome in outcomes] == [one.id]
    assert set(outcomes[0]) == {"mission_id", "driven", "notes", "looks", "moved", "state", "error"}
    assert town.missions.view(other.id).last_tick_at is None


def test_once_without_missions(tt: Tt, town: Town) -> None:
    said = tt("mission", "dispatch", "--once")

    assert (said.code, said.out, said.err) == (0, "", "no mission is to be driven\n")
    assert tt("mission", "dispatch", "--once", "--run", "0123abcd").code == 3


def test_what_another_drives_is_left_alone(tt: Tt, town: Town, place: Path) -> None:
    mission = begun(town, place).mission
    assert town.desk.store.missions.take(mission.id, "another", town.settings.mission.lock_ttl) == "taken"

    said = tt("mission", "dispatch", "--once")

    assert (said.code, said.out) == (0, f"{mission.short_id}  another process drives it at the moment\n")


def test_the_error_of_one_mission_stops_no_other(tt: Tt, town: Town, place: Path) -> None:
    broken, sound = begun(town, place).mission, begun(town, place).mission
    town.desk.store.connection.call("HSET", f"tt:{town.name}:mission:{broken.id}:work", "x", "no JSON")

    said = tt("mission", "dispatch", "--once")

    assert said.code == 1
    assert said.err.startswith(f"tt: mission {broken.short_id}: ")
    assert said.out.split()[0] == sound.short_id


def test_it_goes_on_until_it_is_asked_to_end(place: Path, town: Town) -> None:
    town.spawn("ada", cli="shell")
    dispatcher = Follower(place, "mission", "dispatch", "--json")
    first = begun(town, place, ONE)
    wait_until(lambda: len(dispatcher.lines) >= 1)

    town.missions.note(first.mission.id, "hello")  # rings
    wait_until(lambda: any(json.loads(line)["notes"] for line in dispatcher.lines))

    dispatcher.process.send_signal(signal.SIGTERM)
    dispatcher.process.communicate(timeout=10)
    assert dispatcher.process.returncode == 0


def test_with_one_mission_it_ends_when_that_does(place: Path, town: Town) -> None:
    town.spawn("ada", cli="shell")
    view, other = begun(town, place, ONE), begun(town, place)
    dispatcher = Follower(place, "mission", "dispatch", "--run", view.mission.short_id)
    wait_until(lambda: town.missions.view(view.mission.id).last_tick_at is not None)

    task = town.missions.view(view.mission.id).items[0].task_id
    assert task is not None
    town.tasks.complete(task, "done")

    _, errors = dispatcher.process.communicate(timeout=20)
    assert (dispatcher.process.returncode, errors) == (0, b"")
    assert dispatcher.lines[-1] == f"{view.mission.short_id}  completed  0 notes, 0 looks, 1 item moved"
    assert town.missions.view(other.mission.id).last_tick_at is None


def test_it_bears_with_a_redis_that_is_away(place: Path, town: Town) -> None:
    dispatcher = Follower(place, "mission", "dispatch")
    view = begun(town, place)
    wait_until(lambda: town.missions.view(view.mission.id).last_tick_at is not None)

    town.desk.store.connection.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    town.missions.note(view.mission.id, "hello")
    wait_until(lambda: all(note.processed_at is not None for note in town.missions.view(view.mission.id).notes))

    assert dispatcher.interrupt() == 0
