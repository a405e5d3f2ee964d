"""Mailboxes and dead letters by pages: each thing once, whatever happens in between."""

from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tinytown.api.paging import cursor_after
from tinytown.domain.agent import Agent
from tinytown.domain.message import Kind, Priority
from tinytown.services import dead_letters, mailboxes
from tinytown.testing import Rehearsal


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell")


def page(client: TestClient, path: str = "/v1/agents/ada/inbox", cursor: str | None = None, **query: Any) -> tuple[list[str], str | None]:
    """The texts or names on one page, and where the next one begins."""
    said = client.simulate_get(path, params=query | ({} if cursor is None else {"cursor": cursor})).json
    things = said.get("messages", said.get("dead_letters"))
    return [thing.get("text", thing["id"]) for thing in things], said["next_cursor"]


def pages(client: TestClient, path: str = "/v1/agents/ada/inbox", *, most: int = 50, **query: Any) -> list[list[str]]:
    """All pages."""
    found: list[list[str]] = []
    cursor = None
    while len(found) < most:
        shown, cursor = page(client, path, cursor, **query)
        found.append(shown)
        if cursor is None:
            break
    return found


def throw_in(town: Rehearsal, agent: Agent, *entries: bytes) -> None:
    """Put things among the dead letters that are no messages."""
    for entry in entries:
        town.desk.store.connection.call("RPUSH", town.desk.store.keys.dead(agent.id), entry)


def test_a_page_that_is_just_full_is_the_last_one(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(4):
        town.send("ada", f"{number}")

    assert pages(client, limit=2) == [["0", "1"], ["2", "3"]]


def test_the_message_at_the_end_of_a_page_may_be_taken(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    sent = [town.send("ada", f"{number}") for number in range(8)]
    _, cursor = page(client, limit=4)

    town.messages.take("ada", sent[3].id)
    town.messages.take("ada", sent[5].id)

    assert page(client, cursor=cursor) == (["4", "6", "7"], None)


def test_a_mailbox_that_was_emptied_up_to_there_goes_on_with_what_is_left(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(300):
        town.send("ada", f"{number}")
    _, cursor = page(client, limit=250)

    town.messages.receive_some("ada", 260)

    assert page(client, cursor=cursor, limit=500) == ([f"{number}" for number in range(260, 300)], None)


def test_mail_that_pushes_in_front_repeats_nothing(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(6):
        town.send("ada", f"{number}")
    _, cursor = page(client, limit=3)

    for number in range(150):
        town.messages.send("ada", f"first {number}", priority=Priority.HIGH)

    assert page(client, cursor=cursor) == (["3", "4", "5"], None)


def test_what_is_no_message_hides_none(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(4):
        town.send("ada", f"{number}")
        town.desk.store.connection.call("RPUSH", town.desk.store.keys.inbox(ada.id), b"garbage")

    assert pages(client, limit=2) == [["0", "1"], ["2", "3"]]


def test_urgent_mail_is_shown_oldest_first(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    """Urgent mail is read in the order in which it came, and not the newest before the others."""
    for number in range(3):
        town.send("ada", f"urgent {number}", urgent=True)
    town.send("ada", "ordinary")

    assert pages(client, limit=2) == [["urgent 0", "urgent 1"], ["urgent 2", "ordinary"]]


def test_a_page_is_bounded_by_what_it_says(client: TestClient, town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailboxes, "PAGE_CHARACTERS", 100)
    for size in (40, 40, 40, 500, 10):
        town.send("ada", "x" * size)

    assert [[len(text) for text in texts] for texts in pages(client)] == [[40, 40], [40], [500], [10]]


def test_a_message_is_said_in_one_line(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    """The words of lists are those that are sent: `info`, and not what it is called inside."""
    town.messages.send("ada", "two\nlines", kind=Kind.INFORMATIONAL)
    town.send("ada", "long " * 100)
    task = town.assign("ada", "# sweep the floor\nall of it")
    town.assignments.answer(task.id, str(task.wanted))
    town.messages.post(town.messages.compose("ada", Kind.CUSTOM, kind="deploy", payload="now"))

    shown = client.simulate_get("/v1/agents/ada/inbox").json["messages"]

    assert [message["type"] for message in shown] == ["info", "task", "task_assign", "custom:deploy"]
    assert [message["summary"] for message in (shown[0], shown[2], shown[3])] == ["two lines", f"{task.id[:8]} {task.title}", "now"]
    assert len(shown[1]["summary"]) == 200
    assert shown[0]["text"] == "two\nlines"


@pytest.mark.parametrize("text", ["a\x00b", "😀", "\u202eback", "tab\tand\nline", "\ufffe"])
def test_any_text_arrives_as_it_was_sent(client: TestClient, ada: Agent, text: str) -> None:
    sent = client.simulate_post("/v1/messages/send", json={"to": "ada", "message": text})

    assert sent.status_code == 201
    assert pages(client) == [[text]]


def test_half_a_character_is_no_text(client: TestClient, ada: Agent) -> None:
    body = rb'{"to":"ada","message":"\ud800"}'

    result = client.simulate_post("/v1/messages/send", body=body, headers={"Content-Type": "application/json"})

    check_problem(result, 400, "malformed_json")
    assert pages(client) == [[]]


def test_a_message_longer_than_a_mailbox_takes_is_refused(client: TestClient, ada: Agent) -> None:
    result = client.simulate_post("/v1/messages/send", json={"to": "ada", "message": "x" * (8 * 1024 * 1024 + 1)})

    assert result.status_code in {413, 422}
    assert pages(client) == [[]]


def test_an_urgent_message_that_is_taken_was_urgent(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    sent = town.send("ada", "at once", urgent=True)

    assert client.simulate_delete(f"/v1/agents/ada/inbox/{sent.id}").json["urgent"] is True


def test_things_that_look_the_same_come_to_an_end(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    throw_in(town, ada, *[b"the same"] * 5)

    found = pages(client, "/v1/dead-letters", limit=2)

    assert [len(names) for names in found] == [2, 2, 1]


def test_dead_letters_may_be_dropped_between_pages(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    bob = town.spawn("bob", cli="shell")
    throw_in(town, ada, *[f"a{number}".encode() for number in range(4)])
    throw_in(town, bob, *[f"b{number}".encode() for number in range(4)])
    names = [name for shown in pages(client, "/v1/dead-letters") for name in shown]

    first, cursor = page(client, "/v1/dead-letters", limit=3)
    client.simulate_delete(f"/v1/dead-letters/{first[2]}")
    second, cursor = page(client, "/v1/dead-letters", cursor, limit=3)
    for name in (*first[:2], *second):
        client.simulate_delete(f"/v1/dead-letters/{name}")
    third, cursor = page(client, "/v1/dead-letters", cursor, limit=3)

    assert [*first, *second, *third] == names
    assert cursor is None


def test_dead_letters_of_one_agent_are_counted_by_themselves(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    bob = town.spawn("bob", cli="shell")
    throw_in(town, ada, b"a")
    throw_in(town, bob, b"b", b"c")

    said = client.simulate_get("/v1/dead-letters", params={"agent": "bob", "limit": 1}).json

    assert (said["count"], said["total"], said["dead_letters"][0]["agent"]) == (1, 2, "bob")
    check_problem(client.simulate_get("/v1/dead-letters", params={"agent": "eve"}), 404, "agent_not_found")


def test_a_page_of_dead_letters_is_bounded_by_its_bytes(
    client: TestClient, town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "PAGE_BYTES", 100)
    throw_in(town, ada, b"x" * 60, b"y" * 60, b"z" * 300)

    assert [len(names) for names in pages(client, "/v1/dead-letters")] == [1, 1, 1]


@pytest.mark.parametrize("path", ["/v1/agents/ada/inbox", "/v1/dead-letters"])
@pytest.mark.parametrize(
    "position", [None, [], "x", [False, [2**63, []]], [False, [-1, []]], ["ada", [0, ["x"] * 9]], [True, [0, ["x" * 99]]], {"a": 1}]
)
def test_a_cursor_of_another_list_is_refused(client: TestClient, ada: Agent, path: str, position: object) -> None:
    check_problem(client.simulate_get(path, params={"cursor": cursor_after(position)}), 422, "validation")
