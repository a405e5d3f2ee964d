"""Defect 39: done means merged; and what is not to be merged any more is not."""

from __future__ import annotations

import pytest

from tests.missions.stage import (
    deliver,
    item,
    later,
    made,
    merged,
    mission_of,
    planned,
    pull,
    ref,
    tick,
    turn,
)
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import MissionState
from tinytown.domain.pull_request import Mergeable
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import GitHubUnavailable
from tinytown.testing import Rehearsal

AWAY = GitHubUnavailable("no route", retry_after=1)


def test_what_is_approved_and_good_is_done_when_it_is_merged(town: Rehearsal) -> None:
    """Defect 39: what depends on it begins from a base that has it."""
    mission = made(town, 1, planned(2, 1))
    turn(town, "rex")
    tick(town, mission, times=3)
    before = (item(town, mission, 1).waiting_on, item(town, mission, 2).status)

    merged(town, 101)
    later(town, 181)
    tick(town, mission)

    assert before == (Waiting.MERGE, WorkStatus.PENDING)
    assert item(town, mission, 1).status is WorkStatus.DONE
    assert item(town, mission, 2).status is WorkStatus.ASSIGNED


def test_auto_merge_merges_the_commit_that_was_approved(town: Rehearsal) -> None:
    """Defect 39: once."""
    mission = made(town, 1, auto_merge=True)

    turn(town, "rex")
    tick(town, mission, times=2)

    assert town.hub.merged == [(ref(101), "head-101-1")]
    assert mission_of(town, mission).state is MissionState.COMPLETED


def test_approved_is_enough_where_the_policy_says_so(town: Rehearsal) -> None:
    """Defect 39: as a choice."""
    mission = made(town, 1, planned(2, 1), dependency="approved")

    turn(town, "rex")
    deliver(town)

    assert item(town, mission, 1).status is WorkStatus.DONE
    assert item(town, mission, 2).status is WorkStatus.ASSIGNED


def waits_for_github(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> MissionId:
    """A mission that has decided on a merge while GitHub is away."""
    pull(town, 101, mergeable=Mergeable.UNKNOWN)
    mission = made(town, 1, auto_merge=True)
    turn(town, "rex")
    pull(town, 101, mergeable=Mergeable.YES)
    later(town, 181)
    with monkeypatch.context() as patch:
        patch.setattr(town.hub, "merge", away)
        tick(town, mission)
    assert len(mission_of(town, mission).errands) == 1
    return mission


def away(*_: object) -> str:
    """GitHub, while it cannot be reached."""
    raise AWAY


def test_a_merge_is_asked_for_again_when_github_is_back(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 39."""
    mission = waits_for_github(town, monkeypatch)

    tick(town, mission, times=2)

    assert town.hub.merged == [(ref(101), "head-101-1")]
    assert mission_of(town, mission).state is MissionState.COMPLETED


@pytest.mark.parametrize("why", ["rejected", "stopped", "paused", "failed"])
def test_what_is_not_to_be_merged_any_more_is_not(town: Rehearsal, monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    """Defect 39: though it was decided on while GitHub was away."""
    mission = waits_for_github(town, monkeypatch)
    if why == "rejected":
        town.missions.reject(mission, "#1", "I have seen a leak", by="me")
    elif why == "stopped":
        town.missions.stop(mission, by="me")
    elif why == "paused":
        town.missions.pause(mission, by="me")
    else:
        town.missions.fail(mission, "enough", by="me")

    tick(town, mission, times=3)
    deliver(town)

    assert town.hub.merged == []
    assert mission_of(town, mission).errands == ()


def test_what_was_paused_before_its_merge_is_merged_when_it_goes_on(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 39."""
    mission = waits_for_github(town, monkeypatch)
    town.missions.pause(mission, by="me")
    tick(town, mission)

    town.missions.resume(mission, by="me")
    tick(town, mission, times=2)

    assert town.hub.merged == [(ref(101), "head-101-1")]
