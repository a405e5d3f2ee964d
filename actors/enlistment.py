"""Enlistment: the agent that a worker makes sure of at its start, as its environment asks."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

import msgspec

from tinytown.config import value_of
from tinytown.domain.agent import Agent, AgentState, StopReason, agent_name
from tinytown.domain.town import slug
from tinytown.errors import AgentExists, InvalidName, InvalidValue, SettingsError
from tinytown.town import Town

__all__ = ["Enlistment", "enlistment_of"]

NAME = "TINYTOWN_AGENT_NAME"
CLI = "TINYTOWN_AGENT_CLI"
ROLE = "TINYTOWN_AGENT_ROLE"
MAX_ROUNDS = "TINYTOWN_AGENT_MAX_ROUNDS"
VARIABLES = {"name": NAME, "cli": CLI, "role": ROLE, "max_rounds": MAX_ROUNDS}

_log = logging.getLogger(__name__)


class Enlistment(msgspec.Struct, frozen=True, kw_only=True):
    """The agent that is to be there; what is None is left to the town's settings."""

    name: str
    cli: str | None = None
    role: str | None = None
    max_rounds: int | None = None

    def enlist(self, town: Town) -> Agent:
        """Spawn the agent if there is none of that name; one that is there stays as it is.

        Several workers may do this at once, and one agent comes of it.

        Raises:
            SettingsError: what it is to be makes no sense in this town.
        """
        try:
            agent = town.agents.spawn(self.name, cli=self.cli, role=self.role, max_rounds=self.max_rounds)
        except AgentExists:
            agent = town.agents.find(self.name)
            self._tell_of(agent)
        except InvalidValue as error:
            known = error.field in VARIABLES
            raise SettingsError(VARIABLES[error.field] if known else CLI, error.why if known else str(error)) from None
        else:
            _log.info("agent %s is new in the town and runs %s", agent.name, agent.cli, extra={"action": "agent.enlisted"})
        return agent

    def _tell_of(self, agent: Agent) -> None:
        """Say what was found, and what will not be as the environment has it."""
        wanted = {"cli": (self.cli, agent.cli), "role": (self.role, agent.role_id), "max_rounds": (self.max_rounds, agent.max_rounds)}
        unlike = [f"{VARIABLES[name]} says {said}, it has {found}" for name, (said, found) in wanted.items() if said not in {None, found}]
        _log.info("agent %s is there already, %s", agent.name, agent.state.value, extra={"action": "agent.known"})
        if unlike:
            _log.warning("agent %s stays as it is: %s", agent.name, "; ".join(unlike), extra={"action": "agent.unlike"})
        if agent.state is AgentState.STOPPED and agent.stop_reason is not StopReason.IDLE_TIMEOUT:
            _log.warning(
                "agent %s was stopped and stays so: `tt restart %s` brings it back",
                agent.name,
                agent.name,
                extra={"action": "agent.stays_stopped"},
            )


def enlistment_of(env: Mapping[str, str]) -> Enlistment | None:
    """The agent that the environment asks for; None when it asks for none, or when this is a turn of an agent.

    Without a name it is called after the host.

    Raises:
        SettingsError: a value makes no sense.
    """
    if value_of(env, "TINYTOWN_AGENT_ID") is not None:
        return None  # the name is that of the agent whose turn started this worker
    name, cli, role = (value_of(env, variable) for variable in (NAME, CLI, ROLE))
    rounds = _rounds(value_of(env, MAX_ROUNDS))
    if name is cli is role is None:
        return None
    try:
        canonical = agent_name(slug(socket.gethostname()) if name is None else name)
    except InvalidName as error:
        raise SettingsError(NAME, str(error)) from None
    return Enlistment(name=canonical, cli=cli, role=role, max_rounds=rounds)


def _rounds(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 9:
        raise SettingsError(MAX_ROUNDS, f"must be a number from 0 (no limit) to 999999999, not {text[:40]!r}")
    return int(text)
