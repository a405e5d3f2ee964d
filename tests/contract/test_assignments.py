"""Assignments: tasks come into a mailbox in the order in which they were given."""

from __future__ import annotations

from tests.recount import check_town
from tinytown.domain.message import Message
from tinytown.town import Town


def test_a_bell_that_is_answered_early_delivers_what_was_given_before(town: Town) -> None:
    """Several workers answer bells at once, and any of them may be the quickest."""
    ada = town.spawn("ada", cli="shell")
    tasks = [town.assign("ada", f"step {number}") for number in range(6)]

    for task in (tasks[3], tasks[5], tasks[0], tasks[4], tasks[2], tasks[1]):
        town.assignments.answer(task.id, ada.id)

    assert [message.task_id for message in _mail(town)] == [task.id for task in tasks]
    check_town(town)


def test_what_is_meant_for_others_is_left_to_their_own_bells(town: Town) -> None:
    ada, bob = town.spawn("ada", cli="shell"), town.spawn("bob", cli="shell")
    town.assign("bob", "another's")
    task = town.assign("ada", "mine")

    town.assignments.answer(task.id, ada.id)

    assert [message.task_id for message in _mail(town)] == [task.id]
    assert town.messages.lengths([bob.id])[0][0] == 0


def _mail(town: Town) -> list[Message]:
    return town.messages.peek("ada", 100)
