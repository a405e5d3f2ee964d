"""Mail: its order, its receipts, and reading it by hand."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from tests.contract.mail import send, send_many, turn_of
from tests.waiting import wait_until
from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import Kind, Message, Priority, ReceiptState
from tinytown.errors import AgentNotFound, AmbiguousReference, InvalidValue, MessageNotFound
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def received(town: Rehearsal, agent: str) -> list[str]:
    return [message.body for message in town.messages.drain(agent)]


def test_mail_is_read_in_the_order_in_which_it_came(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two", "three")

    assert received(town, "ada") == ["one", "two", "three"]


def test_urgent_mail_comes_first_and_in_order(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "ordinary")
    send_many(town, "ada", "now", "then now", urgent=True)

    assert received(town, "ada") == ["now", "then now", "ordinary"]


def test_priority_decides_between_head_and_tail(town: Rehearsal, ada: Agent) -> None:
    for priority in (Priority.NORMAL, Priority.LOW, Priority.HIGH, Priority.URGENT):
        send(town, "ada", priority.value, priority=priority)

    assert received(town, "ada") == ["urgent", "high", "normal", "low"]


def test_only_urgent_mail_is_read_on_request(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "ordinary")
    send_many(town, "ada", "now", "then now", "later now", urgent=True)

    first = town.messages.receive_urgent("ada", 2)
    rest = town.messages.receive_urgent("ada")

    assert [message.body for message in first + rest] == ["now", "then now", "later now"]
    assert town.messages.lengths([ada.id]) == [(1, 0, 0, 0)]


def test_a_message_is_read_once_and_its_receipt_says_so(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")

    got = town.receive("ada")

    assert got == message
    assert town.receive("ada") is None
    receipt = town.messages.receipt(message.id)
    assert (receipt.state, receipt.reason) == (ReceiptState.SETTLED, "received")


def test_looking_leaves_everything_where_it_is(town: Rehearsal, ada: Agent) -> None:
    send_many(town, "ada", "one", "two", "three")

    assert [message.body for message in town.messages.peek("ada", 2)] == ["one", "two"]
    assert town.messages.peek("ada", 0) == []
    assert town.messages.peek("ada", -1) == []
    assert town.messages.lengths([ada.id]) == [(3, 0, 0, 0)]


def test_a_reader_waits_until_something_comes(town: Rehearsal, ada: Agent, way: str) -> None:
    if way.startswith("small"):
        pytest.skip(reason="the small client is for one thread")
    got: list[Message | None] = []
    reader = threading.Thread(target=lambda: got.append(town.receive("ada", 10)))
    reader.start()
    wait_until(lambda: town.desk.store.connection.call("HGET", town.desk.store.keys.turn(ada.id), "listening"))

    send(town, "ada", "here you are")
    reader.join(10)

    assert [message.body for message in got if message is not None] == ["here you are"]


def test_a_reader_waits_no_longer_than_told(town: Rehearsal, ada: Agent) -> None:
    assert town.messages.receive("ada", timedelta(milliseconds=20)) is None
    assert town.messages.receive("ada", timedelta(0)) is None


def test_the_people_have_a_mailbox_that_can_be_read_and_emptied(town: Rehearsal, ada: Agent) -> None:
    send(town, "supervisor", "help", sender="ada")
    send(town, "conductor", "more help", sender=ada.id)

    assert [(message.body, message.sender) for message in town.messages.peek("supervisor")] == [("help", ada.id), ("more help", ada.id)]
    assert received(town, "supervisor") == ["help", "more help"]
    assert town.bells() == []


def test_one_message_can_be_taken_out_of_many(town: Rehearsal, ada: Agent) -> None:
    messages = send_many(town, "ada", "one", "two", "three")

    taken = town.messages.take("ada", messages[1].id[:12])

    assert taken == messages[1]
    assert [message.body for message in town.messages.peek("ada")] == ["one", "three"]
    assert town.desk.store.turns.info([ada.id])[0].waiting == 2


@pytest.mark.parametrize("reference", ["", "abc", "ffffffff", "*"])
def test_nothing_is_taken_by_accident(town: Rehearsal, ada: Agent, reference: str) -> None:
    send(town, "ada", "one")

    with pytest.raises(MessageNotFound):
        town.messages.take("ada", reference)

    assert town.messages.lengths([ada.id])[0][0] == 1


def test_of_two_that_could_be_meant_none_is_taken(town: Rehearsal, ada: Agent) -> None:
    for last in "12":
        message = town.messages.compose("ada", Kind.PING)
        twin = Message(
            id=f"aaaaaaaa-0000-4000-8000-00000000000{last}",  # type: ignore[arg-type]
            sender=message.sender, recipient=ada.id, type=Kind.PING, created_at=message.created_at,
        )  # fmt: skip
        town.messages.post(twin)

    with pytest.raises(AmbiguousReference):
        town.messages.take("ada", "aaaaaaaa")

    assert town.messages.lengths([ada.id])[0][0] == 2


@pytest.mark.parametrize("reference", ["nobody", "11111111-1111-4111-8111-111111111111"])
def test_sending_to_nobody_is_an_error(town: Rehearsal, ada: Agent, reference: str) -> None:
    with pytest.raises(AgentNotFound):
        send(town, reference, "hello?")
    with pytest.raises(AgentNotFound):
        send(town, "ada", "hello?", sender=reference)

    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]


def test_a_message_to_an_agent_that_is_gone_is_an_error(town: Rehearsal, ada: Agent) -> None:
    message = town.messages.compose("ada", Kind.TASK, description="one")
    town.agents.kill("ada")
    town.recovery.prune()

    with pytest.raises(AgentNotFound):
        town.messages.post(message)


@pytest.mark.parametrize("text", ["", " \n"])
def test_an_empty_message_is_refused(town: Rehearsal, ada: Agent, text: str) -> None:
    with pytest.raises(InvalidValue):
        send(town, "ada", text)


def test_a_kind_without_words_is_refused(town: Rehearsal, ada: Agent) -> None:
    with pytest.raises(InvalidValue):
        send(town, "ada", "hello", kind=Kind.PING)


def test_a_long_message_arrives_whole(town: Rehearsal, ada: Agent) -> None:
    text = "line one\n" + "x" * 5_000_000

    send(town, "ada", text)

    assert received(town, "ada") == [text]


@pytest.mark.parametrize("message", ["", "ffffffff", "nothing", "\udcff", "11111111-1111-4111-8111-111111111111"])
def test_a_message_that_was_never_sent_has_no_receipt(town: Rehearsal, ada: Agent, message: str) -> None:
    with pytest.raises(MessageNotFound):
        town.messages.receipt(message)


def test_the_life_of_a_message_in_its_receipts(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one", urgent=True)
    states = [town.messages.receipt(message.id)]
    turn = turn_of(town, ada)
    states.append(town.messages.receipt(message.id))
    town.turns.end(turn, Ending())
    states.append(town.messages.receipt(message.id.upper()))

    assert [one.state for one in states] == [ReceiptState.QUEUED, ReceiptState.TAKEN, ReceiptState.SETTLED]
    assert {(one.agent, one.queue) for one in states} == {(ada.id, "urgent")}
    assert [one.at for one in states] == sorted(one.at for one in states)


def test_what_is_broadcast_reaches_all_who_listen(town: Rehearsal, ada: Agent, way: str) -> None:
    if way.startswith("small"):
        pytest.skip(reason="the small client is for one thread")
    heard: list[Message] = []

    def listen() -> None:
        for message in town.messages.subscribe(lambda: bool(heard)):
            heard.append(message)
            return

    listener = threading.Thread(target=listen)
    listener.start()
    wait_until(lambda: town.messages.broadcast("stop the press", sender="ada"))
    listener.join(10)

    assert [(message.type, message.body, message.sender) for message in heard] == [(Kind.INFORMATIONAL, "stop the press", ada.id)]
    assert town.messages.lengths([ada.id, SUPERVISOR_ID]) == [(0, 0, 0, 0)] * 2


def test_what_is_no_message_does_not_end_a_subscription(town: Rehearsal, way: str) -> None:
    if way.startswith("small"):
        pytest.skip(reason="the small client is for one thread")
    heard: list[Message] = []

    def listen() -> None:
        for message in town.messages.subscribe(lambda: bool(heard)):
            heard.append(message)
            return

    listener = threading.Thread(target=listen)
    listener.start()
    wait_until(lambda: town.desk.store.connection.call("PUBLISH", town.desk.store.keys.broadcast, "garbage"))
    town.messages.broadcast("still here")
    listener.join(10)

    assert [message.body for message in heard] == ["still here"]
