"""Stopping agents and waking them again: by command, for want of work, and because they cannot go on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.contract.mail import ids, send, turn_of
from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.turn import TurnReason
from tinytown.errors import AgentNotFound, TimedOut, WrongState
from tinytown.services.turns import Ending
from tinytown.testing import Rehearsal


def test_killing_stops_at_once_when_nothing_runs(town: Rehearsal, ada: Agent) -> None:
    killed = town.agents.kill("ada")

    assert (killed.state, killed.stop_reason) == (AgentState.STOPPED, StopReason.REQUESTED)
    assert town.agents.get(ada.id) == killed
    with pytest.raises(WrongState):
        town.agents.kill("ada")


def test_killing_waits_for_the_turn_to_end(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    send(town, "ada", "two")

    killed = town.agents.kill("ada")
    again = town.agents.kill("ada")
    town.turns.end(turn, Ending())

    assert (killed.state, again.state) == (AgentState.DRAINING, AgentState.DRAINING)
    after = town.agents.get(ada.id)
    assert (after.state, after.stop_reason) == (AgentState.STOPPED, StopReason.REQUESTED)
    assert town.begin_turn(ada.id) is None
    assert town.messages.lengths([ada.id]) == [(1, 0, 0, 0)]


@pytest.mark.parametrize(("now", "asked"), [(False, ""), (True, "cancel")])
def test_only_killing_now_ends_the_program(town: Rehearsal, ada: Agent, now: bool, asked: str) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)

    town.agents.kill("ada", now=now)

    assert town.desk.store.turns.asked([ada.id]) == [(turn.epoch, asked)]


def test_killing_an_agent_that_went_idle_makes_it_final(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    town.answer_bells()
    town.recovery.stop_idle({ada.id})

    killed = town.agents.kill("ada")
    news = town.messages.send("ada", "wake up")[1]

    assert killed.stop_reason is StopReason.REQUESTED
    assert news == "held:stopped"


def test_mail_waits_for_a_restart(town: Rehearsal, ada: Agent) -> None:
    town.agents.kill("ada")
    held = town.messages.send("ada", "are you there?")[1]
    town.clock.at += timedelta(days=1)

    town.agents.restart("ada", max_rounds=7)

    assert held == "held:stopped"
    assert [bell.args for bell in town.bells("agents")] == [(ada.id,)]
    back = town.agents.find("ada")
    assert (back.state, back.stop_reason, back.rounds_completed, back.max_rounds) == (AgentState.STARTING, None, 0, 7)
    assert back.last_active_at == town.clock.at, "else it would be idle for a day, and go at once"


def test_an_agent_at_work_cannot_be_restarted(town: Rehearsal, ada: Agent) -> None:
    """Two programs on one mailbox would both work on it."""
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.agents.kill("ada")

    with pytest.raises(WrongState):
        town.agents.restart("ada")

    town.turns.end(turn, Ending())
    assert town.agents.restart("ada").state is AgentState.STARTING


def test_closing_works_through_the_mail_first(town: Rehearsal, ada: Agent) -> None:
    for text in ("one", "two"):
        send(town, "ada", text)
    turn = town.begin_turn(ada.id, messages=1)
    assert turn is not None

    closing = town.agents.close("ada")
    town.turns.end(turn, Ending())
    between = town.agents.get(ada.id).state
    town.answer_bells()

    assert (closing.state, between) == (AgentState.DRAINING, AgentState.DRAINING)
    after = town.agents.get(ada.id)
    assert (after.state, after.stop_reason, after.rounds_completed) == (AgentState.STOPPED, StopReason.REQUESTED, 2)


def test_closing_without_mail_stops_at_once(town: Rehearsal, ada: Agent) -> None:
    assert town.agents.close("ada").state is AgentState.STOPPED


def test_closing_a_paused_agent_lets_it_finish(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    town.agents.interrupt("ada")

    town.agents.close("ada")
    town.answer_bells()

    assert town.agents.get(ada.id).state is AgentState.STOPPED
    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]


def test_closing_just_as_the_turn_ends_leaves_nothing_draining(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever saw the turn run must look again when it ended in between."""
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    store = town.desk.store.agents
    change = store.change
    ended: list[bool] = []

    def slow_change(*args: object, **options: object) -> str:
        if not ended:
            ended.append(True)
            town.turns.end(turn, Ending())
        return change(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "change", slow_change)
    town.agents.close("ada")
    town.recovery.sweep()

    assert town.agents.get(ada.id).state is AgentState.STOPPED


def test_an_interrupted_agent_keeps_its_mail_until_it_is_resumed(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.lose_bells()

    paused = town.agents.interrupt("ada")
    asked = town.desk.store.turns.asked([ada.id])
    town.turns.end(turn, Ending(reason=TurnReason.CANCELLED, returned=ids(turn)))
    held = town.messages.send("ada", "two")[1]

    assert (paused.state, asked) == (AgentState.PAUSED, [(turn.epoch, "cancel")])
    assert (held, town.bells(), town.begin_turn(ada.id)) == ("held:paused", [], None)
    assert town.agents.resume("ada").state is AgentState.IDLE
    assert len(town.bells("agents")) == 1


def test_only_a_paused_agent_is_resumed(town: Rehearsal, ada: Agent) -> None:
    with pytest.raises(WrongState) as refused:
        town.agents.resume("ada")

    assert "starting" in str(refused.value)


@pytest.mark.parametrize("step", ["interrupt", "close"])
def test_a_stopped_agent_is_the_wrong_state_and_not_missing(town: Rehearsal, ada: Agent, step: str) -> None:
    town.agents.kill("ada")

    with pytest.raises(WrongState):
        getattr(town.agents, step)("ada")
    with pytest.raises(AgentNotFound):
        getattr(town.agents, step)("nobody")


def test_a_program_that_does_not_exist_puts_the_agent_into_error(town: Rehearsal, ada: Agent) -> None:
    message = send(town, "ada", "one")
    turn = turn_of(town, ada)
    town.lose_bells()

    town.turns.end(turn, Ending(reason=TurnReason.NOT_FOUND, detail="no such program: claude", returned=ids(turn)))

    after = town.agents.get(ada.id)
    assert (after.state, after.error) == (AgentState.ERROR, "no such program: claude")
    assert (town.bells(), town.messages.receipt(message.id).attempt) == ([], 0)
    town.agents.restart("ada")
    assert len(town.bells("agents")) == 1


@pytest.mark.parametrize("steps", [("kill", "restart"), ("interrupt", "resume")])
def test_no_worker_ever_runs_a_manual_agent(town: Rehearsal, steps: tuple[str, ...]) -> None:
    eve = town.spawn("eve", cli="manual")
    for step in steps:
        getattr(town.agents, step)("eve")

    news = town.messages.send("eve", "read me")[1]

    assert (news, town.bells(), town.begin_turn(eve.id)) == ("held:manual", [], None)
    message = town.receive("eve")
    assert message is not None
    assert message.body == "read me"


def test_stopping_all_leaves_out_those_that_are_stopped(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    town.agents.kill("bob")

    assert [one.name for one in town.agents.stop_all()] == ["ada"]


def test_waiting_for_an_agent_ends_with_its_state_or_with_the_time(town: Rehearsal, ada: Agent) -> None:
    with pytest.raises(TimedOut):
        town.agents.wait("ada", lambda one: one.state is AgentState.STOPPED, timedelta(milliseconds=20))

    town.agents.kill("ada")
    assert town.agents.wait("ada", lambda one: one.state is AgentState.STOPPED, timedelta(seconds=5)).id == ada.id


def test_an_idle_agent_stops_with_its_worker_and_wakes_with_the_next_message(town: Rehearsal, ada: Agent) -> None:
    send(town, "ada", "one")
    town.answer_bells()

    stopped = town.recovery.stop_idle({ada.id})
    asleep = town.agents.get(ada.id)
    send(town, "ada", "two")
    town.answer_bells()

    assert stopped == [ada.id]
    assert (asleep.state, asleep.stop_reason, asleep.is_wakeable) == (AgentState.STOPPED, StopReason.IDLE_TIMEOUT, True)
    assert town.agents.get(ada.id).rounds_completed == 2


def test_an_idle_worker_leaves_agents_alone_that_are_anothers_by_now(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    for agent in (ada, bob):
        send(town, agent.name, "one")
        town.take_turn(agent.id, worker="first")
    send(town, "bob", "two")
    town.take_turn(bob.id, worker="second")

    stopped = town.recovery.stop_idle({ada.id, bob.id}, "first")

    assert stopped == [ada.id]
    assert town.agents.get(bob.id).state is AgentState.IDLE


def test_mail_that_comes_while_a_worker_leaves_still_wakes_the_agent(town: Rehearsal, ada: Agent, monkeypatch: pytest.MonkeyPatch) -> None:
    send(town, "ada", "one")
    town.answer_bells()
    store = town.desk.store.agents
    change, changes = store.change, []

    def and_mail_comes(*args: object, **options: object) -> str:
        changes.append(change(*args, **options))  # type: ignore[arg-type]
        if len(changes) == 1:
            send(town, "ada", "just in time")
            town.answer_bells()
        return changes[-1]

    monkeypatch.setattr(store, "change", and_mail_comes)
    town.recovery.stop_idle({ada.id})
    monkeypatch.undo()
    send(town, "ada", "later")
    town.answer_bells()

    assert town.messages.lengths([ada.id]) == [(0, 0, 0, 0)]
    assert town.agents.get(ada.id).rounds_completed == 3


def test_agents_wait_cold_while_there_is_no_worker(town: Rehearsal, ada: Agent) -> None:
    town.clock.at += timedelta(minutes=1)

    marked = town.recovery.mark_cold()
    cold = town.agents.get(ada.id)
    send(town, "ada", "one")
    town.answer_bells()

    assert (marked, cold.state, cold.is_wakeable) == ([ada.id], AgentState.COLD, True)
    assert town.agents.get(ada.id).state is AgentState.IDLE
