"""`tt mission`: lists, sheets, and what is said to a whole mission."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.at_work import at_work, speak_as, type_in
from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.cli.mission_work import begun, items_of, tick, work_done, write_manifest
from tests.waiting import wait_until
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import Hold, MissionState
from tinytown.services.mission_reading import MissionView
from tinytown.town import Town

ALL = "status note pause resume stop approve reject redirect retry update complete fail delete watches snooze override-watch events".split()
MORE = {
    "note": ["hello"], "reject": ["1234", "bad"], "redirect": ["ada"], "update": ["1234", "--status", "done"], "snooze": ["1234", "60"],
    "override-watch": ["1234", "because"],
}  # fmt: skip


@pytest.fixture
def view(town: Town, place: Path) -> MissionView:
    """A mission of three items, each after the other."""
    return begun(town, place)


def test_no_mission_yet(tt: Tt, town: Town) -> None:
    assert tt("mission", "list", "--json").json == []
    assert (tt("mission", "list").out, tt("mission", "status").out) == ("", "")
    assert tt("mission", "list", "--all").err == "no missions\n"


def test_the_list_has_what_has_not_ended(tt: Tt, town: Town, place: Path, view: MissionView) -> None:
    other = begun(town, place)
    town.missions.fail(other.mission.id, "no use", by="operator")

    some, everything = tt("mission", "list"), tt("mission", "list", "--all")

    assert [line.split()[:3] for line in some.lines] == [["ID", "STATE", "DONE"], [view.mission.short_id, "running", "0/3"]]
    assert {line.split()[0] for line in everything.lines[1:]} == {view.mission.short_id, other.mission.short_id}
    assert f"{other.mission.short_id} because: no use" in everything.lines
    assert [line.split()[:5] for line in tt("mission", "status").lines] == [line.split()[:5] for line in some.lines]


def test_the_list_for_programs(tt: Tt, view: MissionView) -> None:
    (line,) = tt("mission", "list", "--json").json

    assert set(line) == {"mission", "items_total", "items_done", "items_failed", "items_waiting"}
    assert (line["mission"]["id"], line["items_total"], line["items_waiting"]) == (view.mission.id, 3, 2)
    assert "errands" not in line["mission"]


def test_the_sheet_says_who_is_at_what_and_what_waits(tt: Tt, town: Town, view: MissionView) -> None:
    town.spawn("ada", cli="shell")
    tick(town, view)

    said = tt("mission", "status", view.mission.id[:4])

    assert said.lines[0] == f"mission     {view.mission.id}"
    assert "  3 items: 1 assigned, 2 pending" in said.lines
    row = next(line for line in said.lines if line.strip().startswith(items_of(view)["Design it"].short_id))
    assert row.split()[1:6] == ["assigned", "design", "-", "ada", "1/5"]
    assert "waits (dependency) for Design it" in said.out
    assert "events:" in said.lines


def test_the_sheet_shows_more_on_request(tt: Tt, town: Town, view: MissionView) -> None:
    town.missions.note(view.mission.id, "mind the gap", sender="operator")

    plain, whole = tt("mission", "status", view.mission.id), tt("mission", "status", view.mission.id, "--work", "--watch", "--dispatcher")

    assert "mind the gap (pending)" in plain.out
    assert "dispatcher:" in whole.lines
    assert "1 pending, 0 dealt with" in whole.out
    assert "      branch tt/design-it-" in whole.out
    assert "      branch " not in plain.out


def test_the_sheet_for_programs(tt: Tt, view: MissionView) -> None:
    sheet = tt("mission", "status", view.mission.short_id, "--json").json

    assert set(sheet) == {"mission", "items", "watches", "notes", "last_tick_at"}
    assert [item["title"] for item in sheet["items"]] == ["Design it", "Make it", "Try it"]
    assert "errands" not in sheet["mission"]


def test_a_big_mission_shows_first_what_is_not_finished(tt: Tt, town: Town, place: Path) -> None:
    view = begun(town, place, {f"Item {number}": ("design", ()) for number in range(30)})

    plain, whole = tt("mission", "status", view.mission.id), tt("mission", "status", view.mission.id, "--work")

    assert sum(line.split()[1:3] == ["ready", "design"] for line in plain.lines) == 20
    assert "  … 30 items in all: --work shows them" in plain.lines
    assert all(item.short_id in whole.out for item in view.items)


def test_only_one_mission_can_be_looked_into(tt: Tt, view: MissionView) -> None:
    assert tt("mission", "status", "--work").code == 2
    assert tt("mission", "status", view.mission.id, "--work", "--follow").code == 2


@pytest.mark.parametrize("command", ALL)
def test_a_mission_that_is_not_there_is_not_found(tt: Tt, town: Town, command: str) -> None:
    town.spawn("ada", cli="shell")

    said = tt("mission", command, "0123abcd", *MORE.get(command, []))

    assert (said.code, "0123abcd" in said.err) == (3, True)


@pytest.mark.parametrize("command", ALL)
def test_an_id_that_could_be_either_is_refused(tt: Tt, town: Town, place: Path, command: str) -> None:
    plan = town.planner.plan([], manifest=write_manifest(place))
    for tail in ("a", "b"):
        town.missions.start(plan, identity=MissionId(f"0123abcd-0000-4000-8000-00000000000{tail}"))
    town.spawn("ada", cli="shell")

    said = tt("mission", command, "0123", *MORE.get(command, []))

    assert (said.code, "00000000000a" in said.err, "00000000000b" in said.err) == (4, True, True)


@pytest.mark.parametrize("command", [name for name in ALL if name not in {"status", "events", "watches", "delete", "snooze"}])
def test_a_mission_that_has_ended_stays_as_it_is(tt: Tt, town: Town, view: MissionView, command: str) -> None:
    town.spawn("ada", cli="shell")
    town.missions.complete(view.mission.id, by="operator")
    more = [view.items[0].id if word == "1234" else word for word in MORE.get(command, [])]

    said = tt("mission", command, view.mission.id, *more)

    assert said.code in {3, 4} if command in {"override-watch", "redirect"} else said.code == 4
    assert town.missions.find(view.mission.id).state is MissionState.COMPLETED


def test_a_note_is_kept_for_the_next_tick(tt: Tt, town: Town, view: MissionView, monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    (place / "note.md").write_text("from a file", encoding="utf-8")

    short = view.mission.short_id
    assert tt("mission", "note", short, "the API stays").code == 0
    assert tt("mission", "note", short, "--file", "note.md", "--json").json["sender"] == "operator"
    type_in(b"from stdin", monkeypatch)
    assert tt("mission", "note", short, "-").code == 0

    assert {note.body for note in town.missions.view(short).notes} == {"the API stays", "from a file", "from stdin"}
    assert (tt("mission", "note", short).code, tt("mission", "note", short, " ").code) == (2, 2)


def test_an_agent_is_named_by_its_notes(tt: Tt, town: Town, view: MissionView, monkeypatch: pytest.MonkeyPatch) -> None:
    town.spawn("ada", cli="shell")
    _, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)

    assert tt("mission", "note", view.mission.id, "hello", "--json").json["sender"] == "ada"


def test_note_resume_resumes(tt: Tt, town: Town, view: MissionView) -> None:
    town.missions.pause(view.mission.id, by="operator")

    tt("mission", "note", view.mission.short_id, "resume")

    assert tick(town, view).mission.state is MissionState.RUNNING


def test_pause_resume_stop(tt: Tt, town: Town, view: MissionView) -> None:
    short = view.mission.short_id

    paused = tt("mission", "pause", short, "--reason", "release freeze")
    assert paused.out == f"Mission {short} is paused (it was running)\n"
    assert "held: paused by operator: release freeze" in tt("mission", "list").out
    assert tt("mission", "pause", short).code == 4
    assert tt("mission", "resume", short).out == f"Mission {short} is running (it was blocked)\n"
    assert tt("mission", "resume", short).out == f"Mission {short} is running\n"

    stopped = tt("mission", "stop", short, "--json").json
    assert (stopped["before"], stopped["mission"]["hold"]) == ("running", "stopped")
    assert town.missions.find(short).hold is Hold.STOPPED
    assert tt("mission", "stop", short, "--force").out == f"Mission {short} is failed (it was blocked)\n"


def test_complete_and_fail(tt: Tt, town: Town, place: Path) -> None:
    missions = [begun(town, place).mission.id for _ in range(3)]

    assert tt("mission", "complete", missions[0]).out.endswith("is completed (it was running)\n")
    assert tt("mission", "fail", missions[1]).code == 0
    assert tt("mission", "fail", missions[2], "too dear").code == 0

    reasons = [town.missions.find(mission).blocked_reason for mission in missions[1:]]
    assert reasons == ["given up by operator", "too dear"]


def test_delete_wants_an_end_or_force(tt: Tt, town: Town, place: Path) -> None:
    one, other = (begun(town, place).mission for _ in range(2))
    town.missions.fail(one.id, "no use", by="operator")

    codes = [tt("mission", "delete", mission.short_id).code for mission in (one, other)]

    assert codes == [0, 4]
    assert tt("mission", "delete", other.short_id, "--force", "--json").json["id"] == other.id
    assert town.missions.list(active_only=False) == []


def test_events_are_those_of_the_mission(tt: Tt, town: Town, view: MissionView) -> None:
    town.spawn("ada", cli="shell")

    events = tt("mission", "events", view.mission.short_id, "--json").json

    assert {event["mission_id"] for event in events} == {view.mission.id}
    assert events[0]["message"] == "begun with 3 items"
    assert len(tt("mission", "events", view.mission.short_id, "-n", 2).lines) == 2


def test_events_can_be_followed(place: Path, town: Town, view: MissionView) -> None:
    follower = Follower(place, "mission", "events", view.mission.short_id, "-f", "-n", "0")
    follower.wait_until_it_waits(town)

    town.missions.pause(view.mission.id, "lunch", by="operator")
    wait_until(lambda: len(follower.lines) == 1)

    assert follower.interrupt() == 130
    assert "paused by operator: lunch" in follower.lines[0]


def test_what_others_wrote_cannot_command_the_terminal(tt: Tt, town: Town, place: Path) -> None:
    view = begun(town, place, {"Make it": ("design", ())})
    town.spawn("ada", cli="shell")
    town.missions.note(view.mission.id, "\x1b[2Jgone", sender="operator")
    work_done(town, tick(town, view), "\x1b[2Jgone")

    said = tt("mission", "status", view.mission.id, "--work", "--dispatcher").out + tt("mission", "events", view.mission.id).out

    assert "\x1b" not in said


def test_the_town_s_status_says_that_missions_are_under_way(tt: Tt, view: MissionView) -> None:
    assert "1 mission under way: `tt mission status`" in tt("status").out
    assert tt("status", "--json").json["missions"] == 1
    tt("mission", "complete", view.mission.id)

    assert "under way" not in tt("status").out
