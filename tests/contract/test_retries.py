"""Lost replies: a step whose answer never came may be done again, and was done once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.contract.mail import ids, send, turn_of
from tinytown.domain.agent import Agent
from tinytown.domain.message import Kind
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import RedisUnavailable, WrongState
from tinytown.services.turns import Ending
from tinytown.store.connection import Arg, Connection, Reply
from tinytown.testing import Rehearsal


class Deaf:
    """A connection on which a script is carried out, and its reply lost."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._until_deaf = -1

    def lose(self, nth: int) -> None:
        self._until_deaf = nth

    def call(self, *args: Arg) -> Reply:
        reply = self._connection.call(*args)
        if args[0] in {"EVALSHA", "EVAL"}:
            self._until_deaf -= 1
        if self._until_deaf == 0:
            self._until_deaf = -1
            raise RedisUnavailable("here", "the reply was lost")
        return reply

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        return self._connection.calls(commands)


@pytest.fixture
def deaf(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> Deaf:
    """The town's way to Redis, which can lose replies."""
    deaf = Deaf(town.desk.store.connection)
    monkeypatch.setattr(town.desk.store.scripts, "_connection", deaf)
    return deaf


def twice(deaf: Deaf, step: Callable[[], object], *, nth: int = 1) -> object:
    """Do it, lose the reply of its nth script, do it again."""
    deaf.lose(nth)
    with pytest.raises(RedisUnavailable):
        step()
    return step()


def test_a_message_is_delivered_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    message = town.messages.compose("ada", Kind.TASK, description="one")

    again = twice(deaf, lambda: town.messages.post(message))

    assert again == (message, "duplicate")
    assert town.messages.lengths([ada.id]) == [(1, 0, 0, 0)]
    assert len(town.bells()) == 1


def test_a_message_that_was_dealt_with_is_not_delivered_again(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    town.answer_bells()

    town.messages.post(message)

    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]


def test_a_task_is_stored_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    task = town.tasks.new("write", wanted=ada.id)

    again = twice(deaf, lambda: town.desk.store.tasks.add(task))

    assert again == "exists"
    assert len(town.bells("control")) == 1


def test_a_task_is_delivered_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    task = town.assign("ada", "write")

    twice(deaf, lambda: town.tasks.deliver(task.id))

    assert len(town.messages.peek("ada")) == 1


def test_a_task_ends_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)

    with pytest.raises(WrongState):
        twice(deaf, lambda: town.tasks.complete(task.id))

    assert (town.tasks.get(task.id).version, town.agents.get(ada.id).tasks_completed) == (3, 1)
    town.messages.take("ada", town.messages.peek("ada")[0].id)


def test_a_turn_ends_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    after = twice(deaf, lambda: town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn))))

    assert after is None
    assert town.messages.receipt(turn.mail[0][0].id).attempt == 1
    assert town.agents.get(ada.id).rounds_completed == 1


def test_a_turn_that_began_unheard_is_taken_back_when_its_lease_is_over(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    send(town, "ada", "one")

    assert twice(deaf, lambda: town.begin_turn(ada.id)) is None
    town.let_lease_run_out(ada.id)
    town.recovery.sweep()

    assert turn_of(town, ada).epoch == 3


def test_a_message_is_buried_once(town: Rehearsal, ada: Agent, deaf: Deaf) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    turn = turn_of(town, ada)

    twice(deaf, lambda: town.turns.bury(turn, turn.mail[0][0], "timeout", "", attempts=3))

    assert town.tasks.get(task.id).state is TaskState.FAILED
    assert len(town.messages.peek("supervisor")) == 1
    assert town.events.counters()["failed"] == 1
    town.turns.end(turn, Ending())


@pytest.mark.parametrize("nth", [1, 2], ids=["fence", "reap"])
def test_a_dead_turn_is_reaped_once(town: Rehearsal, ada: Agent, deaf: Deaf, nth: int) -> None:
    send(town, "ada", "one")
    turn_of(town, ada)
    town.let_lease_run_out(ada.id)

    twice(deaf, town.recovery.sweep, nth=nth)

    assert [attempt for _, attempt in turn_of(town, ada).mail] == [1]
