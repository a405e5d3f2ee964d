"""Watches as such: when they look, what people do to them, and what happens while GitHub cannot be asked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.missions.scene import ROUND, Scene, bad, good, issue, planned, pull_ref, running
from tinytown.domain.mission import MissionState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchKind, WatchStatus, backoff
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import GitHubRefused, GitHubUnavailable, InvalidValue, WatchNotFound, WrongState

MINUTE = timedelta(minutes=1)


def waiting() -> Scene:
    """A mission whose item waits for a check that runs."""
    scene = Scene(reviewer_required=False)
    scene.pull(checks=(running(),))
    scene.tick()
    scene.report()
    scene.tick()
    return scene


def failing(scene: Scene, error: Exception | None = None) -> None:
    """Have GitHub not answer; or again, with None."""
    scene.town.hub.trouble = error  # type: ignore[assignment]


def due_in(scene: Scene) -> float:
    """So many seconds until the checks are looked at next."""
    return (scene.watch().next_due_at - scene.town.clock.now()).total_seconds()


def test_one_look_serves_all_watches() -> None:
    """Defect 14: four watches, one question."""
    scene = waiting()
    asked = scene.town.hub.asked
    scene.tick(ROUND)

    assert scene.town.hub.asked == asked + 1


def test_nothing_is_asked_before_it_is_due() -> None:
    """§22, Storage: those that are due are listed, no others."""
    scene = waiting()
    asked = scene.town.hub.asked
    scene.tick(timedelta(seconds=179))
    assert scene.town.hub.asked == asked

    scene.tick(timedelta(seconds=1))
    assert scene.town.hub.asked == asked + 1


def test_a_watch_keeps_its_own_interval() -> None:
    """Defect 72: also after it has triggered."""
    scene = Scene(reviewer_required=False, watch_interval_secs=60)
    scene.pull(checks=(bad(),))
    scene.tick()
    scene.report()
    scene.tick()

    assert (scene.watch().status, due_in(scene)) == (WatchStatus.SNOOZED, 60)


def test_what_is_due_wakes_the_mission() -> None:
    """Defect 72: `next_wake_at` is when the first watch is due."""
    scene = waiting()

    assert scene.mission.next_wake_at == scene.watch().next_due_at


@pytest.mark.parametrize(("failures", "seconds"), [(1, 60), (2, 120), (3, 300), (4, 300), (100, 300)])
def test_the_backoff_grows(failures: int, seconds: int) -> None:
    """§22, Types."""
    assert backoff(failures) == timedelta(seconds=seconds)


def test_looks_that_fail_are_taken_again_later_and_later() -> None:
    """Defect 50."""
    scene = waiting()
    failing(scene, GitHubRefused("the pull request", "the token is not valid", "unauthorized"))
    scene.tick(ROUND)
    waits = []
    for _ in range(4):
        waits.append(due_in(scene))
        scene.tick(timedelta(seconds=waits[-1]))

    assert waits == [60, 120, 300, 300]
    assert scene.watch().consecutive_failures == 5


@pytest.mark.parametrize(("said", "seconds"), [(5, 60), (90, 90), (1200, 1200), (100_000, 3600)])
def test_github_says_when_to_ask_again(said: float, seconds: float) -> None:
    """Defect 50: a limit is waited for, an hour at most, and never shorter than after any failure."""
    scene = waiting()
    failing(scene, GitHubUnavailable("the calls of this hour are used up", said))
    asked = scene.town.hub.asked
    scene.tick(ROUND)
    assert due_in(scene) == seconds

    scene.tick(timedelta(seconds=seconds - 1))
    assert scene.town.hub.asked == asked + 1


def test_the_backoff_grows_though_github_says_to_ask_again_soon() -> None:
    """Defect 50."""
    scene = waiting()
    failing(scene, GitHubUnavailable("it cannot be reached", 10))
    scene.tick(ROUND)
    scene.tick(timedelta(seconds=60))

    assert due_in(scene) == 120


def test_a_look_that_succeeds_forgets_the_failures() -> None:
    scene = waiting()
    failing(scene, GitHubUnavailable("it cannot be reached", 10))
    scene.tick(ROUND)
    failing(scene)
    scene.tick(timedelta(seconds=60))

    assert (scene.watch().consecutive_failures, scene.watch().last_error) == (0, None)
    assert due_in(scene) == 180


def fail_often(scene: Scene, times: int = 5) -> None:
    """Have so many looks fail, each for another reason."""
    for number in range(times):
        failing(scene, GitHubUnavailable(f"it has {number} hiccups", 10 + number))
        scene.tick(ROUND if not number else timedelta(seconds=301))


def test_after_five_failures_help_is_asked_for_once() -> None:
    """Defects 24, 37, 50 and 65: the item stays as it is, and the error, which is another each time, is no new cause."""
    scene = waiting()
    before = scene.item()
    fail_often(scene, 4)
    assert scene.help() == []
    fail_often(scene, 5)

    assert len(scene.help()) == 1
    assert "acme/shop#10 cannot be looked at on GitHub" in str(scene.help()[0].question)
    assert "hiccups" in str(scene.help()[0].question)
    assert (scene.item().status, scene.item().waiting_on) == (before.status, before.waiting_on)
    assert scene.mission.help is not None
    assert scene.mission.help.attempts == 1
    failing(scene)
    scene.tick(timedelta(seconds=301))
    assert scene.help() == []


def test_failing_looks_do_not_touch_who_is_at_work() -> None:
    """Defect 37: five errors do not block what an agent is at."""
    scene = waiting()
    scene.pull(checks=(bad(),))
    scene.tick(ROUND)
    scene.town.answer_bells(lambda *_: None, most=2)
    before = scene.item()
    fail_often(scene, 6)

    assert before.status in {WorkStatus.ASSIGNED, WorkStatus.RUNNING}
    assert (scene.item().status, scene.item().task_id) == (before.status, before.task_id)
    assert not any("cannot be looked at" in str(message.question) for message in scene.help())


def test_a_resume_looks_at_once() -> None:
    """Defect 22: what the request for help advises."""
    scene = waiting()
    fail_often(scene, 5)
    failing(scene)
    scene.pull(checks=(good(),))
    scene.note("resume")

    assert scene.item().waiting_on is Waiting.MERGE
    assert scene.help() == []


def test_what_cannot_be_looked_at_is_done_when_somebody_says_so() -> None:
    """Defect 22: the other thing that it advises."""
    scene = waiting()
    fail_often(scene, 5)
    scene.town.missions.update_item(scene.id, scene.item().id, by="rob", status=WorkStatus.DONE)
    scene.tick()

    assert scene.mission.state is MissionState.COMPLETED
    assert scene.help() == []


def test_news_of_a_pull_request_are_looked_at_at_once() -> None:
    """Webhooks make it immediate."""
    scene = waiting()
    scene.pull(checks=(good(),))

    assert scene.town.missions.pull_moved(pull_ref(10)) == 1
    assert scene.town.missions.pull_moved(pull_ref(11)) == 0
    assert scene.tick().waiting_on is Waiting.MERGE


def test_a_watch_that_is_overridden_is_not_waited_for() -> None:
    """Defect 30: a recorded act for one watch, which makes nothing up for the others."""
    scene = waiting()
    watch = scene.watch()
    over = scene.town.missions.override_watch(scene.id, watch.id[:8], "the runner is broken", by="rob").override
    assert over is not None

    assert (over.by, over.reason, over.at) == ("rob", "the runner is broken", scene.town.clock.now())
    assert any("rob overrides pr_checks" in event.message for event in scene.events())
    assert scene.item().waiting_for == "the remarks of programs and the reviews of acme/shop#10"
    for kind in (WatchKind.BUGBOT_COMMENTS, WatchKind.REVIEW_COMMENTS):
        scene.town.missions.override_watch(scene.id, scene.watch(kind).id, "the runner is broken", by="rob")
    assert scene.item().waiting_on is Waiting.MERGE
    assert scene.watch().status is WatchStatus.ACTIVE


def test_a_watch_that_is_overridden_triggers_nothing() -> None:
    scene = waiting()
    scene.town.missions.override_watch(scene.id, scene.watch().id, "flaky", by="rob")
    scene.pull(checks=(bad(),))
    scene.tick(ROUND)

    assert scene.tasks(MissionTask.FIX) == []


def test_an_override_says_why_and_is_of_a_watch() -> None:
    scene = waiting()
    with pytest.raises(InvalidValue):
        scene.town.missions.override_watch(scene.id, scene.watch().id, "  ", by="rob")
    with pytest.raises(WatchNotFound):
        scene.town.missions.override_watch(scene.id, "ffffffff", "why not", by="rob")

    scene.town.missions.fail(scene.id, "enough", by="rob")
    with pytest.raises(WrongState):
        scene.town.missions.override_watch(scene.id, scene.watch().id, "too late", by="rob")


def test_a_snoozed_watch_sleeps_though_the_others_look() -> None:
    """Defect 72, §22, Dispatcher: it is looked at again once it is due, no sooner."""
    scene = waiting()
    scene.town.missions.snooze(scene.id, scene.watch().id, timedelta(hours=1), by="rob")
    scene.pull(checks=(bad(),))
    until = scene.watch().next_due_at
    for _ in range(3):
        scene.tick(ROUND)
    assert (scene.watch().status, scene.watch().next_due_at) == (WatchStatus.SNOOZED, until)
    assert scene.tasks(MissionTask.FIX) == []

    scene.tick(timedelta(hours=1))
    assert len(scene.tasks(MissionTask.FIX)) == 1


def test_a_watch_that_is_done_is_not_snoozed() -> None:
    scene = waiting()
    scene.pull(checks=(good(),))
    scene.tick(ROUND)

    with pytest.raises(WrongState):
        scene.town.missions.snooze(scene.id, scene.watch().id, MINUTE, by="rob")


def test_nothing_is_looked_at_while_a_mission_is_held_or_over() -> None:
    """Defect 71: pausing pauses the watches too."""
    scene = waiting()
    scene.pull(checks=(bad(),))
    scene.town.missions.pause(scene.id, by="rob")
    asked = scene.town.hub.asked
    for step in (None, scene.town.missions.stop, scene.town.missions.complete):
        if step is not None:
            step(scene.id, by="rob")
        scene.tick(ROUND)

    assert scene.town.hub.asked == asked
    assert scene.tasks(MissionTask.FIX) == []


def test_an_issue_that_cannot_be_looked_at_is_told_after_a_while() -> None:
    """Defect 53: what lies outside of the mission is not waited for in silence."""
    scene = Scene(planned(1, externals=(issue(99),)))
    failing(scene, GitHubRefused("the issue", "you may not", "forbidden"))
    for minutes in (0, 5, 5, 5):
        scene.tick(timedelta(minutes=minutes))
    assert scene.help() == []
    scene.tick(timedelta(minutes=5))
    assert "which cannot be looked at on GitHub" in str(scene.help()[0].question)

    scene.town.missions.update_item(scene.id, scene.item().id, by="rob", status=WorkStatus.READY)
    assert scene.tick().status is WorkStatus.ASSIGNED
    assert scene.help() == []
