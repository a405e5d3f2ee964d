"""Turns: one at a time, over a bounded batch, with the mail settled or back in its old order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import bodies, ids, send, send_many, turn_of
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind, ReceiptState
from tinytown.domain.task import Task, TaskState
from tinytown.domain.turn import TurnReason
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal, rehearse


def test_news_rings_one_bell_however_much_there_is(town: Rehearsal, ada: Agent) -> None:
    answers = [town.messages.send("ada", f"do {i}")[1] for i in range(3)]

    assert answers == ["rung", "waiting", "waiting"]
    assert [(bell.queue, bell.actor, bell.args) for bell in town.bells()] == [("agents", "run_agent", (ada.id,))]


def test_a_turn_takes_urgent_mail_before_the_rest(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two")
    send_many(town, "ada", "now", "then now", urgent=True)

    turn = turn_of(town, ada)

    assert bodies(turn) == ["now", "then now", "one", "two"]


def test_the_epoch_grows_with_each_turn(town: Rehearsal, ada: Agent) -> None:
    epochs = []
    for _ in range(3):
        send(town, "ada", "again")
        epochs.append(town.take_turn(ada.id).epoch)  # type: ignore[union-attr]

    assert epochs == [1, 2, 3]


def test_a_second_turn_is_refused_while_the_lease_is_alive(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    first = turn_of(town, ada)
    send(town, "ada", "two")

    assert town.begin_turn(ada.id) is None
    town.turns.end(first, Ending())


def test_without_mail_there_is_no_turn(town: Rehearsal, ada: Agent) -> None:
    assert town.begin_turn(ada.id) is None
    assert town.desk.store.turns.info([ada.id])[0].epoch == 0


def test_a_turn_that_ends_well_settles_its_mail(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")

    town.answer_bells()

    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.epoch) == (ReceiptState.SETTLED, 1)
    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]
    assert town.agents.find("ada").state is AgentState.IDLE


def test_the_receipt_says_which_turn_has_the_message(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    queued = town.messages.receipt(message.id)

    turn = turn_of(town, ada)
    taken = town.messages.receipt(message.id)

    assert (queued.state, queued.agent) == (ReceiptState.QUEUED, ada.id)
    assert (taken.state, taken.epoch) == (ReceiptState.TAKEN, turn.epoch)


def test_what_goes_back_goes_to_the_front_in_its_old_order(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two", "three")
    send_many(town, "ada", "now", "then now", urgent=True)
    turn = turn_of(town, ada)
    send(town, "ada", "came later")
    send(town, "ada", "urgent later", urgent=True)

    town.turns.end(turn, Ending(reason=TurnReason.CANCELLED, returned=ids(turn)))

    assert bodies(turn_of(town, ada)) == ["now", "then now", "urgent later", "one", "two", "three", "came later"]


def test_a_failure_counts_an_attempt_and_waits_longer_each_time(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    waits = []
    for _ in range(2):
        turn = turn_of(town, ada)
        town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn)))
        info = town.desk.store.turns.info([ada.id])[0]
        waits.append(round((info.not_before - info.scheduled_at) / 1000))
        town.lose_bells()
        town.let_backoff_pass(ada.id)

    assert town.messages.receipt(message.id).attempt == 2
    assert waits == [60, 120]


def test_a_turn_that_comes_too_early_after_a_failure_is_refused(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn)))

    assert town.begin_turn(ada.id) is None

    town.let_backoff_pass(ada.id)
    assert town.begin_turn(ada.id) is not None


@pytest.mark.parametrize("reason", [TurnReason.CANCELLED, TurnReason.RATE_LIMITED])
def test_what_is_nobodys_fault_counts_no_attempt(town: Rehearsal, ada: Agent, reason: TurnReason) -> None:
    message = send(town, "ada", "one")
    turn = turn_of(town, ada)

    town.turns.end(turn, Ending(reason=reason, returned=ids(turn)))

    assert town.messages.receipt(message.id).attempt == 0


def test_a_provider_that_asks_to_wait_is_given_its_time(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    town.turns.end(turn, Ending(reason=TurnReason.RATE_LIMITED, returned=ids(turn), retry_after=timedelta(seconds=7)))

    info = town.desk.store.turns.info([ada.id])[0]
    assert (info.not_before - info.scheduled_at, info.failures) == (7000, 0)


def test_what_failed_before_runs_alone(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two")
    turn = turn_of(town, ada)
    town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS, returned=ids(turn)))
    send(town, "ada", "three")
    town.let_backoff_pass(ada.id)

    batches = []
    while (turn_or_none := town.begin_turn(ada.id)) is not None:
        batches.append(bodies(turn_or_none))
        town.turns.end(turn_or_none, Ending())

    assert batches == [["one"], ["two"], ["three"]]


def test_a_batch_is_bounded_by_count(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", *"abcde")

    turn = town.begin_turn(ada.id, messages=2)

    assert turn is not None
    assert bodies(turn) == ["a", "b"]
    assert town.messages.lengths([ada.id]) == [(3, 0, 2, 0)]


def test_a_batch_is_bounded_by_size_but_never_empty(town: Rehearsal) -> None:
    small = rehearse("small", connection=town.desk.store.connection, agent={"batch_bytes": 1000})
    agent = small.spawn("ada")
    send_many(small, "ada", "x" * 5000, "y" * 400, "z" * 400)

    sizes = []
    while (turn := small.begin_turn(agent.id)) is not None:
        sizes.append([len(body) for body in bodies(turn)])
        small.turns.end(turn, Ending())

    assert sizes == [[5000], [400], [400]]


def test_a_batch_may_hold_thousands(town: Rehearsal, ada: Agent) -> None:
    """Lua hands back at most some thousand values at once; the batch must not be lost to that."""
    for i in range(4500):
        town.desk.tell(town.desk.message(SUPERVISOR_ID, ada.id, Kind.TASK, description=str(i)))

    turn = town.begin_turn(ada.id, messages=100_000)

    assert turn is not None
    assert [int(body) for body in bodies(turn)] == list(range(len(turn.mail)))
    town.turns.end(turn, Ending())


def test_mail_that_asks_for_nothing_wakes_nobody_and_comes_along(town: Rehearsal, ada: Agent) -> None:
    told = send(town, "ada", "for your information", kind=Kind.INFORMATIONAL)
    before = town.bells()

    send(town, "ada", "to do")
    turn = turn_of(town, ada)

    assert before == []
    assert bodies(turn) == ["for your information", "to do"]
    assert told.id in ids(turn)


def test_news_during_a_turn_rings_when_it_ends(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.lose_bells()

    during = town.messages.send("ada", "two")[1]
    town.turns.end(turn, Ending())

    assert during == "waiting"
    assert [bell.args for bell in town.bells("agents")] == [(ada.id,)]


def test_a_task_runs_in_the_turn_that_has_its_message(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    seen: list[Task] = []

    def look_and_leave(here: Rehearsal, turn: Turn) -> Ending:
        seen.append(here.tasks.get(task.id))
        return Ending(returned=ids(turn))

    town.answer_bells(look_and_leave, most=2)

    assert [(one.state, one.attempt) for one in seen] == [(TaskState.RUNNING, 1)]
    assert town.tasks.get(task.id).state is TaskState.ASSIGNED


def test_a_repeated_bell_finds_nothing_to_do(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    bells = town.bells()
    town.answer_bells()
    done = town.tasks.get(task.id)

    for bell in bells * 2:
        town.answer(bell)

    assert town.tasks.get(task.id) == done
    assert town.agents.find("ada").rounds_completed == 1


def test_rounds_are_counted_and_end_at_their_limit(town: Rehearsal) -> None:
    town.agents.spawn("cy", cli="shell", max_rounds=2)
    for i in range(3):
        send(town, "cy", str(i))
        town.answer_bells()

    agent = town.agents.find("cy")

    assert (agent.state, agent.stop_reason, agent.rounds_completed) == (AgentState.STOPPED, "max_rounds", 2)
    assert town.messages.lengths([agent.id]) == [(1, 0, 0, 0)]
