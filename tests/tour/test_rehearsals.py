"""The manual, part three: testing what you build on a town, without a server, a worker or a program."""

from __future__ import annotations

from datetime import timedelta

from tinytown.domain.ids import MessageId
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal, rehearse


def test_a_rehearsal_is_a_town_in_memory() -> None:
    """You answer the bells; unless you say otherwise, everything is done."""
    with rehearse() as town:
        town.spawn("ada")
        task = town.assign("ada", "write a poem")

        answered = town.answer_bells()

        assert answered == 2  # one that brings the task, one for the turn
        assert town.tasks.get(task.id).result == "done"


def test_you_say_what_a_turn_does() -> None:
    """Work is a function of the town and the turn, which answers how it ended."""

    def write(town: Rehearsal, turn: Turn) -> Ending:
        for task in turn.tasks.values():
            town.tasks.complete(task.id, f"{task.description}: roses are red", epoch=turn.epoch)
        return Ending()

    with rehearse() as town:
        town.spawn("ada")
        task = town.assign("ada", "a poem")

        town.answer_bells(write)

        assert town.tasks.get(task.id).result == "a poem: roses are red"


def test_you_say_what_goes_wrong() -> None:
    """A program fails, a worker dies, bells are lost: see that what you build stands it."""

    def fail(_town: Rehearsal, turn: Turn) -> Ending:
        returned: tuple[MessageId, ...] = tuple(message.id for message, _ in turn.mail)
        return Ending(reason=TurnReason.EXIT_STATUS, returned=returned)

    with rehearse() as town:
        ada = town.spawn("ada")
        task = town.assign("ada", "a poem")
        town.answer_bells(fail)
        town.let_backoff_pass(ada.id)
        town.take_turn(ada.id, lambda _town, _turn: None)
        town.let_lease_run_out(ada.id)
        town.lose_bells()

        town.recovery.sweep()
        town.answer_bells()

        assert (town.tasks.get(task.id).state, town.tasks.get(task.id).attempt) == (TaskState.COMPLETED, 3)


def test_the_clock_moves_when_you_move_it() -> None:
    """The time of day stands still; Redis' own time, in which leases are counted, does not."""
    with rehearse() as town:
        first = town.backlog.add("one")
        town.clock.at += timedelta(days=1)
        second = town.backlog.add("two")

        assert second.created_at - first.created_at == timedelta(days=1)
