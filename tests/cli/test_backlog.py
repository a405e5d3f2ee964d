"""`tt backlog`: tasks that nobody is meant for yet."""

from __future__ import annotations

import pytest

from tests.cli.at_work import at_work, speak_as
from tests.cli.conftest import Tt
from tinytown.domain.task import TaskState
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _ada(town: Town) -> None:
    town.spawn("ada", cli="shell")


def test_what_is_added_waits_oldest_first(tt: Tt, town: Town) -> None:
    ids = [tt("backlog", "add", text, "--tags", "docs").out.strip() for text in ("one", "two")]

    said = tt("backlog", "list")

    assert [line.split()[0] for line in said.lines[1:]] == [identity[:8] for identity in ids]
    assert [task["tags"] for task in tt("backlog", "list", "--json").json] == [["docs"], ["docs"]]


def test_an_empty_backlog_says_so_on_stderr(tt: Tt) -> None:
    said = tt("backlog", "list")

    assert (said.code, said.out, said.err) == (0, "", "the backlog is empty\n")


def test_a_list_that_is_cut_says_how_much_is_left(tt: Tt, town: Town) -> None:
    for number in range(3):
        town.backlog.add(f"task {number}")

    assert "1 more" in tt("backlog", "list", "--limit", 2).err


def test_a_claim_with_a_typo_loses_nothing(tt: Tt, town: Town) -> None:
    """The entry was removed before the agent was looked up."""
    task = town.backlog.add("one")

    said = tt("backlog", "claim", task.id, "aad")

    assert said.code == 3
    assert [waiting.id for waiting in town.backlog.list()] == [task.id]


def test_a_claimed_task_is_in_the_mailbox_and_no_longer_in_the_backlog(tt: Tt, town: Town) -> None:
    task = town.backlog.add("one")

    said = tt("backlog", "claim", task.short_id, "ADA")

    assert said.code == 0
    assert town.tasks.get(task.id).state is TaskState.ASSIGNED
    assert (town.backlog.length(), town.messages.peek("ada")[0].task_id) == (0, task.id)
    assert tt("backlog", "claim", task.id, "ada").code == 4


def test_inside_a_turn_an_agent_claims_for_itself(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _, turn = at_work(town, "ada")
    task = town.backlog.add("one")
    assert tt("backlog", "claim", task.id).code == 2
    speak_as(turn, monkeypatch)

    said = tt("backlog", "claim", task.id)

    assert said.code == 0
    assert town.tasks.get(task.id).assigned_to == turn.agent.id


def test_the_whole_backlog_is_given_to_one_agent(tt: Tt, town: Town) -> None:
    for number in range(5):
        town.backlog.add(f"task {number}")

    said = tt("backlog", "assign-all", "ada")

    assert said.out == "5 tasks given to ada\n"
    assert (town.backlog.length(), len(town.messages.peek("ada", 10))) == (0, 5)
    assert tt("backlog", "assign-all", "nobody").code == 3


def test_only_what_waits_in_the_backlog_is_removed(tt: Tt, town: Town) -> None:
    waiting, given = town.backlog.add("one"), town.assign("ada", "two")

    codes = [tt("backlog", "remove", task.id).code for task in (waiting, given)]

    assert codes == [0, 3]
    assert [task.id for task in town.tasks.matching()] == [given.id]
