"""The state table of agents: every step from every state, allowed or refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.ids import AgentId
from tinytown.errors import WrongState

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
S = AgentState

ALLOWED = {
    S.COLD: "starting idle working paused draining stopped error",
    S.STARTING: "cold idle working paused draining stopped error",
    S.IDLE: "cold working paused draining stopped error",
    S.WORKING: "idle paused draining stopped error",
    S.PAUSED: "idle draining stopped error",
    S.DRAINING: "working stopped error",
    S.STOPPED: "starting working idle",
    S.ERROR: "starting stopped",
}
TABLE = [(old, new) for old in S for new in S]


def agent_in(state: S, **members: object) -> Agent:
    made = {"id": AgentId("12345678-0000-4000-8000-000000000000"), "name": "ada", "cli": "shell", "state": state}
    return Agent(**{**made, "created_at": NOW, "last_heartbeat": NOW, "last_active_at": NOW, **members})  # type: ignore[arg-type]


@pytest.mark.parametrize(("old", "new"), TABLE)
def test_a_step_is_allowed_or_refused(old: S, new: S) -> None:
    agent = agent_in(old)

    if new.value in ALLOWED[old].split():
        moved = agent.moved(new, LATER)
        assert (moved.state, moved.version, moved.last_heartbeat, moved.created_at) == (new, 2, LATER, NOW)
    else:
        with pytest.raises(WrongState) as refused:
            agent.moved(new, LATER)
        assert f"agent ada is {old.value}" in str(refused.value)


@given(st.lists(st.sampled_from(list(S)), max_size=20))
def test_no_walk_leaves_the_table(walk: list[S]) -> None:
    agent = agent_in(S.STARTING)
    for new in walk:
        if new.value in ALLOWED[agent.state].split():
            agent = agent.moved(new, LATER, stop_reason=StopReason.REQUESTED if new is S.STOPPED else None)
        else:
            with pytest.raises(WrongState):
                agent.moved(new, LATER)
        assert (agent.stop_reason is not None) == (agent.state is S.STOPPED)


def test_every_state_leads_somewhere_and_can_be_stopped_from() -> None:
    assert all(ALLOWED[state] for state in S)
    assert {state for state in S if "stopped" not in ALLOWED[state].split()} == {S.STOPPED}


def test_reasons_do_not_outlive_their_state() -> None:
    broken = agent_in(S.WORKING).moved(S.ERROR, LATER, error="no such program")

    back = broken.moved(S.STARTING, LATER)

    assert (broken.error, back.error, back.stop_reason) == ("no such program", None, None)


@pytest.mark.parametrize("state", list(S))
def test_which_states_a_message_wakes(state: S) -> None:
    assert agent_in(state, stop_reason=StopReason.REQUESTED).is_wakeable == (state in {S.IDLE, S.COLD, S.STARTING})
    assert agent_in(state).state.is_active == (not state.is_terminal)


@pytest.mark.parametrize(
    ("reason", "wakes"), [(StopReason.REQUESTED, False), (StopReason.MAX_ROUNDS, False), (StopReason.IDLE_TIMEOUT, True)]
)
def test_why_an_agent_stopped_decides_whether_mail_wakes_it(reason: StopReason, wakes: bool) -> None:
    assert agent_in(S.STOPPED, stop_reason=reason).is_wakeable is wakes


@pytest.mark.parametrize(
    ("nickname", "role", "label"),
    [("Ruth", "reviewer", "Ruth [reviewer]"), ("Ruth", None, "Ruth [ada]"), (None, None, "ada [ada]"), (None, "default", "ada [ada]")],
)
def test_what_people_read(nickname: str | None, role: str | None, label: str) -> None:
    assert agent_in(S.IDLE, nickname=nickname, role_id=role).label == label
