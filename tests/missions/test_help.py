"""Help: its causes, its words, how often it is asked for, and that what it advises helps."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.missions.scene import PATIENCE, Scene, planned
from tinytown.domain.agent import AgentState
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.mission import MissionState
from tinytown.domain.notification import News
from tinytown.domain.work_item import WorkKind, WorkStatus

HALF_AN_HOUR = timedelta(minutes=30)


def lonely() -> Scene:
    """A mission in a town without agents."""
    scene = Scene(agents={})
    scene.tick()
    return scene


def asked(scene: Scene) -> str:
    """The one request for help there is, as it is read."""
    (message,) = scene.help()
    return str(message.question)


def test_without_agents_help_is_asked_for_at_once() -> None:
    """§10.1, §22, Dispatcher: one query to the supervisor, attempts = 1, and news for who is away."""
    scene = lonely()
    (message,) = scene.help()

    assert (message.sender, message.recipient) == (SUPERVISOR_ID, SUPERVISOR_ID)
    assert str(message.question).startswith(f"[Mission Help Needed] Mission {scene.id}")
    assert scene.mission.help is not None
    assert scene.mission.help.attempts == 1
    assert [news.title for news in scene.news(News.MISSION_NEEDS_HELP)] == [f"Mission {scene.mission.short_id} needs help"]


def test_help_says_which_commands_to_type() -> None:
    """§10.2: none has a word left that stands for the mission."""
    words = asked(lonely())

    assert "MISSION" not in words
    assert "tt mission note" in words


def test_nothing_is_asked_again_within_the_time() -> None:
    """§22, Dispatcher."""
    scene = lonely()
    first = scene.help()
    for _ in range(10):
        scene.tick(timedelta(minutes=2, seconds=59))

    assert scene.help() == first


def test_the_time_between_requests_doubles_up_to_a_limit() -> None:
    """Defect 64, §10.2: 1 h, 2 h, 4 h, 4 h; words that stay the same are what makes it hold."""
    scene = lonely()
    waits: list[float] = []
    since = scene.town.clock.now()
    while len(waits) < 5:
        before = scene.mission.help
        scene.tick(HALF_AN_HOUR)
        if scene.mission.help != before:
            waits.append((scene.town.clock.now() - since) / HALF_AN_HOUR)
            since = scene.town.clock.now()

    assert waits == [2, 4, 8, 8, 8]
    assert len(scene.help()) == 1
    assert len(scene.news(News.MISSION_NEEDS_HELP)) == 6


def test_progress_makes_the_time_short_again() -> None:
    """§10.2: after progress it is half an hour."""
    scene = Scene(planned(1), planned(2, kind=WorkKind.REVIEW, role="reviewer"), agents={"ada": "backend"}, reviewer_required=False)
    scene.tick()
    scene.tick(timedelta(minutes=61))
    before = scene.mission.help
    assert before is not None
    assert before.attempts == 1

    scene.report(result="by hand")
    scene.tick(timedelta(minutes=29))
    assert scene.item().status is WorkStatus.DONE
    assert scene.mission.help == before
    scene.tick(timedelta(minutes=1))
    after = scene.mission.help
    assert after is not None
    assert after.sent_at > before.sent_at
    assert after.attempts == 1


def test_the_same_cause_has_the_same_words_however_long_it_lasts() -> None:
    """Defect 64: no counts and no times are in it."""
    scene = Scene()
    scene.tick()
    reasons = set()
    for _ in range(30):
        scene.tick(timedelta(minutes=7))
        reasons.add(None if scene.mission.help is None else scene.mission.help.reason)

    assert len(reasons) == 1
    assert None not in reasons


def test_a_busy_town_needs_no_help() -> None:
    """Defect 64: work that waits for agents that are busy, or for a slot, is the normal state."""
    scene = Scene(planned(1), planned(2), planned(3), agents={"ada": "backend"}, max_parallel_items=1)
    scene.tick()
    scene.town.answer_bells(lambda *_: None)
    for _ in range(3):
        scene.tick(PATIENCE)

    assert scene.help() == []


@pytest.mark.parametrize("hold", ["pause", "stop"])
def test_a_mission_that_is_held_asks_for_nothing(hold: str) -> None:
    """Defect 66: and takes back what it had asked for."""
    scene = lonely()
    getattr(scene.town.missions, hold)(scene.id, by="rob")
    for _ in range(3):
        scene.tick(timedelta(hours=1))

    assert scene.help() == []


@pytest.mark.parametrize("end", ["complete", "delete"])
def test_a_mission_that_is_over_asks_for_nothing(end: str) -> None:
    """Defect 66: however it ended."""
    scene = lonely()
    if end == "complete":
        scene.town.missions.complete(scene.id, by="rob")
    else:
        scene.town.missions.delete(scene.id, force=True)
    scene.town.answer_bells()

    assert scene.help() == []


def test_help_is_withdrawn_when_its_cause_has_gone_and_nothing_else_is() -> None:
    """Defects 9 and 66, §22: only that mission's request goes; the other's, and all other mail, stay in their order."""
    scene = lonely()
    scene.town.messages.send("supervisor", "first")
    other = Scene(planned(1, role="tester"), agents={}, town=scene.town)
    other.tick()
    scene.town.messages.send("supervisor", "last")
    others = [message for message in scene.mail() if str(scene.id) not in str(message.question)]
    assert len(others) == 3
    scene.town.missions.complete(scene.id, by="rob")

    assert scene.mail() == others


def test_a_standstill_is_seen_from_the_first_minute() -> None:
    """Defect 20: a mission that never moved is measured, too."""
    scene = Scene()
    scene.tick()
    scene.tick(timedelta(seconds=179))
    assert scene.help() == []
    scene.tick(timedelta(seconds=2))

    assert "lies with ada" in asked(scene)


def test_patience_is_six_ticks() -> None:
    """§10.1: and no less than three minutes."""
    scene = Scene()
    slow = msgspec.structs.replace(scene.town.settings.mission, tick_interval_secs=100)
    quick = msgspec.structs.replace(scene.town.settings.mission, tick_interval_secs=1)

    assert (slow.patience, quick.patience) == (timedelta(seconds=600), timedelta(seconds=180))


def test_an_agent_that_works_at_something_else_is_waited_for() -> None:
    """Defect 64: what lies with it comes next."""
    scene = Scene(agents={"ada": "backend"})
    scene.town.assign("ada", "something else")
    scene.town.answer_bells(lambda *_: None)
    scene.tick()
    scene.tick(PATIENCE)

    assert scene.town.agents.find("ada").state is AgentState.WORKING
    assert scene.help() == []


def test_waiting_for_a_merge_is_no_cause() -> None:
    """§10.1: people are told of it in another way."""
    scene = Scene()
    scene.go()
    for _ in range(3):
        scene.tick(timedelta(hours=1))

    assert scene.mission.state is MissionState.RUNNING
    assert scene.help() == []
