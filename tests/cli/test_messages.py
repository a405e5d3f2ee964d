"""`tt send` and `tt inbox`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.at_work import at_work, deliver, speak_as, type_in
from tests.cli.conftest import Tt
from tests.cli.ways import by_redis_only
from tinytown.domain.ids import SUPERVISOR_ID, MessageId
from tinytown.domain.message import Kind, Message
from tinytown.errors import RedisUnavailable
from tinytown.services.messages import MessageService
from tinytown.town import Town


@pytest.fixture(autouse=True)
def _agents(town: Town) -> None:
    for name in ("ada", "grace"):
        town.spawn(name, cli="shell")


@pytest.mark.parametrize(
    ("option", "kind"),
    [((), Kind.TASK), (("--query",), Kind.QUERY), (("--info",), Kind.INFORMATIONAL), (("--ack",), Kind.CONFIRMATION)],
)
def test_a_message_has_the_kind_that_was_said(option: tuple[str, ...], kind: Kind, tt: Tt, town: Town) -> None:
    said = tt("send", "ada", "thanks", *option)

    mail = town.messages.peek("ada")[0]
    assert said.out.startswith(f"{mail.id} sent to ada: ")
    assert (mail.type, mail.sender) == (kind, SUPERVISOR_ID)


def test_a_message_has_one_kind(tt: Tt, town: Town) -> None:
    said = tt("send", "ada", "x", "--query", "--info")

    assert (said.code, town.messages.peek("ada")) == (2, [])


def test_urgent_mail_goes_first(tt: Tt, town: Town) -> None:
    tt("send", "ada", "second")

    tt("send", "ada", "first", "--urgent", "--query")

    assert [mail.body for mail in town.messages.drain("ada")] == ["first", "second"]


def test_what_the_message_did_is_told_in_words(tt: Tt, town: Town) -> None:
    first, second, third = tt("send", "ada", "x"), tt("send", "ada", "y"), tt("send", "ada", "z", "--info")

    assert "wakes up" in first.out
    assert "next turn" in second.out
    assert "wakes nobody" in third.out


def test_mail_for_an_agent_that_is_stopped_is_kept_and_said_to_wait(tt: Tt, town: Town) -> None:
    """It succeeded silently, and nothing ever woke the agent."""
    town.agents.kill("ada")

    said = tt("send", "ada", "x")

    assert said.code == 0
    assert "it waits" in said.out
    assert "`tt restart ada`" in said.err


def test_an_unknown_recipient_or_sender_is_an_error(tt: Tt, town: Town) -> None:
    assert tt("send", "nobody", "x").code == 3
    assert tt("send", "ada", "x", "--from", "nobody").code == 3
    assert town.messages.peek("ada") == []


@pytest.mark.parametrize("words", [["ada"], ["ada", ""], ["ada", " \n"]])
def test_a_message_says_something(words: list[str], tt: Tt, town: Town) -> None:
    assert tt("send", *words).code == 2
    assert town.messages.peek("ada") == []


def test_a_message_comes_through_stdin(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    type_in(b"line\n" * 100_000, monkeypatch)

    said = tt("send", "supervisor", "-", "--json")

    assert said.json["to"] == SUPERVISOR_ID
    assert town.messages.peek("supervisor")[0].body == "line\n" * 100_000


def test_inside_a_turn_the_agent_is_the_sender(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    _, turn = at_work(town, "grace")
    speak_as(turn, monkeypatch)

    tt("send", "ada", "mine")
    tt("send", "ada", "said by ada", "--from", "ada")

    assert [mail.sender for mail in town.messages.peek("ada")] == [turn.agent.id, town.agents.find("ada").id]


def test_an_inbox_shows_all_there_is_and_keeps_it(tt: Tt, town: Town) -> None:
    """Urgent mail was neither shown nor counted."""
    at_work(town, "ada")
    deliver(town, "ada", "paint the fence")
    town.send("ada", "look here", urgent=True)

    said = tt("inbox", "ada")

    assert said.lines[0] == "ada: 1 waiting, 1 urgent, 1 in the hands of a turn, 0 dead"
    assert "look here" in said.lines[3]
    assert "paint the fence" in said.lines[4]
    assert town.messages.lengths([town.agents.find("ada").id]) == [(1, 1, 1, 0)]


def test_an_inbox_that_is_cut_says_how_much_is_left(tt: Tt, town: Town) -> None:
    for number in range(4):
        town.send("ada", f"message {number}")

    said = tt("inbox", "ada", "--limit", 3)

    assert said.lines[-1] == "… and 1 more: --limit 4"
    assert len(tt("inbox", "ada", "--json", "--limit", 3).json["messages"]) == 3


def test_only_urgent_mail_is_shown_if_that_is_asked_for(tt: Tt, town: Town) -> None:
    town.send("ada", "ordinary")
    town.send("ada", "pressing", urgent=True)

    said = tt("inbox", "ada", "--urgent")

    assert "pressing" in said.out
    assert "ordinary" not in said.out


def test_escape_sequences_in_mail_do_not_reach_the_terminal(tt: Tt, town: Town) -> None:
    town.send("ada", "\x1b]0;owned\x07")

    assert "\x1b" not in tt("inbox", "ada").out


def test_the_mailbox_of_the_people_can_be_read_and_emptied(tt: Tt, town: Town) -> None:
    """It could only be peeked at, so it grew for ever."""
    for text in ("one", "two", "three"):
        town.send("supervisor", text)
    second = town.messages.peek("supervisor")[1]

    taken, rest, empty = tt("inbox", "--take", second.id[:8]), tt("inbox", "--drain"), tt("inbox", "--drain")

    assert "two" in taken.out
    assert [word in rest.out for word in ("one", "two", "three")] == [True, False, True]
    assert (empty.out, empty.err) == ("", "nothing waits\n")


def test_all_mail_that_is_taken_out_is_printed_in_json_too(tt: Tt, town: Town) -> None:
    town.send("ada", "one")
    town.send("ada", "two", urgent=True)

    assert [mail["description"] for mail in tt("inbox", "ada", "--drain", "--json").json] == ["two", "one"]
    assert tt("inbox", "ada", "--count").out == "0\n"


@by_redis_only("it has the service fail")
def test_what_was_taken_out_is_printed_even_if_redis_goes_away(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    town.send("ada", "one")
    taken = list(town.messages.drain("ada"))

    def drain(self: MessageService, agent: str, **_: object) -> Iterator[Message]:
        yield from taken
        raise RedisUnavailable("unix:///x", "connection lost")

    monkeypatch.setattr(MessageService, "drain", drain)
    said = tt("inbox", "ada", "--drain", "--json")

    assert (said.code, [mail["description"] for mail in said.json]) == (5, ["one"])


def test_all_urgent_mail_is_taken_out_and_no_other(tt: Tt, town: Town) -> None:
    town.send("ada", "ordinary")
    for number in range(120):
        town.send("ada", f"pressing {number}", urgent=True)

    said = tt("inbox", "ada", "--drain", "--urgent")

    assert (said.out.count("pressing"), said.err) == (120, "120 messages taken out\n")
    assert tt("inbox", "ada", "--count").out == "1\n"


def test_mail_that_is_not_there_cannot_be_taken(tt: Tt) -> None:
    assert tt("inbox", "ada", "--take", "beef").code == 3


def test_all_mailboxes_with_something_in_them_are_shown(tt: Tt, town: Town) -> None:
    town.send("grace", "one")
    town.send("supervisor", "two")

    said = tt("inbox", "--all")

    assert [line.split(":")[0] for line in said.lines if "waiting," in line] == ["grace", "supervisor"]
    assert said.lines[-1] == "2 messages in 2 mailboxes"
    assert [box["name"] for box in tt("inbox", "--all", "--json").json] == ["grace", "supervisor"]


@pytest.mark.parametrize("words", [["--all", "--drain"], ["ada", "--all"], ["ada", "--message", "x"], ["--take", "x", "--count"]])
def test_an_inbox_is_asked_one_thing_at_a_time(words: list[str], tt: Tt) -> None:
    assert tt("inbox", *words).code == 2


def test_a_receipt_follows_the_message_through_its_life(tt: Tt, town: Town) -> None:
    sent = MessageId(tt("send", "ada", "x", "--json").json["id"])
    queued = tt("inbox", "--message", sent).out
    turn = town.turns.begin(town.agents.find("ada").id, "w", messages=5)
    assert turn is not None
    taken = tt("inbox", "--message", sent).out
    town.turns.bury(turn, turn.mail[0][0], "exit_status", "", attempts=3)

    dead = tt("inbox", "--message", sent).out

    assert queued.startswith("queued in the inbox of ada")
    assert taken.startswith(f"taken by turn {turn.epoch} of ada")
    assert dead.startswith("dead: ada gave it up")
    assert "exit_status" in dead


def test_a_receipt_says_who_read_the_message(tt: Tt, town: Town) -> None:
    sent = tt("send", "ada", "x", "--urgent", "--json").json["id"]
    tt("inbox", "ada", "--drain")

    assert tt("inbox", "--message", sent).out.startswith("settled by ada")


def test_a_message_that_was_never_sent_has_no_receipt(tt: Tt) -> None:
    assert tt("inbox", "--message", "11111111-2222-4333-8444-555555555555").code == 3
    assert tt("inbox", "--message", "1111").code == 2
