"""Pull requests that are closed without a merge: they wait for people, and whatever those decide goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.missions.scene import ROUND, Scene, bad
from tinytown.domain.pull_request import PullState
from tinytown.domain.work_item import Waiting, WorkStatus


def ready(**policy: Any) -> Scene:
    """A mission whose item has been made and not been looked at."""
    scene = Scene(**policy)
    scene.pull()
    scene.tick()
    scene.report()
    return scene


@pytest.mark.parametrize("reviewing", [True, False])
def test_a_closed_pull_request_waits_for_people(reviewing: bool) -> None:
    """Defect 46: nothing is made of it, a review is called back, and help is asked for."""
    scene = ready()
    if reviewing:
        scene.tick()
    scene.pull(state=PullState.CLOSED)
    item = scene.tick(ROUND)

    assert (item.status, item.waiting_on, item.waiting_for) == (
        WorkStatus.BLOCKED, Waiting.OPERATOR, "a decision: acme/shop#10 was closed without a merge",
    )  # fmt: skip
    assert scene.open_tasks() == []
    assert "was closed without a merge" in str(scene.help()[0].question)


def closed(**pull: Any) -> Scene:
    """A mission that waits for people, because its pull request was closed."""
    scene = ready(reviewer_required=False)
    scene.pull(**pull)
    scene.tick()
    scene.pull(state=PullState.CLOSED)
    scene.tick(ROUND)
    return scene


@pytest.mark.parametrize("busy", [True, False], ids=["its author is busy", "its author is free"])
def test_a_closed_pull_request_is_made_anew_when_people_say_so(busy: bool) -> None:
    """Defects 22 and 46: what the request for help advises helps, though looks still find it closed."""
    scene = closed()
    other = Scene(agents={}, town=scene.town, reviewer_required=False) if busy else None
    if other is not None:
        other.tick()
        assert other.holder() == "ada"
    scene.town.missions.retry(scene.id, scene.item().id, by="rob")
    for _ in range(3):
        scene.tick(ROUND if busy else timedelta(0))
    assert not any("decision" in str(message.question) for message in scene.help())
    if other is not None:
        other.town.missions.fail(other.id, "enough", by="rob")
        scene.tick()
    assert "was closed without a merge" in scene.task().description

    scene.pull(11)
    scene.report(result="acme/shop#11")
    scene.merge(11)
    assert scene.tick().status is WorkStatus.DONE


def test_a_closed_pull_request_that_is_opened_again_goes_on() -> None:
    """Defect 46."""
    scene = closed()
    scene.pull(state=PullState.OPEN)

    assert scene.tick(ROUND).waiting_on is Waiting.MERGE
    assert scene.help() == []


def test_what_was_to_be_mended_when_it_was_closed_is_mended_when_it_is_opened_again() -> None:
    """Defects 18 and 46: a fix that nobody had time for is not forgotten."""
    scene = ready(reviewer_required=False)
    scene.town.agents.interrupt("ada")
    scene.pull(checks=(bad("unit", "E  boom"),))
    assert scene.tick().status is WorkStatus.READY
    scene.pull(state=PullState.CLOSED)
    assert scene.tick(ROUND).waiting_on is Waiting.OPERATOR
    scene.pull(state=PullState.OPEN)
    scene.town.agents.resume("ada")
    scene.tick(ROUND)

    assert "E  boom" in scene.task().description


def test_a_fix_may_go_on_though_its_pull_request_was_closed() -> None:
    """Whoever mends it may be about to open another."""
    scene = ready(reviewer_required=False)
    scene.pull(checks=(bad(),))
    scene.tick()
    scene.pull(state=PullState.CLOSED)
    scene.tick(ROUND)

    assert scene.item().status is WorkStatus.ASSIGNED
