"""What words mean: acknowledgements, message types, summaries."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.ids import AgentId, MessageId
from tinytown.domain.message import AckType, Kind, Message, Priority, ack_from_text
from tinytown.errors import InvalidValue

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def message(kind: Kind, /, **members: object) -> Message:
    return Message(id=MessageId("m"), sender=AgentId("a"), recipient=AgentId("b"), type=kind, created_at=NOW, **members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "ack"),
    [
        ("Rejected: too late ", AckType(type="rejected", reason="too late")),
        ("rejected:", AckType(type="rejected", reason="")),
        ("received, will do", AckType(type="received")),
        ("APPROVED", AckType(type="approved")),
        ("many thanks", AckType(type="thanks")),
        ("Thank you!", AckType(type="thanks")),
        ("ok", AckType(type="acknowledged")),
        ("", AckType(type="acknowledged")),
    ],
)
def test_an_acknowledgement_in_words(text: str, ack: AckType) -> None:
    assert ack_from_text(text) == ack


@pytest.mark.parametrize("word", ["backlog", "package", "rollback", "feedback", "stack", "ack", "fyi", "status update"])
def test_a_custom_message_is_never_taken_for_an_acknowledgement(word: str) -> None:
    """What a message is, its type says, and not the letters in its text."""
    custom = message(Kind.CUSTOM, kind=word, payload=f"look at the {word}")

    assert custom.is_actionable


@pytest.mark.parametrize(
    ("kind", "missing"), [(Kind.TASK, "description"), (Kind.CUSTOM, "kind and payload"), (Kind.TASK_DONE, "task_id and result")]
)
def test_a_message_without_its_members_is_refused_by_name(kind: Kind, missing: str) -> None:
    with pytest.raises(InvalidValue, match=missing):
        message(kind)


def test_priorities_that_go_first() -> None:
    assert [one.value for one in Priority if one.goes_first] == ["high", "urgent"]


@given(st.text(alphabet=st.characters(codec="utf-8")), st.integers(2, 100))
def test_a_summary_is_one_short_line_and_the_body_stays_whole(text: str, width: int) -> None:
    one = message(Kind.QUERY, question=text)

    line = one.summarised(width)

    assert one.body == text
    assert len(line) <= len("query: ") + width
    assert len(line.splitlines()) == 1


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_message_survives_the_wire(text: str) -> None:
    one = message(Kind.CUSTOM, kind=text, payload=text)

    raw = msgspec.json.encode(one)

    assert msgspec.json.decode(raw, type=Message) == one
    assert raw.startswith(b'{"id":"m"'), "the scripts read the id there"
