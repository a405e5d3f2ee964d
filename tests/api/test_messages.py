"""Mail over HTTP: sent once, looked at without being touched, taken out for good, and never lost."""

from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import TestClient

from tests.api.test_problems import check_problem
from tinytown.domain.agent import Agent
from tinytown.domain.turn import TurnReason
from tinytown.services.turns import Ending, Turn
from tinytown.testing import Rehearsal


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell")


def inbox(client: TestClient, agent: str = "ada", **query: Any) -> dict[str, Any]:
    """A mailbox as it is shown."""
    shown: dict[str, Any] = client.simulate_get(f"/v1/agents/{agent}/inbox", params=query).json
    return shown


def give_up(town: Rehearsal, agent: Agent) -> None:
    """Bury the mail of an agent."""

    def burying(here: Rehearsal, turn: Turn) -> Ending:
        for message, _ in turn.mail:
            here.turns.bury(turn, message, TurnReason.TIMEOUT.value, attempts=3)
        return Ending(reason=TurnReason.TIMEOUT)

    town.take_turn(agent.id, burying)


@pytest.mark.parametrize(
    ("kind", "type_", "bell"),
    [("task", "task", "rung"), ("query", "query", "rung"), ("info", "info", "kept"), ("ack", "confirmation", "kept")],
)
def test_a_message_lies_in_the_mailbox(client: TestClient, ada: Agent, kind: str, type_: str, bell: str) -> None:
    sent = client.simulate_post("/v1/messages/send", json={"to": "ada", "message": "thanks, Ada", "kind": kind})

    (shown,) = inbox(client)["messages"]

    assert sent.status_code == 201
    assert (sent.json["to_agent"], sent.json["urgent"], sent.json["bell"]) == (ada.id, False, bell)
    assert (shown["id"], shown["type"], shown["from_name"], shown["urgent"]) == (sent.json["message_id"], type_, "supervisor", False)
    assert client.simulate_get(sent.headers["location"]).json["state"] == "queued"


def test_an_unknown_kind_is_refused_and_not_taken_for_a_task(client: TestClient, ada: Agent) -> None:
    check_problem(client.simulate_post("/v1/messages/send", json={"to": "ada", "message": "x", "kind": "gossip"}), 422, "validation")

    assert inbox(client)["total"] == 0


def test_the_sender_is_named_by_any_of_its_names(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    bob = town.spawn("bob", cli="shell")

    for sender in ("bob", bob.id):
        client.simulate_post("/v1/messages/send", json={"to": "ada", "message": "hello", "from": sender})

    assert [message["from"] for message in inbox(client)["messages"]] == [bob.id, bob.id]


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        ({"to": "eve", "message": "x"}, 404, "agent_not_found"),
        ({"to": "ada", "message": "x", "from": "eve"}, 404, "agent_not_found"),
        ({"to": "ada", "message": ""}, 422, "validation"),
        ({"to": "ada", "message": "  "}, 422, "invalid_value"),
        ({"to": "ada"}, 422, "validation"),
        ({"to": "ada", "message": "x", "priority": "soon"}, 422, "validation"),
    ],
)
def test_what_cannot_be_sent_is_refused(client: TestClient, ada: Agent, sent: dict[str, str], status: int, code: str) -> None:
    check_problem(client.simulate_post("/v1/messages/send", json=sent), status, code)

    assert inbox(client)["total"] == 0


def test_a_repeat_sends_one_message_even_when_its_answer_was_forgotten(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    send = {"to": "ada", "message": "once"}
    first = client.simulate_post("/v1/messages/send", json=send, headers={"Idempotency-Key": "k"})
    again = client.simulate_post("/v1/messages/send", json=send, headers={"Idempotency-Key": "k"})
    connection = town.desk.store.connection
    (kept,) = connection.call("SCAN", 0, "MATCH", "*answer:*", "COUNT", 1000)[1]
    connection.call("DEL", kept)

    after = client.simulate_post("/v1/messages/send", json=send, headers={"Idempotency-Key": "k"})

    assert len({answer.json["message_id"] for answer in (first, again, after)}) == 1
    assert after.json["bell"] == "duplicate"
    assert inbox(client)["total"] == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_looking_takes_nothing_out(client: TestClient, town: Rehearsal, ada: Agent, method: str) -> None:
    town.send("ada", "later")
    town.send("ada", "at once", urgent=True)

    shown = client.simulate_request(method, "/v1/agents/ada/inbox").json

    assert (shown["agent"], shown["total"], shown["urgent"], shown["next_cursor"]) == ("ada", 1, 1, None)
    assert [(message["text"], message["urgent"]) for message in shown["messages"]] == [("at once", True), ("later", False)]
    assert inbox(client)["messages"] == shown["messages"]


def test_pages_of_mail_hold_each_message_once_while_mail_is_taken(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(9):
        town.send("ada", f"{number}", urgent=number < 2)

    first = inbox(client, limit=4)
    town.messages.receive("ada")
    town.messages.receive("ada")
    second = inbox(client, limit=4, cursor=first["next_cursor"])
    town.send("ada", "9")
    third = inbox(client, limit=4, cursor=second["next_cursor"])

    assert [message["text"] for page in (first, second, third) for message in page["messages"]] == [f"{number}" for number in range(10)]
    assert third["next_cursor"] is None


def test_the_people_of_the_town_have_a_mailbox(client: TestClient, ada: Agent) -> None:
    client.simulate_post("/v1/messages/send", json={"to": "supervisor", "message": "help", "from": "ada"})

    assert [(message["text"], message["from_name"]) for message in inbox(client, "supervisor")["messages"]] == [("help", "ada")]


def test_one_message_is_taken_out_for_good(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    sent = [town.send("ada", text).id for text in ("first", "second")]

    taken = client.simulate_delete(f"/v1/agents/ada/inbox/{sent[1][:8]}")
    again = client.simulate_delete(f"/v1/agents/ada/inbox/{sent[1]}")

    assert (taken.status_code, taken.json["text"]) == (200, "second")
    check_problem(again, 404, "message_not_found")
    assert [message["text"] for message in inbox(client)["messages"]] == ["first"]
    assert client.simulate_get(f"/v1/messages/{sent[1]}").json["state"] == "settled"


def test_mail_is_drained_some_at_a_time_and_a_lost_answer_can_be_had_again(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(5):
        town.send("ada", f"{number}", urgent=number == 4)

    first = client.simulate_post("/v1/agents/ada/inbox/drain", json={"limit": 3}, headers={"Idempotency-Key": "d"}).json
    lost = client.simulate_post("/v1/agents/ada/inbox/drain", json={"limit": 3}, headers={"Idempotency-Key": "d"}).json
    rest = client.simulate_post("/v1/agents/ada/inbox/drain").json

    assert [message["text"] for message in first["messages"]] == ["4", "0", "1"]
    assert lost == first
    assert (first["left"], [message["text"] for message in rest["messages"]], rest["left"]) == (2, ["2", "3"], 0)


@pytest.mark.parametrize("message", ["nothing", "%00", "5c08bdad-4036-4f60-b1b0-e53fb1bd5549"])
def test_a_message_that_was_never_sent_has_no_receipt(client: TestClient, message: str) -> None:
    check_problem(client.simulate_get(f"/v1/messages/{message}"), 404, "message_not_found")


def test_a_broadcast_says_how_many_listen(client: TestClient) -> None:
    assert client.simulate_post("/v1/messages/broadcast", json={"message": "lunch"}).json == {"listeners": 0}


def test_dead_letters_are_shown_and_tried_again(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    sent = town.send("ada", "poison")
    give_up(town, ada)

    page = client.simulate_get("/v1/dead-letters").json
    shown = client.simulate_get(f"/v1/dead-letters/{sent.id[:8]}").json
    again = client.simulate_post(f"/v1/dead-letters/{sent.id}/requeue")

    assert (page["count"], page["total"], page["next_cursor"], page["dead_letters"]) == (1, 1, None, [shown])
    assert (shown["agent"], shown["reason"], shown["attempts"], shown["message"]["text"]) == ("ada", "timeout", 3, "poison")
    assert (again.status_code, again.json) == (202, {"id": sent.id, "message_id": sent.id, "task_id": None})
    assert client.simulate_get("/v1/dead-letters").json["total"] == 0
    assert [message["text"] for message in inbox(client)["messages"]] == ["poison"]


def test_a_task_that_was_given_up_is_tried_again_as_a_new_one(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "poisonous")
    town.assignments.answer(task.id, str(task.wanted))
    give_up(town, ada)
    (letter,) = client.simulate_get("/v1/dead-letters").json["dead_letters"]
    bob = town.spawn("bob", cli="shell")

    again = client.simulate_post(f"/v1/dead-letters/{letter['id']}/requeue", json={"to": "bob"}).json

    fresh = town.tasks.get(again["task_id"])
    assert (fresh.wanted, fresh.parent_id, town.tasks.get(task.id).state) == (bob.id, task.id, "failed")


def test_what_is_no_message_can_only_be_dropped(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.desk.store.connection.call("RPUSH", town.desk.store.keys.dead(ada.id), b"garbage \xff")
    (letter,) = client.simulate_get("/v1/dead-letters", params={"agent": "ada"}).json["dead_letters"]

    refused = client.simulate_post(f"/v1/dead-letters/{letter['id']}/requeue")
    dropped = client.simulate_delete(f"/v1/dead-letters/{letter['id']}")

    assert letter["id"].startswith("raw-")
    assert letter["raw"].startswith("garbage")
    check_problem(refused, 409, "wrong_state")
    assert dropped.json == {"id": letter["id"], "dropped": True}
    check_problem(client.simulate_delete(f"/v1/dead-letters/{letter['id']}"), 404, "dead_letter_not_found")


def test_pages_of_dead_letters_hold_each_once(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    for number in range(5):
        town.send("ada", f"{number}")
    give_up(town, ada)

    first = client.simulate_get("/v1/dead-letters", params={"limit": 3}).json
    second = client.simulate_get("/v1/dead-letters", params={"limit": 3, "cursor": first["next_cursor"]}).json

    assert [letter["message"]["text"] for page in (first, second) for letter in page["dead_letters"]] == [f"{n}" for n in range(5)]
    assert second["next_cursor"] is None


def test_what_turns_printed_is_read_on_from_where_one_was(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    town.events.write_output(ada.id, 1, b"one\n")

    first = client.simulate_get("/v1/agents/ada/logs").json
    town.events.write_output(ada.id, 1, b"two \xff\n")
    second = client.simulate_get("/v1/agents/ada/logs", params={"after": first["last_id"], "wait_secs": 5}).json
    third = client.simulate_get("/v1/agents/ada/logs", params={"after": second["last_id"]}).json

    assert [piece["text"] for piece in first["pieces"]] == ["one\n"]
    assert [(piece["round"], piece["text"]) for piece in second["pieces"]] == [(1, "two \ufffd\n")]
    assert (third["pieces"], third["last_id"]) == ([], second["last_id"])


@pytest.mark.parametrize("query", ["after=yesterday", "after=$", "wait_secs=-1", "limit=0"])
def test_logs_refuse_what_they_cannot_understand(client: TestClient, ada: Agent, query: str) -> None:
    check_problem(client.simulate_get("/v1/agents/ada/logs", query_string=query), 422, "validation")
