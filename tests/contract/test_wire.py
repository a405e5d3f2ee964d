"""The wire: all thirteen types of message, as they lie in Redis and as they come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import pytest

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID
from tinytown.domain.message import AckType, Kind, Message, Priority
from tinytown.errors import InvalidValue
from tinytown.testing import Rehearsal

BODIES: dict[Kind, tuple[dict[str, Any], dict[str, Any]]] = {
    Kind.TASK: ({"description": "write"}, {"description": "write"}),
    Kind.QUERY: ({"question": "why?"}, {"question": "why?"}),
    Kind.INFORMATIONAL: ({"summary": "so"}, {"summary": "so"}),
    Kind.CONFIRMATION: (
        {"ack_type": AckType(type="rejected", reason="too late")},
        {"ack_type": {"type": "rejected", "reason": "too late"}},
    ),
    Kind.TASK_ASSIGN: ({"task_id": "t"}, {"task_id": "t"}),
    Kind.TASK_DONE: ({"task_id": "t", "result": "a poem"}, {"task_id": "t", "result": "a poem"}),
    Kind.TASK_FAILED: ({"task_id": "t", "error": "no ink"}, {"task_id": "t", "error": "no ink"}),
    Kind.STATUS_REQUEST: ({}, {}),
    Kind.STATUS_RESPONSE: ({"state": "idle", "current_task": None}, {"state": "idle", "current_task": None}),
    Kind.PING: ({}, {}),
    Kind.PONG: ({}, {}),
    Kind.SHUTDOWN: ({}, {}),
    Kind.CUSTOM: ({"kind": "weather", "payload": "rain"}, {"kind": "weather", "payload": "rain"}),
}
ASKING = {Kind.TASK, Kind.QUERY, Kind.TASK_ASSIGN, Kind.STATUS_REQUEST, Kind.PING, Kind.SHUTDOWN, Kind.CUSTOM}


def test_every_type_is_here() -> None:
    assert set(BODIES) == set(Kind)
    assert len(Kind) == 13


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.value)
def test_a_message_lies_in_redis_as_others_expect_it(town: Rehearsal, ada: Agent, kind: Kind) -> None:
    members, body = BODIES[kind]
    message = town.messages.compose("ada", kind, **members)
    town.messages.post(message)

    (raw,) = town.desk.store.connection.call("LRANGE", town.desk.store.keys.inbox(ada.id), 0, -1)

    assert msgspec.json.decode(raw) == {
        "id": message.id,
        "from": SUPERVISOR_ID,
        "to": ada.id,
        "type": kind.value,
        **body,
        "priority": "normal",
        "created_at": "2026-01-01T00:00:00Z",
        "correlation_id": None,
    }


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.value)
def test_a_message_comes_back_as_it_was_sent(town: Rehearsal, ada: Agent, kind: Kind) -> None:
    asked = town.messages.compose("supervisor", Kind.PING)
    message = town.messages.compose("ada", kind, priority=Priority.HIGH, correlation=asked.id, **BODIES[kind][0])

    town.messages.post(message)

    assert town.receive("ada") == message


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.value)
def test_only_what_asks_for_something_wakes_an_agent(town: Rehearsal, ada: Agent, kind: Kind) -> None:
    message, bell = town.messages.post(town.messages.compose("ada", kind, **BODIES[kind][0]))

    assert message.is_actionable == (kind in ASKING)
    assert bell == ("rung" if kind in ASKING else "kept")
    assert len(town.bells()) == (kind in ASKING)


@pytest.mark.parametrize("kind", [kind for kind, (members, _) in BODIES.items() if members], ids=lambda kind: kind.value)
def test_a_message_without_what_its_type_needs_is_not_made(town: Rehearsal, ada: Agent, kind: Kind) -> None:
    with pytest.raises(InvalidValue):
        town.messages.compose("ada", kind)


def test_messages_from_elsewhere_are_understood(town: Rehearsal, ada: Agent) -> None:
    """Nanoseconds, other zones and members that we do not know are no reason to give a message up."""
    raw = (
        '{"id":"aaaaaaaa-0000-4000-8000-000000000001","from":"x","to":"y","type":"task","description":"write","mood":"sunny",'
        '"priority":"low","created_at":"2026-01-01T01:00:00.123456789+01:00","correlation_id":null}'
    )
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("RPUSH", keys.inbox(ada.id), raw)

    message = town.receive("ada")

    assert message is not None
    assert (message.body, message.priority, message.created_at.hour) == ("write", Priority.LOW, 1)
    connection.call("DEL", keys.receipts)
    connection.call("DEL", keys.settled)


@pytest.mark.parametrize("kind", BODIES, ids=lambda kind: kind.value)
def test_every_message_says_in_one_line_what_it_is(kind: Kind) -> None:
    members = {name: "word " * 100 if isinstance(value, str) else value for name, value in BODIES[kind][0].items()}
    now = msgspec.json.decode(b'"2026-01-01T00:00:00Z"', type=datetime)

    line = Message(id="m", sender="a", recipient="b", type=kind, created_at=now, **members).summarised()  # type: ignore[arg-type]

    assert line.startswith(kind.value)
    assert "\n" not in line
    assert len(line) <= 72 + len(kind.value) + 2
