"""An agent: a named virtual actor, its states, and the steps between them."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from typing import Self

import msgspec

from tinytown.domain.ids import AgentId, TaskId, short
from tinytown.errors import InvalidName, WrongState

__all__ = ["RESERVED_NAMES", "Agent", "AgentState", "AgentType", "SpawnMode", "StopReason", "agent_name"]

RESERVED_NAMES = frozenset({"supervisor", "conductor"})
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}\Z")


class AgentState(StrEnum):
    """What an agent is doing."""

    COLD = "cold"
    """Registered with no worker to host it; the next message wakes it."""
    STARTING = "starting"
    """Registered, not yet seen by a worker."""
    IDLE = "idle"
    """Waiting for mail."""
    WORKING = "working"
    """A turn is running."""
    PAUSED = "paused"
    """Interrupted by an operator; `resume` continues."""
    DRAINING = "draining"
    """Asked to stop; what is running ends first."""
    STOPPED = "stopped"
    """Ended; `stop_reason` says why."""
    ERROR = "error"
    """Cannot work, for instance because its program does not exist; `error` says why."""

    @property
    def is_terminal(self) -> bool:
        """Has the agent no process and none coming by itself?"""
        return self in _TERMINAL

    @property
    def is_active(self) -> bool:
        """Is the agent at work, or ready for it?"""
        return self not in _TERMINAL


_TERMINAL = frozenset({AgentState.COLD, AgentState.STOPPED, AgentState.ERROR})


class StopReason(StrEnum):
    """Why an agent is stopped."""

    REQUESTED = "requested"
    """Somebody asked; only `restart` brings it back."""
    IDLE_TIMEOUT = "idle_timeout"
    """Its worker had nothing to do; the next message wakes it."""
    MAX_ROUNDS = "max_rounds"
    """It used up its rounds; `restart` gives it new ones."""


class AgentType(StrEnum):
    """What kind of participant an agent is."""

    SUPERVISOR = "supervisor"
    """Speaks for the people who run the town."""
    WORKER = "worker"
    """Does tasks."""


class SpawnMode(StrEnum):
    """How an agent came to be."""

    FRESH = "fresh"
    """Without a past."""
    FORKED_CONTEXT = "forkedcontext"
    """With a copy of its parent's context."""
    RESUMED = "resumed"
    """Continuing an earlier session."""


_S = AgentState
_MOVES: dict[AgentState, frozenset[AgentState]] = {
    _S.COLD: frozenset({_S.WORKING, _S.IDLE, _S.PAUSED, _S.DRAINING, _S.STOPPED, _S.ERROR, _S.STARTING}),
    _S.STARTING: frozenset({_S.WORKING, _S.IDLE, _S.PAUSED, _S.DRAINING, _S.STOPPED, _S.ERROR, _S.COLD}),
    _S.IDLE: frozenset({_S.WORKING, _S.PAUSED, _S.DRAINING, _S.STOPPED, _S.ERROR, _S.COLD}),
    _S.WORKING: frozenset({_S.IDLE, _S.PAUSED, _S.DRAINING, _S.STOPPED, _S.ERROR}),
    _S.PAUSED: frozenset({_S.IDLE, _S.DRAINING, _S.STOPPED, _S.ERROR}),
    _S.DRAINING: frozenset({_S.STOPPED, _S.ERROR, _S.WORKING}),
    _S.STOPPED: frozenset({_S.STARTING, _S.WORKING, _S.IDLE}),
    _S.ERROR: frozenset({_S.STARTING, _S.STOPPED}),
}


def agent_name(text: str) -> str:
    """The text as an agent's canonical name, which is lower case.

    Raises:
        InvalidName: it is not 1 to 63 of `a-z 0-9 . _ -`, or it is reserved.
    """
    name = text.strip().lower()
    if _NAME.match(name) is None:
        raise InvalidName("the name of an agent", text, "use 1 to 63 of a-z, 0-9, '.', '_' and '-', beginning with a letter or digit")
    if name in RESERVED_NAMES:
        raise InvalidName("the name of an agent", text, "that name means the mailbox of the people who run the town")
    return name


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """The record of one agent, as stored under `tt:<town>:agent:<id>`.

    `version` counts the writes and must stay the first member: scripts compare it there.
    `workers_lost` counts the turns since the last one that ended whose workers died.
    """

    version: int = 1
    id: AgentId
    name: str
    nickname: str | None = None
    role_id: str | None = None
    parent_agent_id: AgentId | None = None
    spawn_mode: SpawnMode = SpawnMode.FRESH
    agent_type: AgentType = AgentType.WORKER
    state: AgentState = AgentState.STARTING
    stop_reason: StopReason | None = None
    error: str | None = None
    cli: str
    model: str | None = None
    current_task: TaskId | None = None
    created_at: datetime
    last_heartbeat: datetime
    last_active_at: datetime
    tasks_completed: int = 0
    rounds_completed: int = 0
    max_rounds: int = 0
    workers_lost: int = 0

    @property
    def role(self) -> str:
        """The explicit role, or `default`."""
        return "default" if self.role_id is None else self.role_id

    @property
    def display_name(self) -> str:
        """The nickname if there is one, else the canonical name."""
        return self.name if self.nickname is None else self.nickname

    @property
    def label(self) -> str:
        """What people read: `Ruth [reviewer]`, or `Ruth [worker-1]` without a role."""
        return f"{self.display_name} [{self.name if self.role == 'default' else self.role}]"

    @property
    def short_id(self) -> str:
        """The first characters of the id."""
        return short(self.id)

    @property
    def is_wakeable(self) -> bool:
        """Would a message start a turn?"""
        if self.state is AgentState.STOPPED:
            return self.stop_reason is StopReason.IDLE_TIMEOUT
        return self.state in {AgentState.IDLE, AgentState.COLD, AgentState.STARTING}

    @property
    def is_held(self) -> bool:
        """Does mail wait until somebody resumes or restarts the agent?"""
        return self.state in {AgentState.PAUSED, AgentState.STOPPED, AgentState.ERROR} and not self.is_wakeable

    def moved(self, state: AgentState, at: datetime, **changes: object) -> Self:
        """The agent in another state, one version on.

        Raises:
            WrongState: the step is not allowed from the present state.
        """
        if state not in _MOVES[self.state]:
            raise WrongState(f"agent {self.name}", self.state.value, f"made {state.value}")
        fresh: dict[str, object] = {"stop_reason": None, "error": None, **changes}
        return self.changed(at, state=state, **fresh)

    def changed(self, at: datetime, **changes: object) -> Self:
        """The agent with other members, one version on, seen alive at that time."""
        return msgspec.structs.replace(self, version=self.version + 1, last_heartbeat=at, **changes)
