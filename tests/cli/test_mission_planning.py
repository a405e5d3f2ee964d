"""`tt mission plan`, `tt mission start`: all that is to be done, before anything is stored."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.at_work import at_work, speak_as
from tests.cli.conftest import Tt
from tests.cli.mission_work import write_manifest
from tests.cli.ways import by_redis_only
from tinytown.domain.ids import is_uuid
from tinytown.town import Town

CIRCLE = {"Hen": ("implement", ("Egg",)), "Egg": ("implement", ("Hen",))}


def test_a_plan_shows_its_steps_and_begins_nothing(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place)

    said = tt("mission", "plan", "--manifest", "mission.toml")

    assert said.code == 0
    assert said.lines[0] == "3 items in 3 steps"
    assert [line for line in said.lines if "after" in line] == ["                          after mission.toml#design-it", *said.lines[-1:]]
    assert town.missions.list(active_only=False) == []


def test_a_plan_for_programs_has_items_with_their_steps(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place, more="[policy]\nmax_attempts = 2\n")

    plan = tt("mission", "plan", "-f", "mission.toml", "--json").json

    assert set(plan) == {"objectives", "items", "warnings", "policy"}
    assert [(item["title"], item["step"]) for item in plan["items"]] == [("Design it", 1), ("Make it", 2), ("Try it", 3)]
    assert plan["policy"] == {"max_attempts": 2}


def test_a_plan_as_a_chart(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place)

    said = tt("mission", "plan", "-f", "mission.toml", "--mermaid")

    assert said.lines[0] == "flowchart TD"
    assert "n1 --> n2" in said.out
    assert tt("mission", "plan", "-f", "mission.toml", "--mermaid", "--json").code == 2


def test_warnings_go_to_stderr(tt: Tt, town: Town, place: Path) -> None:
    (place / "plan.md").write_text("# Plan\n\n- [ ] one\n", encoding="utf-8")
    (place / "old.md").write_text("# Old\n\n- [x] all of it\n", encoding="utf-8")
    call = ("mission", "plan", "-d", "plan.md", "-d", "old.md")

    plain, data = tt(*call), tt(*call, "--json")

    assert plain.err == "warning: old.md has no open task\n"
    assert "old.md" not in plain.out
    assert (data.json["warnings"], data.err) == (["old.md has no open task"], "")


@by_redis_only("files are called from the folder of the town")
def test_documents_are_those_of_this_folder(tt: Tt, town: Town, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inner = place / "docs"
    inner.mkdir()
    (inner / "plan.md").write_text("- [ ] dig\n- [ ] fill\n", encoding="utf-8")
    (place / "top.md").write_text("- [ ] rest\n", encoding="utf-8")
    monkeypatch.chdir(inner)

    plan = tt("mission", "plan", "-d", "plan.md", "-d", "top.md", "--json").json

    assert [item["key"] for item in plan["items"]] == ["docs/plan.md#dig", "docs/plan.md#fill", "top.md#rest"]
    assert os.fspath(place) not in str(plan)


@pytest.mark.parametrize("command", ["plan", "start"])
def test_what_cannot_be_planned_is_refused_and_leaves_nothing(tt: Tt, town: Town, place: Path, command: str) -> None:
    write_manifest(place, CIRCLE)

    circle = tt("mission", command, "-f", "mission.toml")
    absent = tt("mission", command, "-d", "nowhere.md")
    nothing = tt("mission", command)

    assert [said.code for said in (circle, absent, nothing)] == [2, 2, 2]
    assert "mission.toml#hen -> mission.toml#egg -> mission.toml#hen" in circle.err
    assert "nowhere.md" in absent.err
    assert "--doc" in nothing.err
    assert town.missions.list(active_only=False) == []


def test_a_number_without_a_repository_says_what_to_write(tt: Tt, town: Town) -> None:
    said = tt("mission", "start", "-i", "12", "13")

    assert said.code == 2
    assert "owner/repo#12" in said.err


def test_start_prints_the_id_and_what_to_do_next(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place)

    said = tt("mission", "start", "-f", "mission.toml")

    assert said.code == 0
    assert is_uuid(said.out.strip())
    short = said.out[:8]
    assert said.err.startswith("3 items, 1 of which may be begun; 2 at a time, reviewed,")
    assert f"tt mission status {short} --follow" in said.err
    assert "no worker runs" in said.err
    assert town.missions.find(short).id == said.out.strip()


def test_options_are_the_policy_and_win_over_the_manifest(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place, more="[policy]\nmax_parallel_items = 3\nmax_attempts = 2\n")
    options = ["--max-parallel", "4", "--no-reviewer", "--auto-merge", "--dependency", "approved", "--no-checks", "wait"]
    limits = ["--item-timeout", "90", "--timeout", "2h"]

    view = tt("mission", "start", "-f", "mission.toml", *options, *limits, "--json").json

    assert {
        "max_parallel_items": 4,
        "reviewer_required": False,
        "auto_merge": True,
        "dependency": "approved",
        "no_checks": "wait",
        "max_attempts": 2,
        "item_timeout_secs": 90,
        "timeout_secs": 7200,
    }.items() <= view["mission"]["policy"].items()


def test_what_no_option_says_the_manifest_does(tt: Tt, town: Town, place: Path) -> None:
    write_manifest(place, more="[policy]\nreviewer_required = false\nauto_merge = true\n")

    policy = tt("mission", "start", "-f", "mission.toml", "--json").json["mission"]["policy"]

    assert (policy["reviewer_required"], policy["auto_merge"], policy["max_parallel_items"]) == (False, True, 2)


@pytest.mark.parametrize("option", [("--max-parallel", "0"), ("--timeout", "soon"), ("--dependency", "someday"), ("--max-attempts", "-1")])
def test_options_that_make_no_sense_are_refused(tt: Tt, town: Town, place: Path, option: tuple[str, str]) -> None:
    write_manifest(place)

    assert tt("mission", "start", "-f", "mission.toml", *option).code == 2
    assert town.missions.list(active_only=False) == []


def test_a_mission_is_of_the_agent_whose_turn_starts_it(tt: Tt, town: Town, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_manifest(place)
    town.spawn("ada", cli="shell")
    _, turn = at_work(town, "ada")
    speak_as(turn, monkeypatch)

    view = tt("mission", "start", "-f", "mission.toml", "--json").json

    assert view["mission"]["created_by"] == turn.agent.id
