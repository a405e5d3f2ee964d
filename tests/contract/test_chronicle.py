"""The chronicle and the overview: reading on without gaps, and the whole town in few questions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.test_scale import cost
from tinytown.domain.agent import Agent
from tinytown.errors import AgentNotFound
from tinytown.testing import Rehearsal


def test_the_newest_are_told_with_where_to_go_on(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    stream = town.chronicle.stream()

    newest = town.chronicle.newest(stream, 1)
    none = town.chronicle.newest(stream, 0)
    rest = town.chronicle.after(stream, "0-0", 10)

    assert [event.agent_id for _, event in newest.events] == [bob.id]
    assert newest.last_id == none.last_id == rest.last_id
    assert none.events == ()
    assert [event.agent_id for _, event in rest.events] == [ada.id, bob.id]


def test_reading_on_from_an_event_that_cannot_be_read_does_not_stay_there(town: Rehearsal, ada: Agent) -> None:
    stream = town.chronicle.stream()
    last = town.chronicle.newest(stream, 1).last_id
    entry = town.desk.store.connection.call("XADD", town.desk.store.keys.events, "*", "data", "garbage")

    chapter = town.chronicle.after(stream, last, 10)

    assert (chapter.events, chapter.last_id) == ((), entry.decode())


def test_a_wait_in_vain_is_over_in_time(town: Rehearsal) -> None:
    begun = town.desk.clock.monotonic()

    chapter = town.chronicle.after(town.chronicle.stream(), "0-0", 5, wait=timedelta(milliseconds=30))

    assert chapter.events == ()
    assert town.desk.clock.monotonic() - begun < 5


def test_an_agent_has_a_stream_of_its_own(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    stream = town.chronicle.stream(agent="BOB")

    assert [event.agent_id for _, event in town.chronicle.newest(stream, 10).events] == [bob.id]
    with pytest.raises(AgentNotFound):
        town.chronicle.stream(agent="nobody")


def test_an_overview_is_few_questions_however_large_the_town(town: Rehearsal) -> None:
    for number in range(60):
        agent = town.spawn(f"agent-{number:02}", cli="shell")
        town.events.note(agent.id, f"line of {number}")

    spent = cost(town, lambda here: here.overview(50, deep=True))
    seen = town.overview(50, deep=True)

    assert spent.trips <= 4
    assert len(seen.census.residents) == 50
    assert seen.activity[seen.census.residents[7].agent.id] == ("line of 7",)
    assert len(seen.warnings) == 2
    assert town.overview(50).activity == {}
