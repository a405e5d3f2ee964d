"""Defects 5-7: poisoned notes and errands, and crashes around a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.missions.stage import agent, begin, deliver, live_tasks, mission_of, task_of, tick
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind
from tinytown.domain.mission import MissionState
from tinytown.domain.task import TaskState
from tinytown.errors import InvalidValue, RecordUnreadable, RedisUnavailable
from tinytown.services.errands import ErrandRunner
from tinytown.testing import Rehearsal


def crash(*_: object, **__: object) -> Any:
    """What a process does that dies here."""
    raise RedisUnavailable("redis", "killed")


def die_before_errands(monkeypatch: pytest.MonkeyPatch, step: Callable[[], object]) -> None:
    """Do something in a process that dies right after the commit."""
    with monkeypatch.context() as patch:
        patch.setattr(ErrandRunner, "run", crash)
        with pytest.raises(RedisUnavailable):
            step()


def test_a_note_that_names_two_agents_poisons_nothing(town: Rehearsal) -> None:
    """Defect 6."""
    town.agents.spawn("bob", nickname="twin")
    town.agents.spawn("eve", nickname="twin")
    mission = begin(town, 1)
    town.missions.note(mission, "redirect #1 to twin")
    town.missions.note(mission, "pause")

    ticked = tick(town, mission)

    outcomes = {note.body: note.outcome for note in town.missions.view(mission).notes}
    assert ticked.notes == 2
    assert "twin" in str(outcomes["redirect #1 to twin"])
    assert outcomes["pause"] == "paused"


@pytest.mark.parametrize("trouble", [InvalidValue("agent", "what is that"), RecordUnreadable("agent:1", "damaged")])
def test_no_error_of_a_note_outlives_the_note(town: Rehearsal, monkeypatch: pytest.MonkeyPatch, trouble: Exception) -> None:
    """Defect 6: whatever is raised while an agent is looked for, the note is dealt with and the tick goes on."""
    mission = begin(town, 1)
    town.missions.note(mission, "redirect #1 to nobody")

    def refuse(*_: object) -> None:
        raise trouble

    monkeypatch.setattr("tinytown.services.mission_ticks.find_agent", refuse)

    ticked = tick(town, mission)

    (note,) = town.missions.view(mission).notes
    assert ticked.driven
    assert str(trouble) in str(note.outcome)
    assert len(live_tasks(town, mission)) == 1


def test_a_note_that_is_refused_changes_nothing_in_part(town: Rehearsal) -> None:
    """Defect 7: a redirect to an agent that takes no work must not have resumed the mission on its way."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1)
    tick(town, mission)
    town.missions.pause(mission, by="me")
    town.agents.kill("bob")
    town.missions.note(mission, "redirect #1 to bob")

    tick(town, mission)

    (note,) = town.missions.view(mission).notes
    assert str(note.outcome).startswith("ignored")
    assert mission_of(town, mission).state is MissionState.BLOCKED


def test_a_crash_before_a_note_is_stored_leaves_it_to_be_dealt_with(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 7."""
    mission = begin(town, 1)
    deliver(town)
    town.missions.note(mission, "pause")
    with monkeypatch.context() as patch:
        patch.setattr(type(town.desk.store.missions), "store", crash)
        with pytest.raises(RedisUnavailable):
            tick(town, mission)
    assert mission_of(town, mission).state is MissionState.RUNNING

    tick(town, mission)

    assert mission_of(town, mission).state is MissionState.BLOCKED


def test_a_crash_after_a_note_is_stored_does_what_it_asked_for_once(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 7: the note, its effect and what is still to be done are one write."""
    town.spawn("bob", role="backend")
    mission = begin(town, 1)
    deliver(town)
    had = task_of(town, mission, 1)
    town.missions.note(mission, "redirect #1 to bob")
    die_before_errands(monkeypatch, lambda: tick(town, mission))
    (note,) = town.missions.view(mission).notes
    assert note.processed_at is not None

    tick(town, mission, times=3)

    assert [task.wanted for task in live_tasks(town, mission)] == [agent(town, "bob")]
    assert town.tasks.get(had.id).state is TaskState.CANCELLED
    assert mission_of(town, mission).tasks_made == 2


def test_an_errand_that_can_never_be_done_stops_no_other(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    """Defect 5: it is given up, and said so in the log."""
    mission = begin(town, 1)
    deliver(town)
    tell = town.desk.tell

    def refuse(message: Any, **how: Any) -> str:
        if message.recipient == SUPERVISOR_ID or message.type is not Kind.INFORMATIONAL:
            return tell(message, **how)
        raise InvalidValue("summary", "too long")

    monkeypatch.setattr(town.desk, "tell", refuse)

    town.missions.stop(mission, by="me")

    assert live_tasks(town, mission) == []
    assert mission_of(town, mission).errands == ()
    assert any("too long" in event.message for _, event in town.missions.events(mission, 50))
