"""`tt mission approve`, `reject`, `redirect`, `retry`, `update`: what is decided about single items."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.at_work import at_work, speak_as, type_in
from tests.cli.conftest import Tt
from tests.cli.mission_work import begun, items_of, tick, work_done
from tinytown.domain.work_item import WorkStatus
from tinytown.services.mission_reading import MissionView
from tinytown.town import Town

ONE = {"Make it": ("implement", ())}
TWO = {"Make it": ("implement", ()), "Mend it": ("implement", ())}


@pytest.fixture
def judged(town: Town, place: Path) -> MissionView:
    """A mission whose only item waits for a verdict, of ada's work."""
    town.spawn("ada", cli="shell")
    return work_done(town, tick(town, begun(town, place, ONE)))


@pytest.fixture
def both(town: Town, place: Path) -> MissionView:
    """A mission whose two items wait for verdicts."""
    town.spawn("ada", cli="shell")
    town.spawn("bob", cli="shell")
    return work_done(town, tick(town, begun(town, place, TWO)))


def test_the_item_that_waits_is_approved(tt: Tt, judged: MissionView) -> None:
    said = tt("mission", "approve", judged.mission.short_id, "--remark", "looks good", "--json").json

    assert (said["status"], said["review"]["by"], said["review"]["remark"]) == ("done", "operator", "looks good")


def test_an_item_is_named_by_its_id_or_its_source(tt: Tt, town: Town, both: MissionView) -> None:
    mission, items = both.mission.short_id, items_of(both)

    unsure = tt("mission", "approve", mission)
    first = tt("mission", "approve", mission, items["Make it"].id[:4])
    other = tt("mission", "approve", mission, "mission.toml#mend-it")

    assert (unsure.code, first.code, other.code) == (4, 0, 0)
    assert items["Make it"].short_id in unsure.err
    assert first.out == f"Item {items['Make it'].short_id} is done: Make it\n"
    assert tt("mission", "approve", mission, "9999aaaa").code in {3, 4}


def test_an_author_cannot_judge_its_own_work(tt: Tt, town: Town, judged: MissionView, monkeypatch: pytest.MonkeyPatch) -> None:
    _, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)

    codes = [tt("mission", "approve", judged.mission.id).code, tt("mission", "reject", judged.mission.id, "bad").code]

    assert codes == [2, 2]


def test_another_agent_judges_by_its_name(tt: Tt, town: Town, judged: MissionView, monkeypatch: pytest.MonkeyPatch) -> None:
    town.spawn("grace", cli="shell")
    _, turn = at_work(town, "grace")
    speak_as(turn, monkeypatch)

    assert tt("mission", "approve", judged.mission.id, "--json").json["review"]["by"] == "grace"


def test_a_rejected_item_is_mended_for_that_reason(tt: Tt, town: Town, judged: MissionView) -> None:
    said = tt("mission", "reject", judged.mission.short_id, "no test of the error path", "--json").json

    assert (said["review"]["verdict"], said["review"]["remark"]) == ("reject", "no test of the error path")
    assert "no test of the error path" in said["fix"]


def test_a_reason_may_come_from_anywhere(tt: Tt, both: MissionView, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "review.md").write_text("too slow", encoding="utf-8")
    mission, items = both.mission.short_id, items_of(both)

    from_file = tt("mission", "reject", mission, items["Make it"].short_id, "--file", "review.md", "--json").json
    type_in(b"too big", monkeypatch)
    from_stdin = tt("mission", "reject", mission, items["Mend it"].short_id, "-", "--json").json

    assert (from_file["review"]["remark"], from_stdin["review"]["remark"]) == ("too slow", "too big")


def test_an_item_without_a_reason_is_no_reason(tt: Tt, town: Town, judged: MissionView) -> None:
    """`reject MISSION ITEM` would send the item's id to its author as what is wrong."""
    (item,) = judged.items

    said = tt("mission", "reject", judged.mission.short_id, item.short_id)

    assert said.code == 2
    assert f"tt mission reject {judged.mission.short_id} {item.short_id} REASON" in said.err
    assert town.missions.view(judged.mission.id).items == judged.items


@pytest.mark.parametrize("words", [(), ("1234", "not", "quoted"), ("1234", "a", "--file", "x")])
def test_reject_says_how_it_is_called(tt: Tt, judged: MissionView, words: tuple[str, ...]) -> None:
    assert tt("mission", "reject", judged.mission.short_id, *words).code == 2


def test_an_item_goes_to_another_agent(tt: Tt, town: Town, place: Path) -> None:
    town.spawn("ada", cli="shell")
    view = tick(town, begun(town, place, ONE))
    grace = town.spawn("grace", cli="shell")

    said = tt("mission", "redirect", view.mission.short_id, view.items[0].short_id, "GRACE", "--reason", "ada is away")

    assert said.out == f"grace gets {view.items[0].short_id}: Make it\n"
    assert town.missions.view(view.mission.id).items[0].assigned_to == grace.id
    assert tt("mission", "redirect", view.mission.short_id, "ada", "--json").json["author"] == town.agents.find("ada").id


def test_a_redirection_to_nobody_is_refused(tt: Tt, town: Town, place: Path) -> None:
    view = begun(town, place, ONE)

    codes = [
        tt("mission", "redirect", view.mission.short_id, *words).code for words in (("nobody",), (), ("a", "b", "c"), (view.items[0].id,))
    ]

    assert codes == [3, 2, 2, 3]


def test_what_failed_is_tried_again(tt: Tt, town: Town, place: Path) -> None:
    town.spawn("ada", cli="shell")
    view = tick(town, begun(town, place, TWO, max_attempts=1, max_parallel_items=1))
    (item,) = [item for item in view.items if item.task_id is not None]
    assert item.task_id is not None
    town.tasks.fail(item.task_id, "cannot be done")
    for _ in range(2):
        view = tick(town, view)
    assert [one.status for one in view.items if one.id == item.id] == [WorkStatus.FAILED]

    said = tt("mission", "retry", view.mission.short_id)

    assert said.out == f"Item {item.short_id} is ready: {item.label}\n"
    assert tt("mission", "retry", view.mission.short_id).err == "nothing failed or waits for help\n"
    assert tt("mission", "retry", view.mission.short_id, "--json").json == []


def test_how_an_item_stands_is_said_by_people(tt: Tt, town: Town, place: Path) -> None:
    view = begun(town, place)
    mission, items = view.mission.short_id, items_of(view)
    first = items["Design it"].short_id

    held = tt("mission", "update", mission, first, "--status", "blocked", "--json").json
    made = tt("mission", "update", mission, first, "--artifact", "docs/design.md", "--status", "done").out
    early = tt("mission", "update", mission, items["Try it"].short_id, "--status", "done")

    assert (held["status"], held["waiting_on"]) == ("blocked", "operator")
    assert made == f"Item {first} is done: Design it\n"
    assert town.missions.item(mission, first).artifact_refs == ("docs/design.md",)
    assert early.code == 4
    assert tt("mission", "update", mission, first).code == 2
    assert tt("mission", "update", mission, first, "--status", "running").code == 2
