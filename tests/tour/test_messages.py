"""The manual, part two: messages, receipts, and telling everybody."""

from __future__ import annotations

import threading

from tests.waiting import wait_until
from tinytown import Town
from tinytown.actors.host import Host
from tinytown.domain.message import Kind, Message, ReceiptState


def test_messages_by_hand(town: Town) -> None:
    """An agent whose program is `manual` is yours: no worker runs it, you read its mail. Urgent mail comes first."""
    town.spawn("me", cli="manual")
    town.send("me", "when you have time")
    town.send("me", "right now", urgent=True)

    read = [message.body for message in (town.receive("me"), town.receive("me")) if message is not None]

    assert read == ["right now", "when you have time"]
    assert town.receive("me", timeout=0.01) is None


def test_a_receipt_says_what_became_of_a_message(town: Town, worker: Host) -> None:
    """Queued, taken by which turn, settled; or dead, and why."""
    town.spawn("me", cli="manual")
    town.spawn("ada", cli="shell")
    unread, done = town.send("me", "hello"), town.send("ada", "echo hello")

    wait_until(lambda: town.messages.receipt(done.id).state is ReceiptState.SETTLED)

    assert town.messages.receipt(unread.id).state is ReceiptState.QUEUED
    assert town.messages.receipt(done.id).epoch == 1


def test_looking_is_not_taking(town: Town) -> None:
    """`peek` leaves the mail where it is; `take` takes one message out of many; `drain` takes all."""
    town.spawn("me", cli="manual")
    messages = [town.send("me", text) for text in ("one", "two", "three")]

    assert town.messages.peek("me", 2) == messages[:2]
    assert town.messages.take("me", messages[1].id) == messages[1]
    assert list(town.messages.drain("me")) == [messages[0], messages[2]]


def test_agents_ask_each_other_for_work(town: Town, worker: Host) -> None:
    """Whoever gave a task away is told of its end."""
    town.spawn("ada", cli="shell")
    me = town.spawn("me", cli="manual")
    task = town.tasks.assign("ada", "echo forty-two", by=me.id)

    answer = town.receive("me", timeout=30)

    assert answer is not None
    assert (answer.type, answer.task_id, answer.result) == (Kind.TASK_DONE, task.id, "forty-two\n")


def test_an_agent_says_that_it_is_there(town: Town, worker: Host) -> None:
    """Pings are answered by the worker, without a program being run."""
    town.spawn("ada", cli="shell")
    town.spawn("me", cli="manual")
    ping = town.messages.compose("ada", Kind.PING, sender="me")

    town.messages.post(ping)
    answer = town.receive("me", timeout=30)

    assert answer is not None
    assert (answer.type, answer.correlation_id) == (Kind.PONG, ping.id)


def test_telling_everybody(town: Town) -> None:
    """What is broadcast reaches whoever listens at that moment, and nobody's mailbox."""
    heard: list[Message] = []
    done = threading.Event()

    def listen() -> None:
        for message in town.messages.subscribe(done.is_set):
            heard.append(message)
            done.set()

    listener = threading.Thread(target=listen)
    listener.start()
    wait_until(lambda: town.messages.broadcast("lunch is ready"))
    listener.join(10)

    assert [message.body for message in heard] == ["lunch is ready"]
