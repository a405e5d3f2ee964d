"""Agents: registered once, found by everything people call them, written by whoever read last."""

from __future__ import annotations

import pytest

from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.ids import SUPERVISOR_ID, is_uuid
from tinytown.errors import AgentExists, AgentNotFound, AmbiguousReference, InvalidName, InvalidValue, RecordChanged
from tinytown.testing import Rehearsal

MEGABYTE = pytest.param("x" * 1_000_000, id="1 MB")


def test_a_new_agent_is_starting_and_has_everything_people_need(town: Rehearsal) -> None:
    agent = town.spawn("Ada", cli="shell", role="reviewer")

    assert is_uuid(agent.id)
    assert (agent.name, agent.state, agent.role, agent.cli) == ("ada", AgentState.STARTING, "reviewer", "shell")
    assert agent.nickname is not None
    assert agent.label == f"{agent.nickname} [reviewer]"
    assert (agent.created_at, agent.version) == (town.clock.at, 1)


@pytest.mark.parametrize("name", ["ada", "ADA", "  Ada "])
def test_a_name_belongs_to_one_agent(town: Rehearsal, ada: Agent, name: str) -> None:
    with pytest.raises(AgentExists):
        town.spawn(name)

    assert [one.id for one in town.agents.all()] == [ada.id]


@pytest.mark.parametrize(
    "name", ["../../x", "a b", "SUPERVISOR", "conductor", "", " ", ".hidden", "-x", "a/b", "a:b", "ünï", "x" * 1_000_000]
)
def test_a_bad_name_is_refused_before_anything_is_written(town: Rehearsal, name: str) -> None:
    with pytest.raises(InvalidName):
        town.spawn(name)

    assert town.agents.all() == []


def test_a_parent_that_does_not_exist_leaves_no_half_agent(town: Rehearsal) -> None:
    with pytest.raises(AgentNotFound):
        town.agents.spawn("ada", parent="nobody")

    assert town.agents.all() == []


def test_an_unknown_program_leaves_no_half_agent(town: Rehearsal) -> None:
    with pytest.raises(InvalidValue):
        town.spawn("ada", cli="'unclosed")

    assert town.agents.all() == []


def test_an_agent_answers_to_all_that_it_is_called(town: Rehearsal) -> None:
    ada = town.agents.spawn("ada", cli="shell", nickname="Ruth", role="reviewer")
    bea = town.agents.spawn("bea", cli="shell", nickname="Mary")

    for reference in ("ada", "ADA", " ada ", "ruth", "Ruth", "Ruth [reviewer]", ada.id, ada.id.upper(), ada.id[:8], ada.id[:13]):
        assert town.agents.find(reference).id == ada.id, reference
    assert town.agents.find("mary [bea]").id == bea.id


def test_a_name_goes_before_a_nickname(town: Rehearsal) -> None:
    town.agents.spawn("ada", cli="shell", nickname="Ruth")
    ruth = town.agents.spawn("ruth", cli="shell")

    assert town.agents.find("ruth").id == ruth.id


def test_a_shared_nickname_is_ambiguous_and_says_who_is_meant(town: Rehearsal) -> None:
    town.agents.spawn("ada", cli="shell", nickname="Ruth")
    town.agents.spawn("bea", cli="shell", nickname="Ruth")

    with pytest.raises(AmbiguousReference) as refused:
        town.agents.find("Ruth")

    assert "ada" in str(refused.value)
    assert "bea" in str(refused.value)


@pytest.mark.parametrize("reference", ["", " ", "nobody", "abc", "*", "a*", "ada\n\nbob", "\udcff", "x" * 1_000_000, "00000000"])
def test_what_means_nobody_is_not_found(town: Rehearsal, ada: Agent, reference: str) -> None:
    with pytest.raises(AgentNotFound):
        town.agents.find(reference)


def test_an_id_that_is_not_registered_is_not_found(town: Rehearsal, ada: Agent) -> None:
    with pytest.raises(AgentNotFound):
        town.agents.find("11111111-1111-4111-8111-111111111111")


@pytest.mark.parametrize("reference", ["supervisor", "Conductor", " SUPERVISOR ", SUPERVISOR_ID])
def test_the_people_have_a_mailbox_but_no_record(town: Rehearsal, reference: str) -> None:
    assert town.agents.find_id(reference) == SUPERVISOR_ID


def test_agents_are_listed_by_name_and_counted_by_state(town: Rehearsal) -> None:
    for name in ("cy", "ada", "bob"):
        town.spawn(name, cli="shell")
    town.agents.kill("bob")

    assert [one.name for one in town.agents.all()] == ["ada", "bob", "cy"]
    assert town.agents.count() == dict.fromkeys(AgentState, 0) | {AgentState.STARTING: 2, AgentState.STOPPED: 1}


def test_of_two_who_read_the_same_version_one_writes(town: Rehearsal, ada: Agent) -> None:
    store = town.desk.store.agents
    paused = ada.moved(AgentState.PAUSED, town.clock.at)
    stopped = ada.moved(AgentState.STOPPED, town.clock.at, stop_reason=StopReason.REQUESTED)

    first = store.change(ada, paused, hold="paused")
    second = store.change(ada, stopped, hold="stopped")

    assert (first, second) == ("changed:none", "stale")
    assert town.agents.get(ada.id) == paused


def test_a_record_that_others_keep_changing_is_left_alone(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.desk.store.agents, "change", lambda *_, **__: "stale")

    with pytest.raises(RecordChanged):
        town.agents.interrupt("ada")
