"""Notes: what they ask for is told by whole words, and whatever comes of one, it is dealt with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.missions.scene import PATIENCE, ROUND, Scene, bad, planned, running
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.verdict import MissionTask
from tinytown.domain.watch import WatchStatus
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import InvalidValue, WrongState
from tinytown.missions.directives import Directive, Verb, directive


@pytest.mark.parametrize(
    ("body", "verb", "reason"),
    [
        ("resume", Verb.RESUME, ""),
        ("  Retry  ", Verb.RESUME, ""),
        ("please resume", Verb.RESUME, ""),
        ("Resume the mission now.", Verb.RESUME, ""),
        ("continue!", Verb.RESUME, ""),
        ("resume: the token is back", Verb.RESUME, "the token is back"),
        ("resume because the token is back", Verb.RESUME, "the token is back"),
        ("pause", Verb.PAUSE, ""),
        ("hold it", Verb.PAUSE, ""),
        ("HOLD: a release is due", Verb.PAUSE, "a release is due"),
        ("pause until friday", Verb.PAUSE, "friday"),
        ("pause, then\nread this", Verb.PAUSE, "then\nread this"),
    ],
)
def test_a_verb_counts_as_a_whole_word_of_its_own(body: str, verb: Verb, reason: str) -> None:
    """Defect 67: also behind `please`."""
    assert directive(body) == Directive(verb=verb, reason=reason)


@pytest.mark.parametrize(
    "body",
    [
        "hold on, resume later", "retry tomorrow", "retrying tomorrow", "holding pattern", "resumed", "paused?", "resume?", "pauses: many",
        "resume as soon as the token is back", "pause as long as you like", "do not resume", "continue with the plan", "resume-later",
        "hold the door", "retry #12", "redirect", "redirect to", "redirect the whole thing to ada", "to ada",
    ],
)  # fmt: skip
def test_everything_else_is_for_people(body: str) -> None:
    """Defect 67: words that begin like a verb, and verbs in the midst of a sentence."""
    assert directive(body) == Directive(verb=Verb.SAY, reason=body)


@pytest.mark.parametrize(
    ("body", "item", "agent", "reason"),
    [
        ("redirect to ada", None, "ada", ""),
        ("Reassign acme/shop#1 to ada", "acme/shop#1", "ada", ""),
        ("please reroute #1 to ada: she knows it", "#1", "ada", "she knows it"),
        ("rebind 1a2b3c to ada because she knows it", "1a2b3c", "ada", "because she knows it"),
        ('redirect #1 to "Ada Lovelace [backend]" now', "#1", "Ada Lovelace [backend]", "now"),
        ("redirect to 'Ada L'", None, "Ada L", ""),
        ("redirect #1 to api-1.b.", "#1", "api-1.b", ""),
        ("redirect #1 to ada - she knows it", "#1", "ada", "she knows it"),
    ],
)
def test_a_redirect_names_item_and_agent(body: str, item: str | None, agent: str, reason: str) -> None:
    """§9.3 and defect 68: a label with blanks is written in quotation marks."""
    assert directive(body) == Directive(verb=Verb.REDIRECT, item=item, agent=agent, reason=reason)


def test_a_pause_and_a_resume_make_nothing_up() -> None:
    """Defect 30, and other than §22 has it: a resume completes no watch."""
    scene = Scene(reviewer_required=False)
    scene.pull(checks=(running(),))
    scene.go()
    assert scene.note("pause: lunch") == "paused"
    assert (scene.mission.state, scene.mission.hold) == (MissionState.BLOCKED, Hold.PAUSED)
    assert "lunch" in str(scene.mission.blocked_reason)

    assert scene.note("resume") == "resumed"
    assert scene.mission.state is MissionState.RUNNING
    assert {watch.status for watch in scene.watches()} == {WatchStatus.ACTIVE}
    assert scene.item().waiting_on is Waiting.CI


def test_a_resume_tries_again_what_stalls() -> None:
    """Defect 22: of a mission that runs."""
    scene = Scene(max_attempts=1)
    scene.tick()
    scene.town.tasks.fail(scene.task().id, "boom")
    scene.tick()
    assert scene.mission.state is MissionState.FAILED

    scene = Scene(planned(1), planned(2), agents={"ada": "backend", "bob": "backend"}, max_attempts=1)
    scene.tick()
    scene.town.tasks.fail(scene.task(1).id, "boom")
    scene.tick()
    assert scene.item().status is WorkStatus.FAILED
    assert scene.note("resume") == "resumed"
    assert "boom" in scene.task(1).description


def test_a_pause_of_what_is_paused_is_ignored_and_dealt_with() -> None:
    """§22, Dispatcher."""
    scene = Scene()
    scene.note("pause")

    assert scene.note("pause") == f"ignored: mission {scene.mission.short_id} is paused: it cannot be paused"


def test_a_note_to_a_mission_that_has_ended_is_refused() -> None:
    """§22, Dispatcher, which ignores it: we say so at once. One that lies there is dealt with as well."""
    scene = Scene()
    scene.town.missions.note(scene.id, "resume")
    scene.town.missions.fail(scene.id, "enough", by="rob")
    with pytest.raises(WrongState):
        scene.town.missions.note(scene.id, "resume")
    scene.tick()

    assert scene.mission.state is MissionState.FAILED
    assert all(note.processed_at is not None for note in scene.town.missions.view(scene.id).notes)


@pytest.mark.parametrize("body", ["", "  \n", "x" * 100_001])
def test_a_note_says_something(body: str) -> None:
    scene = Scene()
    with pytest.raises(InvalidValue):
        scene.town.missions.note(scene.id, body)


def test_free_notes_reach_the_agents_at_work() -> None:
    """Defect 67: as urgent mail, whole."""
    scene = Scene(planned(1), planned(2), agents={"ada": "backend", "bob": "backend", "cy": "backend"})
    scene.tick()
    said = "mind the tests\n\nand the docs"

    assert scene.note(said) == "passed on to 2 agents at work"
    for name, heard in {"ada": True, "bob": True, "cy": False}.items():
        urgent = scene.town.messages.peek(scene.town.agents.find(name).id, urgent=True)
        assert any(said in str(message.summary) for message in urgent) is heard


def test_a_free_note_to_nobody_is_kept() -> None:
    scene = Scene(agents={})

    assert scene.note("mind the tests") == "kept: no agent is at work"


def test_a_poisonous_note_stops_nothing() -> None:
    """Defect 6: an agent that could be several is an outcome of that note, and the next one is dealt with."""
    scene = Scene(agents={"ada": "backend"})
    scene.town.agents.spawn("ada-1", nickname="Lovelace")
    scene.town.agents.spawn("ada-2", nickname="Lovelace-2")
    scene.town.missions.note(scene.id, "redirect to nobody-of-that-name")
    scene.town.missions.note(scene.id, "redirect 0000 to ada")
    scene.town.missions.note(scene.id, "pause")
    scene.tick()

    outcomes = {note.body: str(note.outcome) for note in scene.town.missions.view(scene.id).notes}
    assert "unknown agent 'nobody-of-that-name'" in outcomes["redirect to nobody-of-that-name"]
    assert "ignored, could not resolve work item" in outcomes["redirect 0000 to ada"]
    assert outcomes["pause"] == "paused"


def test_a_redirect_takes_the_item_from_one_and_gives_it_to_another() -> None:
    """§22, Dispatcher, and defect 40: the stale task is cancelled, its agent is told, one replaces it, and the mission goes on."""
    scene = Scene(agents={"ada": "backend", "bob": "frontend"})
    scene.tick()
    old = scene.task()
    scene.note("pause")
    outcome = scene.note("redirect to bob: he knows it")

    assert outcome == "acme/shop#1 item 1 goes to bob"
    assert scene.town.tasks.get(old.id).state.is_terminal
    assert [task.id for task in scene.open_tasks()] == [scene.task().id]
    assert scene.holder() == "bob"
    assert (scene.mission.state, scene.mission.blocked_reason) == (MissionState.RUNNING, None)
    assert "he knows it" in scene.task().description
    told = scene.town.messages.peek(scene.town.agents.find("ada").id)
    assert any("no longer yours" in str(message.summary) for message in told)


def test_what_the_superseded_agent_still_reports_does_not_count() -> None:
    """Defect 40."""
    scene = Scene(agents={"ada": "backend", "bob": "frontend"})
    scene.tick()
    old = scene.task()
    scene.note("redirect to bob")
    with pytest.raises(WrongState):
        scene.town.tasks.complete(old.id, "acme/shop#10")
    scene.tick()

    assert (scene.holder(), scene.item().pull) == ("bob", None)


def test_a_redirect_of_a_fix_carries_what_has_to_be_mended() -> None:
    """Defect 34: the evidence does not depend on who mends it."""
    scene = Scene(agents={"ada": "backend", "bob": "frontend"}, reviewer_required=False)
    scene.pull(checks=(bad("unit", "E  boom"),))
    scene.tick()
    scene.report()
    scene.tick()
    assert scene.task().mission_task is MissionTask.FIX
    scene.note("redirect to bob")

    assert scene.holder() == "bob"
    assert "E  boom" in scene.task().description


@pytest.mark.parametrize("role", ["frontend", "reviewer"])
def test_a_redirect_to_a_busy_agent_waits_for_it(role: str) -> None:
    """Defect 59: it is not given two items, and nobody else gets it, whatever its lane."""
    scene = Scene(planned(1), agents={"ada": "backend", "bob": role}, reviewer_required=False)
    other = Scene(planned(3), agents={}, town=scene.town, reviewer_required=False)
    scene.tick()
    other.note("redirect to bob")
    assert other.holder(3) == "bob"
    scene.note("redirect to bob")
    scene.tick()
    assert scene.item().task_id is None

    other.report(3, "done by hand")
    other.tick()
    scene.tick()
    assert scene.holder() == "bob"


def test_a_redirect_without_an_item_needs_one_that_is_open() -> None:
    """§22, Dispatcher: with nothing open, or several, it does nothing and is logged."""
    scene = Scene(planned(1), planned(2), reviewer_required=False)
    scene.says = {1: "by hand", 2: "by hand"}
    assert "could not resolve work item" in scene.note("redirect to ada")
    assert any("could not resolve work item" in event.message for event in scene.events())

    assert scene.note("redirect #2 to ada") == "acme/shop#2 item 2 goes to ada"


@pytest.mark.parametrize("reference", ["{id}", "{id8}", "{id4}", "acme/shop#1", "#1", "ACME/shop#1"])
def test_an_item_goes_by_id_the_beginning_of_one_and_source(reference: str) -> None:
    """Defect 68."""
    scene = Scene(planned(1), planned(2), agents={"ada": "backend", "bob": "frontend"})
    key = scene.item().id
    words = reference.format(id=key, id8=key[:8], id4=key[:4])

    assert scene.note(f"redirect {words} to bob") == "acme/shop#1 item 1 goes to bob"


def test_an_agent_goes_by_its_label() -> None:
    """Defect 68: blanks and all."""
    scene = Scene(agents={"ada": "backend"})
    scene.town.agents.spawn("bob", nickname="Bob", role="frontend")

    assert scene.note('redirect to "Bob [frontend]"') == "acme/shop#1 item 1 goes to bob"


def test_what_waits_for_others_is_not_redirected() -> None:
    """Defect 40: unmet dependencies stay unmet."""
    scene = Scene(planned(1), planned(2, 1))

    assert scene.note("redirect #2 to ada").startswith("ignored: work item")
    assert scene.item(2).status is WorkStatus.PENDING


def test_a_note_does_not_repeat_the_request_for_help() -> None:
    """Defect 65: what was asked is remembered, whatever is said meanwhile."""
    scene = Scene(agents={})
    scene.tick()
    first = scene.help()
    scene.note("I am looking for somebody")
    scene.tick(PATIENCE)

    assert scene.help() == first
    assert scene.mission.help is not None
    assert scene.mission.help.attempts == 1


def test_a_note_is_dealt_with_once() -> None:
    """Defect 7: applied and acknowledged in one step; another tick does not do it again."""
    scene = Scene()
    scene.note("pause")
    scene.town.missions.resume(scene.id, by="rob")
    scene.tick(ROUND + timedelta(0))

    assert scene.mission.state is MissionState.RUNNING
