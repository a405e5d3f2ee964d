"""`tt dlq`: what was given up, and what can be done about it."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Tt
from tinytown.domain.ids import TaskId
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import DeadLetterNotFound
from tinytown.services.turns import Ending
from tinytown.town import Town


def bury(town: Town, name: str, text: str = "echo oh no") -> TaskId:
    """A task of the agent, given up after its turns."""
    agent = town.agents.find(name)
    task = town.assign(name, text)
    town.tasks.deliver(task.id, agent.id)
    turn = town.turns.begin(agent.id, "w1", messages=1)
    assert turn is not None
    turn = town.turns.start(turn, [task.id])
    assert town.turns.bury(turn, turn.mail[0][0], TurnReason.EXIT_STATUS.value, "status 3", attempts=3)
    town.turns.end(turn, Ending())
    return task.id


def throw_in(town: Town, name: str, entry: str = "no message at all") -> None:
    """Something among the dead letters that is no message."""
    town.desk.store.connection.call("RPUSH", town.desk.store.keys.dead(town.agents.find(name).id), entry)


@pytest.fixture
def ada(town: Town) -> Town:
    """The town with an agent."""
    town.spawn("ada")
    return town


def test_dead_letters_are_listed_with_their_reasons(tt: Tt, ada: Town) -> None:
    bury(ada, "ada", "count the sheep")
    throw_in(ada, "ada")

    said = tt("dlq", "list")

    assert [line.split()[1:3] for line in said.lines[1:]] == [["ada", "exit_status"], ["ada", "malformed"]]
    assert "count the sheep" in said.lines[1]
    assert "no message at all" in said.lines[2]
    assert [one["reason"] for one in tt("dlq", "list", "--json").json] == ["exit_status", "malformed"]


def test_a_dead_letter_is_shown_whole(tt: Tt, ada: Town) -> None:
    task = bury(ada, "ada", "count the sheep\nall of them")
    (letter,) = tt("dlq", "list", "--json").json

    said = tt("dlq", "show", letter["id"][:8])

    assert "all of them" in said.out
    assert "status 3" in said.out
    assert tt("dlq", "show", letter["id"], "--json").json["task"]["id"] == task


def test_what_is_no_message_is_shown_and_dropped_by_an_id_of_its_own(tt: Tt, ada: Town) -> None:
    throw_in(ada, "ada", "\x1b[2Jgarbage")
    (letter,) = tt("dlq", "list", "--json").json

    shown = tt("dlq", "show", letter["id"])
    requeued = tt("dlq", "requeue", letter["id"])
    dropped = tt("dlq", "drop", letter["id"])

    assert "garbage" in shown.out
    assert "\x1b" not in shown.out
    assert (requeued.code, "only dropped" in requeued.err) == (4, True)
    assert dropped.out == "Dropped: 1.\n"
    assert tt("dlq", "list").out == "No dead letters.\n"


def test_a_task_is_tried_again_as_a_new_one(tt: Tt, ada: Town) -> None:
    ada.spawn("bob")
    old = bury(ada, "ada", "count the sheep")
    (letter,) = tt("dlq", "list", "--json").json

    said = tt("dlq", "requeue", letter["id"], "--to", "bob", "--json")

    again = ada.tasks.find(said.json[0]["task"])
    assert (again.description, again.parent_id, again.wanted) == ("count the sheep", old, ada.agents.find("bob").id)
    assert ada.tasks.get(old).state is TaskState.FAILED
    assert tt("dlq", "list", "--json").json == []


def test_of_two_that_try_again_at_once_one_does(ada: Town) -> None:
    bury(ada, "ada", "count the sheep")
    first, second = ada.messages.dead() + ada.messages.dead()

    again = ada.messages.requeue_dead(first)
    with pytest.raises(DeadLetterNotFound):
        ada.messages.requeue_dead(second)

    assert [task.id for task in ada.tasks.matching(TaskState.PENDING)] == [again.id]


def test_all_are_tried_again_but_for_what_is_no_message(tt: Tt, ada: Town) -> None:
    bury(ada, "ada")
    bury(ada, "ada")
    throw_in(ada, "ada")

    said = tt("dlq", "requeue", "--all")

    assert (said.code, len(said.lines)) == (0, 2)
    assert "1 of 3" in said.err
    assert [one["reason"] for one in tt("dlq", "list", "--json").json] == ["malformed"]


def test_nothing_is_thrown_away_without_a_word(tt: Tt, ada: Town) -> None:
    bury(ada, "ada")
    bury(ada, "ada")

    refused = tt("dlq", "drop", "--all")
    kept = len(tt("dlq", "list", "--json").json)
    dropped = tt("dlq", "drop", "--all", "--yes", "--json")

    assert (refused.code, kept) == (2, 2)
    assert len(dropped.json["dropped"]) == 2
    assert tt("dlq", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "00000000"), 3),
        (("requeue", "00000000"), 3),
        (("drop", "00000000"), 3),
        (("show", ""), 3),
        (("show", "*"), 3),
        (("requeue",), 2),
        (("drop",), 2),
        (("drop", "00000000", "--all"), 2),
        (("requeue", "--all", "--to", "nobody"), 3),
        (("list", "--agent", "nobody"), 3),
    ],
)
def test_what_is_not_there_is_an_error_and_loses_nothing(arguments: tuple[str, ...], code: int, tt: Tt, ada: Town) -> None:
    bury(ada, "ada")

    said = tt("dlq", *arguments)

    assert (said.code, said.out) == (code, "")
    assert len(tt("dlq", "list", "--json").json) == 1
