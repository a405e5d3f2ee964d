"""`tt mission watches`, `snooze`, `override-watch`: what is watched of pull requests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.cli.mission_work import begun, tick, work_done
from tinytown.domain.watch import WatchKind, WatchStatus
from tinytown.services.mission_reading import MissionView
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _no_github(monkeypatch: pytest.MonkeyPatch) -> None:
    """GitHub is where nobody listens: each look is in vain."""
    monkeypatch.setenv("TINYTOWN_GITHUB__API_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GITHUB_TOKEN", "none")


@pytest.fixture
def watched(town: Town, place: Path) -> MissionView:
    """A mission whose item has a pull request that cannot be looked at."""
    town.spawn("ada", cli="shell")
    return work_done(town, tick(town, begun(town, place, {"Make it": ("implement", ())})), "made acme/shop#40")


def test_watches_say_what_they_found_and_when_they_look_again(tt: Tt, watched: MissionView) -> None:
    said = tt("mission", "watches", watched.mission.short_id)

    assert said.lines[0].split() == ["ID", "PULL", "REQUEST", "WATCH", "STATUS", "NEXT", "LOOK", "FINDING"]
    assert {line.split()[2] for line in said.lines if "acme/shop#40" in line and "in vain" not in line} == set(WatchKind)
    assert "1 look in vain: " in said.out
    shown = tt("mission", "status", watched.mission.short_id)
    assert "pull request acme/shop#40" in shown.out
    assert "watches:" in shown.lines


def test_watches_for_programs(tt: Tt, watched: MissionView) -> None:
    data = tt("mission", "watches", watched.mission.short_id, "--json").json

    assert {watch["kind"] for watch in data} == set(WatchKind)
    assert {watch["target"]["number"] for watch in data} == {40}


def test_without_a_pull_request_nothing_is_watched(tt: Tt, town: Town, place: Path) -> None:
    said = tt("mission", "watches", begun(town, place).mission.id)

    assert (said.code, said.out, "nothing is watched" in said.err) == (0, "", True)


@pytest.mark.parametrize(("text", "span"), [("90", timedelta(seconds=90)), ("90s", timedelta(seconds=90)), ("2h", timedelta(hours=2))])
def test_a_watch_is_put_off(tt: Tt, town: Town, watched: MissionView, text: str, span: timedelta) -> None:
    watch = watched.watches[0]
    before = town.desk.now()

    said = tt("mission", "snooze", watched.mission.short_id, watch.id[:8], text)

    assert said.code == 0
    later = next(one for one in town.missions.view(watched.mission.id).watches if one.id == watch.id)
    assert later.status is WatchStatus.SNOOZED
    assert span <= later.next_due_at - before < span + timedelta(seconds=10)


@pytest.mark.parametrize("text", ["soon", "0", "-5", "99999999w"])
def test_no_length_of_time(tt: Tt, watched: MissionView, text: str) -> None:
    assert tt("mission", "snooze", watched.mission.short_id, watched.watches[0].id, text).code == 2


def test_an_override_is_kept_with_who_said_so_and_why(tt: Tt, watched: MissionView) -> None:
    mission, watch = watched.mission.short_id, watched.watches[0]

    said = tt("mission", "override-watch", mission, watch.id[:8], "CI is down", "--json").json

    assert (said["override"]["by"], said["override"]["reason"]) == ("operator", "CI is down")
    assert "overridden by operator" in tt("mission", "watches", mission).out
    assert tt("mission", "override-watch", mission, watch.id, " ").code == 2
    assert tt("mission", "override-watch", mission, watch.id).code == 2


def test_a_watch_that_is_not_there(tt: Tt, watched: MissionView) -> None:
    codes = [tt("mission", "snooze", watched.mission.id, "9999ffff", "60").code]
    codes += [tt("mission", "override-watch", watched.mission.id, "9999ffff", "because").code]

    assert codes == [3, 3]
