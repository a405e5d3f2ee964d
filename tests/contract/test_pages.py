"""Lists by pieces, steps on what was seen, and output that is read on: the same whatever Redis it is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.contract.mail import send_many, turn_of
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.turn import TurnReason
from tinytown.errors import TimedOut, VersionMismatch
from tinytown.services import outputs
from tinytown.services.agent_reading import Sought
from tinytown.services.outputs import printed_text
from tinytown.services.places import Place, place_after
from tinytown.services.turns import Ending
from tinytown.services.workload import Until
from tinytown.testing import Rehearsal


def bury(town: Rehearsal, agent: Agent, *texts: str) -> None:
    """Messages that were given up."""
    send_many(town, agent.name, *texts)
    turn = turn_of(town, agent)
    for message, _ in turn.mail:
        assert town.turns.bury(turn, message, TurnReason.TIMEOUT.value, attempts=3)
    town.turns.end(turn, Ending())


def test_mail_is_read_by_pages_while_it_is_taken(town: Rehearsal, ada: Agent) -> None:
    sent = send_many(town, "ada", *"abcdefgh")
    first = town.messages.page(ada.id, limit=3)
    town.messages.take("ada", sent[2].id)
    town.messages.receive("ada")

    second = town.messages.page(ada.id, first.next, 3)
    third = town.messages.page(ada.id, second.next, 3)

    assert [[message.body for message, _ in page.messages] for page in (first, second, third)] == [list("abc"), list("def"), list("gh")]
    assert third.next is None


def test_dead_letters_are_read_by_pages_with_their_receipts(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    bury(town, ada, *"abc")
    bury(town, bob, *"de")
    town.desk.store.connection.call("RPUSH", town.desk.store.keys.dead(ada.id), b"no message")

    first = town.messages.dead_page(limit=2)
    town.messages.drop_dead(first.letters[1])
    second = town.messages.dead_page(None, first.next, 3)
    third = town.messages.dead_page(None, second.next, 3)

    letters = [letter for page in (first, second, third) for letter in page.letters]
    assert [None if letter.message is None else letter.message.body for letter in letters] == ["a", "b", "c", None, "d", "e"]
    assert [letter.reason for letter in letters] == ["timeout"] * 3 + ["malformed"] + ["timeout"] * 2
    assert (first.total, second.total, third.next) == (6, 5, None)
    town.messages.drop_dead(letters[3])


def test_agents_are_read_by_pages_while_they_come_and_go(town: Rehearsal) -> None:
    for name in ("a", "c", "e", "g"):
        town.spawn(name, cli="shell")
    town.agents.kill("c")
    running = Sought(states=(AgentState.STARTING,))

    first = town.agents.page(running, limit=2)
    town.spawn("b", cli="shell")
    town.spawn("f", cli="shell")
    second = town.agents.page(running, first.next, 2)

    assert [[agent.name for agent in page.agents] for page in (first, second)] == [["a", "e"], ["f", "g"]]
    assert second.next is None


@pytest.mark.parametrize(
    ("names", "index"),
    [
        ("abcdef", 3),
        ("bcdef", 2),
        ("abdef", 2),
        ("def", 0),
        ("xyzabcdef", 6),
        ("", 0),
        ("ccc", 3),
        ("x" * 500 + "c", 501),
        ("x" * 2000 + "c", 0),
    ],
)
def test_a_place_is_found_by_what_was_seen_there(names: str, index: int) -> None:
    place = Place.behind(3, "abc")

    assert place_after(lambda start, count: names[start : start + count], place) == index


def test_a_place_far_behind_is_found_far_in_front() -> None:
    names = [f"{number}" for number in range(5000)]
    place = Place.behind(4000, names[3990:4000])

    assert place_after(lambda start, count: names[3000:][start : start + count], place) == 1000


@pytest.mark.parametrize("step", ["kill", "close", "interrupt"])
def test_a_step_on_what_was_seen_is_not_done_after_anothers(
    town: Rehearsal, ada: Agent, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The version is compared where it is written: a change that comes in between is not overwritten."""
    store = town.desk.store.agents
    real = store.change

    def changed_before(old: Agent, new: Agent, **how: Any) -> str:
        monkeypatch.setattr(store, "change", real)
        real(old, old.changed(town.clock.at, role_id="tester"))
        return real(old, new, **how)

    monkeypatch.setattr(store, "change", changed_before)

    with pytest.raises(VersionMismatch) as refused:
        getattr(town.agents, step)("ada", expected=ada.version)

    assert (refused.value.expected, refused.value.found) == (1, 2)
    assert (town.agents.get(ada.id).state, town.agents.get(ada.id).role_id) == (AgentState.STARTING, "tester")


@pytest.mark.parametrize("until", [Until.REST, Until.IDLE])
def test_an_agent_with_mail_does_not_rest(town: Rehearsal, ada: Agent, until: Until) -> None:
    send_many(town, "ada", "one")

    with pytest.raises(TimedOut):
        town.agents.wait_until("ada", until, timedelta())
    town.answer_bells()

    assert town.agents.wait_until("ada", until, timedelta()).state is AgentState.IDLE


@pytest.mark.parametrize("until", [Until.TERMINAL, Until.STOPPED])
def test_a_cold_agent_is_not_at_its_end(town: Rehearsal, ada: Agent, until: Until) -> None:
    town.clock.at += timedelta(hours=1)
    assert town.recovery.mark_cold() == [ada.id]

    with pytest.raises(TimedOut):
        town.agents.wait_until("ada", until, timedelta())
    town.agents.kill("ada")

    assert town.agents.wait_until("ada", until, timedelta()).state is AgentState.STOPPED


def test_output_is_read_on_from_any_piece(town: Rehearsal, ada: Agent) -> None:
    for chunk in (b"caf\xc3", b"\xa9\n", b"two\n"):
        town.events.write_output(ada.id, 1, chunk)

    whole = printed_text(town.desk, ada.id, "0-0", 10)

    assert [piece.text for piece in whole] == ["caf", "é\n", "two\n"]
    assert [[piece.text for piece in printed_text(town.desk, ada.id, each.id, 1)] for each in whole] == [["é\n"], ["two\n"], []]
    assert printed_text(town.desk, ada.id, None, 2) == whole[1:]


def test_waiting_for_output_is_longer_than_one_question(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is asked for a moment at a time, for a client gives up on it sooner than people on a log."""
    monkeypatch.setattr(outputs, "_PATIENCE", timedelta(milliseconds=20))
    asked: list[int | None] = []
    real = town.events.output_after

    def printing_at_last(marks: dict[AgentId, str], wait_ms: int | None, count: int) -> Any:
        asked.append(wait_ms)
        if len(asked) == 4:
            town.events.write_output(ada.id, 1, b"at last")
        return real(marks, wait_ms, count)

    monkeypatch.setattr(town.events, "output_after", printing_at_last)

    found = printed_text(town.desk, ada.id, "0-0", 10, timedelta(seconds=30))

    assert [piece.text for piece in found] == ["at last"]
    assert asked == [None, 20, 20, 20]


def test_forgetting_an_agent_whose_task_ends_at_that_moment_forgets_it(
    town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = town.assign("ada", "write")
    town.answer_bells(lambda _town, _turn: Ending(returned=tuple(message.id for message, _ in _turn.mail)), most=1)
    town.agents.kill("ada")
    real = town.tasks.requeue

    def too_late(wanted: TaskId, to: str | None = None) -> Any:
        town.tasks.cancel(wanted)
        return real(wanted, to)

    monkeypatch.setattr(town.recovery._tasks, "requeue", too_late)

    gone, stayed = town.recovery.prune()

    assert ([agent.name for agent in gone], stayed) == (["ada"], [])
    assert town.tasks.get(task.id).state == "cancelled"


def test_two_who_forget_the_same_agent_both_say_so(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    town.agents.kill("ada")
    mail = town.desk.store.mail
    real = mail.entries

    def forgotten_meanwhile(*args: Any, **how: Any) -> Any:
        monkeypatch.setattr(mail, "entries", real)
        town.recovery.prune()
        return real(*args, **how)

    monkeypatch.setattr(mail, "entries", forgotten_meanwhile)

    gone, stayed = town.recovery.prune()

    assert ([agent.id for agent in gone], stayed) == ([ada.id], [])
