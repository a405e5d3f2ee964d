"""The agent that a worker makes sure of: made when it is missing, and otherwise left alone."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from tinytown.actors.enlistment import Enlistment, enlistment_of
from tinytown.domain.agent import AgentState
from tinytown.domain.town import slug
from tinytown.errors import SettingsError
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def town() -> Iterator[Rehearsal]:
    """A town in memory."""
    with rehearse() as town:
        yield town


def test_the_environment_says_who_is_to_be_there(town: Rehearsal) -> None:
    asked = enlistment_of(
        {"TINYTOWN_AGENT_NAME": "Ada", "TINYTOWN_AGENT_CLI": "shell", "TINYTOWN_AGENT_ROLE": "backend", "TINYTOWN_AGENT_MAX_ROUNDS": "200"}
    )
    assert asked is not None

    agent = asked.enlist(town)

    assert (agent.name, agent.cli, agent.role_id, agent.max_rounds) == ("ada", "shell", "backend", 200)
    assert [each.id for each in town.agents.all()] == [agent.id]


def test_without_a_name_it_is_called_after_the_host() -> None:
    asked = enlistment_of({"TINYTOWN_AGENT_CLI": "shell"})

    assert asked == Enlistment(name=slug(socket.gethostname()), cli="shell")


@pytest.mark.parametrize(
    "env",
    [
        pytest.param({}, id="nothing is said"),
        pytest.param({"TINYTOWN_AGENT_NAME": " ", "TINYTOWN_AGENT_CLI": ""}, id="nothing is said at length"),
        pytest.param({"TINYTOWN_AGENT_MAX_ROUNDS": "7"}, id="a limit for nobody"),
        pytest.param({"TINYTOWN_AGENT_NAME": "ada", "TINYTOWN_AGENT_ID": "x"}, id="this is a turn of hers"),
    ],
)
def test_nobody_is_made_who_was_not_asked_for(env: dict[str, str]) -> None:
    assert enlistment_of(env) is None


def test_who_is_there_stays_as_it_is_and_the_log_says_what_differs(town: Rehearsal, caplog: pytest.LogCaptureFixture) -> None:
    before = town.agents.spawn("ada", cli="shell", role="docs")

    agent = Enlistment(name="ada", cli="claude", role="docs").enlist(town)

    assert agent == before
    assert "agent ada stays as it is: TINYTOWN_AGENT_CLI says claude, it has shell" in caplog.text


def test_who_was_stopped_is_not_brought_back_behind_its_owners_back(town: Rehearsal, caplog: pytest.LogCaptureFixture) -> None:
    town.spawn("ada", cli="shell")
    town.agents.kill("ada")

    agent = Enlistment(name="ada").enlist(town)

    assert agent.state is AgentState.STOPPED
    assert "`tt restart ada` brings it back" in caplog.text


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({"TINYTOWN_AGENT_NAME": "a b"}, "TINYTOWN_AGENT_NAME: .*use 1 to 63"),
        ({"TINYTOWN_AGENT_NAME": "supervisor"}, "TINYTOWN_AGENT_NAME: .*mailbox of the people"),
        ({"TINYTOWN_AGENT_MAX_ROUNDS": "many"}, "TINYTOWN_AGENT_MAX_ROUNDS: must be a number .*'many'"),
        ({"TINYTOWN_AGENT_MAX_ROUNDS": "-1"}, "TINYTOWN_AGENT_MAX_ROUNDS: must be a number"),
        ({"TINYTOWN_AGENT_CLI": "no-such 'quote"}, "TINYTOWN_AGENT_CLI: "),
        ({"TINYTOWN_AGENT_ROLE": "r" * 300}, "TINYTOWN_AGENT_ROLE: "),
    ],
)
def test_what_makes_no_sense_is_said_by_its_variable(town: Rehearsal, env: dict[str, str], why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        (enlistment_of(env) or Enlistment(name="nobody")).enlist(town)
