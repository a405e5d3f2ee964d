"""Reclaiming: work of agents that stopped, listed or moved, never lost on the way."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.contract.mail import send
from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.message import Kind
from tinytown.domain.task import TaskState
from tinytown.errors import AgentNotFound, TaskNotFound, WrongState
from tinytown.testing import Rehearsal


def snapshot(town: Rehearsal, agent: Agent) -> object:
    return town.messages.lengths([agent.id]), town.messages.peek(agent.name), town.tasks.matching(), town.backlog.list(), town.bells()


def test_reclaiming_without_a_destination_touches_nothing(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    send(town, "ada", "now", urgent=True)
    town.tasks.deliver(town.assign("ada", "write").id)
    town.agents.kill("ada")
    before = snapshot(town, ada)

    found = town.recovery.reclaim()
    orphans = town.recovery.rescue_orphans()

    assert [(one.message.body, one.went) for one in found if one.message and not one.task] == [("now", "listed"), ("one", "listed")]
    assert [one.went for one in orphans] == ["listed"]
    assert snapshot(town, ada) == before


def test_reclaiming_to_the_backlog_moves_tasks_and_leaves_the_rest(town: Rehearsal, ada: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    send(town, "ada", "free text")
    send(town, "ada", "a question", kind=Kind.QUERY)
    town.agents.kill("ada")

    town.recovery.reclaim(to_backlog=True)
    town.recovery.reclaim(to_backlog=True)

    assert {one.description for one in town.backlog.list()} == {"write", "free text"}
    assert [message.body for message in town.messages.peek("ada")] == ["a question"]
    assert town.tasks.get(task.id).assigned_to is None


def test_reclaiming_to_an_agent_moves_everything(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    task = town.assign("ada", "write")
    town.tasks.deliver(task.id)
    message = send(town, "ada", "free text", urgent=True)
    town.agents.kill("ada")
    town.lose_bells()

    town.recovery.reclaim(to="bob", of="ada")
    town.answer_bells()

    assert town.tasks.get(task.id).assigned_to == bob.id
    assert town.tasks.get(task.id).state is TaskState.COMPLETED
    assert town.messages.receipt(message.id).agent == bob.id
    assert town.messages.lengths([ada.id, bob.id]) == [(0, 0, 0, 0)] * 2


def test_urgent_mail_stays_urgent_and_in_order_when_it_moves(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    sent = [send(town, "ada", text, urgent=text != "calm").id for text in ("first", "calm", "second")]
    town.agents.kill("ada")

    town.recovery.reclaim(to="bob", of="ada")

    assert [message.body for message in town.messages.peek("bob", urgent=True)] == ["first", "second"]
    assert town.messages.lengths([ada.id, bob.id]) == [(0, 0, 0, 0), (1, 2, 0, 0)]
    assert [town.messages.receipt(message).queue for message in sent] == ["urgent", "inbox", "urgent"]


@pytest.mark.parametrize("to", ["nobody", "supervisor"])
def test_a_bad_destination_moves_nothing(town: Rehearsal, ada: Agent, to: str) -> None:
    send(town, "ada", "one")
    town.tasks.deliver(town.assign("ada", "write").id)
    town.agents.kill("ada")
    before = snapshot(town, ada)

    rescues: list[Callable[[], object]] = [lambda: town.recovery.reclaim(to=to), lambda: town.recovery.rescue_orphans(to=to)]
    for rescue in rescues:
        with pytest.raises(AgentNotFound):
            rescue()

    assert snapshot(town, ada) == before


def test_an_agent_that_works_is_not_reclaimed_from(town: Rehearsal, ada: Agent) -> None:
    with pytest.raises(WrongState):
        town.recovery.reclaim(of="ada")


@pytest.mark.parametrize(("how", "after"), [("cancel", TaskState.CANCELLED), ("to_backlog", TaskState.PENDING), ("delete", None)])
def test_orphans_can_be_dealt_with(town: Rehearsal, ada: Agent, bob: Agent, how: str, after: TaskState | None) -> None:
    orphan, other = town.assign("ada", "write"), town.assign("bob", "read")
    for task in (orphan, other):
        town.tasks.deliver(task.id)
    town.agents.kill("ada")

    rescued = town.recovery.rescue_orphans(**{how: True})  # type: ignore[arg-type]

    assert [one.task.id for one in rescued if one.task] == [orphan.id]
    if after is None:
        with pytest.raises(TaskNotFound):
            town.tasks.get(orphan.id)
    else:
        assert town.tasks.get(orphan.id).state is after
    assert town.tasks.get(other.id).state is TaskState.ASSIGNED


def test_the_tasks_of_an_agent_that_sleeps_are_no_orphans(town: Rehearsal, ada: Agent) -> None:
    town.answer_bells()
    send(town, "ada", "one")
    town.answer_bells()
    town.recovery.stop_idle({ada.id})
    town.tasks.deliver(town.assign("ada", "write").id)

    assert town.agents.get(ada.id).state is AgentState.STOPPED
    assert town.recovery.orphans() == []
