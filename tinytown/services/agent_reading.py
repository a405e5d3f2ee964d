"""Agents as they are: found, listed, counted, and awaited."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import msgspec

from tinytown.domain.agent import RESERVED_NAMES, Agent, AgentState
from tinytown.domain.ids import SUPERVISOR_ID, AgentId
from tinytown.errors import AgentNotFound
from tinytown.services.awaiting import awaited
from tinytown.services.desk import Desk
from tinytown.services.finding import find_agent
from tinytown.services.workload import Until, is_as_awaited

__all__ = ["AgentPage", "AgentReader", "Sought"]

_AT_ONCE = 200


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """Which agents: in one of the states (all without any), with a role, with a program."""

    states: tuple[AgentState, ...] = ()
    role: str | None = None
    cli: str | None = None

    def includes(self, agent: Agent) -> bool:
        """Is that one of them?"""
        return (
            (not self.states or agent.state in self.states)
            and (self.role is None or agent.role == self.role)
            and (self.cli is None or agent.cli == self.cli)
        )


class AgentPage(msgspec.Struct, frozen=True, kw_only=True):
    """Some agents, by name, and how many there are in the town; `next` is the name after which the next page begins."""

    agents: tuple[Agent, ...]
    total: int
    next: str | None


class AgentReader:
    """Looks at agents and changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store.agents

    def find(self, reference: str) -> Agent:
        """The agent that a name, nickname, label, id or beginning of an id means; see `find_agent`.

        Raises:
            AgentNotFound: nobody is meant.
            AmbiguousReference: several could be meant.
        """
        return find_agent(self._store, reference)

    def find_id(self, reference: str) -> AgentId:
        """The id that a reference means; `supervisor` and `conductor` mean the people's mailbox."""
        if reference.strip().lower() in RESERVED_NAMES or reference.strip() == SUPERVISOR_ID:
            return SUPERVISOR_ID
        named = self._store.id_of(reference.strip())
        return self.find(reference).id if named is None else named  # a name and its record come and go together

    def get(self, agent: AgentId) -> Agent:
        """The agent with that id.

        Raises:
            AgentNotFound: there is none.
        """
        found = self._store.get(agent)
        if found is None:
            raise AgentNotFound(agent)
        return found

    def all(self) -> list[Agent]:
        """All agents, by name."""
        return self._store.get_many(self._store.ids())

    def page(self, sought: Sought, after: str | None = None, limit: int = 50) -> AgentPage:
        """A page of the agents that are sought, by name; whoever comes or goes in between moves nobody else."""
        names = self._store.names()
        left = [(name, agent) for name, agent in names if after is None or name > after]
        found: list[Agent] = []
        for agent in self._readable([agent for _, agent in left]):
            if sought.includes(agent):
                if len(found) == limit:
                    return AgentPage(agents=tuple(found), total=len(names), next=found[-1].name)
                found.append(agent)
        return AgentPage(agents=tuple(found), total=len(names), next=None)

    def count(self) -> dict[AgentState, int]:
        """How many agents are in each state."""
        return self._store.count()

    def wait(self, reference: str, done: Callable[[Agent], bool], timeout: timedelta | None = None) -> Agent:
        """Block until the agent is as wanted; looks again whenever something happens to it.

        Raises:
            TimedOut: it did not come to that in time.
        """
        identity = self.find(reference).id

        def look() -> tuple[Agent, bool]:
            agent = self.get(identity)
            return agent, done(agent)

        stream = self._desk.store.events.stream(agent=identity)
        return awaited(self._desk, stream, look, lambda agent: f"what was awaited of agent {agent.name} (it is {agent.state})", timeout)

    def in_turn(self, agent: AgentId) -> bool:
        """Does a turn of the agent run at this moment?"""
        return self._desk.store.turns.info([agent])[0].state == "running"

    def wait_until(self, reference: str, until: Until, timeout: timedelta | None = None) -> Agent:
        """Block until it has come to that with the agent; see `wait`."""
        return self.wait(reference, lambda agent: is_as_awaited(self._desk, agent, until), timeout)

    def _readable(self, agents: list[AgentId]) -> Iterator[Agent]:
        """The agents with those ids, some at a time; those whose records are damaged or gone are left out."""
        for start in range(0, len(agents), _AT_ONCE):
            yield from self._store.get_readable(agents[start : start + _AT_ONCE])
