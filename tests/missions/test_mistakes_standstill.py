"""Defects 20-23: a standstill is noticed, told, and ended by what the message advises."""

from __future__ import annotations

from tests.missions.stage import (
    BAD,
    Agents,
    agent,
    begin,
    deliver,
    item,
    later,
    made,
    mission_of,
    pull,
    reason,
    task_of,
    tick,
    turn,
    watch,
)
from tinytown.domain.mission import MissionState
from tinytown.domain.task import TaskState
from tinytown.domain.verdict import MissionTask, Verdict
from tinytown.domain.watch import WatchKind
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import GitHubUnavailable
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal


def test_a_standstill_is_noticed_from_the_first_minutes_on(town: Rehearsal) -> None:
    """Defect 20: nothing has moved since the mission began."""
    mission = begin(town, 1)
    deliver(town)
    later(town, 179)
    tick(town, mission)
    early = reason(town, mission)

    later(town, 2)
    tick(town, mission)

    assert early == ""
    assert "lies with ada, which does not take it up" in reason(town, mission)
    assert [news.news.value for news in town.sent] == []
    deliver(town)
    assert [news.news.value for news in town.sent] == ["mission.needs_help"]


def test_an_agent_that_works_at_something_else_is_not_taken_for_dead(town: Rehearsal) -> None:
    """Defect 20: nor in the moment between two of its turns."""
    mission = begin(town, 1)
    deliver(town)
    later(town, 600)
    town.messages.send("ada", "hello", urgent=True)
    during: list[str] = []

    def talk(_: Rehearsal, __: Turn) -> Ending:
        tick(town, mission)
        during.append(reason(town, mission))
        return Ending()

    town.take_turn(agent(town, "ada"), talk, messages=1)
    tick(town, mission)

    assert task_of(town, mission, 1).state is TaskState.ASSIGNED
    assert (during, reason(town, mission)) == ([""], "")


def test_endless_failure_of_checks_ends(town: Rehearsal) -> None:
    """Defect 21: it is no progress for ever; each fix is an attempt, and after the last the mission fails and says so."""
    mission = begin(town, 1, max_attempts=3)
    pull(town, 101, checks=BAD)
    for _ in range(6):
        turn(town, "ada")
        later(town, 181)
        tick(town, mission)
    deliver(town)

    assert item(town, mission, 1).attempts == 3
    assert mission_of(town, mission).state is MissionState.FAILED
    assert "1 test failed" in str(item(town, mission, 1).failure_reason)
    assert "mission.failed" in [news.news.value for news in town.sent]


def test_a_pull_request_that_cannot_be_looked_at_is_told_though_watches_are_active(town: Rehearsal) -> None:
    """Defect 21: the others count as little as the error; once, whatever words GitHub finds."""
    mission = made(town, 1, reviewer_required=False)
    for number in range(8):
        town.hub.trouble = GitHubUnavailable(f"request {number} timed out", retry_after=number)
        later(town, 301)
        tick(town, mission)
    deliver(town)

    assert "acme/shop#101 cannot be looked at" in reason(town, mission)
    assert [news.news.value for news in town.sent].count("mission.needs_help") == 1
    assert "timed out" in town.sent[-1].body


def test_resuming_acts_on_a_standstill_of_a_mission_that_runs(town: Rehearsal) -> None:
    """Defect 22: it looks again at once."""
    mission = made(town, 1, reviewer_required=False)
    town.hub.trouble = GitHubUnavailable("no route", retry_after=1)
    for _ in range(6):
        later(town, 301)
        tick(town, mission)
    assert reason(town, mission) != ""
    town.hub.trouble = None
    asked = town.hub.asked

    town.missions.note(mission, "resume")
    tick(town, mission)

    assert town.hub.asked == asked + 1
    assert watch(town, mission, WatchKind.PR_CHECKS).consecutive_failures == 0
    assert reason(town, mission) == ""


def test_resuming_tries_again_what_has_failed(town: Rehearsal) -> None:
    """Defect 22: by every way, while the mission runs."""
    mission = begin(town, 1, 2, max_attempts=1, max_parallel_items=1)
    deliver(town)
    first = next(each for each in (1, 2) if item(town, mission, each).task_id is not None)
    town.tasks.fail(task_of(town, mission, first).id, "no idea")
    deliver(town)
    assert item(town, mission, first).status is WorkStatus.FAILED
    town.tasks.complete(task_of(town, mission, 3 - first).id, "no pull request")

    town.missions.resume(mission, by="me")
    tick(town, mission)
    turn(town, "rex")
    deliver(town)

    assert item(town, mission, first).status is WorkStatus.ASSIGNED
    assert "no idea" in task_of(town, mission, first).description


def test_resuming_asks_for_a_review_again(town: Rehearsal) -> None:
    """Defect 22: after three without a verdict."""
    mission = made(town, 1)
    for _ in range(3):
        town.tasks.fail(task_of(town, mission, 1).id, "I do not know")
        deliver(town)
    assert item(town, mission, 1).waiting_on is Waiting.HELP
    assert "look at its reviews" in reason(town, mission)

    town.missions.note(mission, "resume")
    deliver(town)

    assert task_of(town, mission, 1).mission_task is MissionTask.REVIEW
    assert reason(town, mission) == ""


def test_an_item_leaves_an_agent_that_was_stopped(town: Rehearsal) -> None:
    """Defect 23: its live task pins neither the item nor the slot, and the attempt does not count."""
    mission = begin(town, 1, max_parallel_items=1)
    deliver(town)
    old = task_of(town, mission, 1)
    town.spawn("bob", role="backend")

    town.agents.kill("ada")
    tick(town, mission)
    deliver(town)

    assert item(town, mission, 1).assigned_to == agent(town, "bob")
    assert item(town, mission, 1).attempts == 1
    assert town.tasks.get(old.id).state is TaskState.CANCELLED


def test_a_review_leaves_a_reviewer_that_was_stopped(town: Rehearsal) -> None:
    """Defect 23."""
    mission = made(town, 1)
    town.spawn("kim", role="reviewer")

    town.agents.kill("rex")
    tick(town, mission)

    assert task_of(town, mission, 1).wanted == agent(town, "kim")
    assert item(town, mission, 1).author == agent(town, "ada")


def test_a_review_handed_to_somebody_else_leaves_the_author_the_author(town: Rehearsal) -> None:
    """Defect 28: also when that one has something else to do first."""
    town.spawn("kim", role="reviewer")
    mission = begin(town, 1, 2, max_parallel_items=4)
    for _ in range(2):
        turn(town, "ada")
    reviewer = town.agents.find(str(item(town, mission, 2).assigned_to))

    town.tasks.requeue(task_of(town, mission, 1).id, to=reviewer.name)
    deliver(town)
    for name in ("rex", "kim", "rex"):
        turn(town, name, Agents(verdict=Verdict.REJECT))

    assert [each.author for each in town.missions.view(mission).items] == [agent(town, "ada")] * 2
    assert {each.task_kind for each in town.missions.view(mission).items} == {MissionTask.FIX, None}


def test_a_task_handed_to_somebody_with_another_item_stalls_nothing(town: Rehearsal) -> None:
    """Defect 23: that agent gets the item when it has time; until then the mission goes on."""
    town.spawn("bob", role="backend")
    one, two = begin(town, 1), begin(town, 2)
    deliver(town)
    holders = {mission: item(town, mission, number).assigned_to for mission, number in ((one, 1), (two, 2))}
    assert len(set(holders.values())) == 2
    other = "bob" if holders[two] == agent(town, "bob") else "ada"

    town.tasks.requeue(task_of(town, one, 1).id, to=other)
    deliver(town)
    waiting = item(town, one, 1)
    turn(town, other)
    tick(town, one)

    assert (waiting.status, waiting.attempts, waiting.task_id) == (WorkStatus.READY, 0, None)
    assert item(town, one, 1).assigned_to == agent(town, other)
