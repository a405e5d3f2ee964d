"""Agents in Redis: their records, their names, and who is in which state."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.event import Event
from tinytown.domain.ids import AgentId, MissionId
from tinytown.errors import RecordUnreadable
from tinytown.store.bells import run_agent_bell
from tinytown.store.connection import Connection, text
from tinytown.store.keys import Keys
from tinytown.store.records import decode_agent, encode, event_args, read, read_many, readable_only
from tinytown.store.scripts import Scripts

__all__ = ["AgentStore", "readable", "streams_of"]

TOWN_EVENTS, AGENT_EVENTS, MISSION_EVENTS = 1000, 100, 500


def streams_of(keys: Keys, event: Event | None) -> tuple[list[str], list[int]]:
    """The streams that an event goes to, each with its length limit."""
    if event is None:
        return [], []
    agents = dict.fromkeys(a for a in (event.agent_id, event.parent_agent_id, event.child_agent_id) if a is not None)
    names = [keys.events, *(keys.agent_events(AgentId(agent)) for agent in agents)]
    limits = [TOWN_EVENTS, *([AGENT_EVENTS] * len(agents))]
    if event.mission_id is not None:
        names.append(keys.mission_events(MissionId(event.mission_id)))
        limits.append(MISSION_EVENTS)
    return names, limits


class AgentStore:
    """Reads and writes agents; each write compares versions first."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def get(self, agent: AgentId) -> Agent | None:
        """The agent with that id."""
        key = self._keys.agent(agent)
        raw = read(self._connection, key)
        return None if raw is None else decode_agent(raw, key)

    def get_many(self, agents: Sequence[AgentId]) -> list[Agent]:
        """The agents with those ids, in order; those that are gone are left out."""
        keys = [self._keys.agent(agent) for agent in agents]
        return [decode_agent(raw, key) for key, raw in zip(keys, read_many(self._connection, keys), strict=True) if raw is not None]

    def get_readable(self, agents: Sequence[AgentId]) -> list[Agent]:
        """As `get_many`, without those whose records are damaged."""
        return readable_only(self.get_many, agents)

    def id_of(self, name: str) -> AgentId | None:
        """The id behind a canonical name, in any case."""
        raw = self._connection.call("HGET", self._keys.agents, name.lower().encode("utf-8", "replace"))
        return None if raw is None else AgentId(text(raw))

    def names(self) -> list[tuple[str, AgentId]]:
        """The names of all agents with their ids, sorted."""
        flat = self._connection.call("HGETALL", self._keys.agents)
        return sorted((text(flat[i]), AgentId(text(flat[i + 1]))) for i in range(0, len(flat), 2))

    def ids(self) -> list[AgentId]:
        """The ids of all agents, sorted by their names."""
        return [agent for _, agent in self.names()]

    def ids_in(self, *states: AgentState) -> list[AgentId]:
        """The ids of the agents in those states, longest there first in each."""
        replies = self._connection.calls([("ZRANGE", self._keys.agents_in(state), 0, -1) for state in states])
        return [AgentId(text(raw)) for reply in replies for raw in reply]

    def ids_starting(self, prefix: str, limit: int = 10) -> list[AgentId]:
        """The ids that begin with the given characters."""
        found = self._connection.call("ZRANGEBYLEX", self._keys.agent_ids, f"[{prefix}", f"[{prefix}\xff", "LIMIT", 0, limit)
        return [AgentId(text(raw)) for raw in found]

    def ids_nicknamed(self, nickname: str) -> list[AgentId]:
        """The ids of the agents with that nickname, in any case."""
        prefix = f"{nickname.lower()}/".encode("utf-8", "replace").decode()
        found = self._connection.call("ZRANGEBYLEX", self._keys.nicknames, f"[{prefix}", f"[{prefix}\xff")
        return [AgentId(text(raw)[len(prefix) :]) for raw in found]

    def count(self) -> dict[AgentState, int]:
        """How many agents are in each state; states without any are there too."""
        states = list(AgentState)
        return dict(zip(states, self._connection.calls([("ZCARD", self._keys.agents_in(state)) for state in states]), strict=True))

    def add(self, agent: Agent, hold: str, event: Event | None) -> str:
        """Register a new agent; answers `added` or `exists`."""
        keys = self._keys
        streams, limits = streams_of(keys, event)
        return self._scripts.word(
            "add_agent",
            [
                keys.agent(agent.id), keys.agents, keys.agent_ids, keys.nicknames, keys.agents_in(agent.state),
                keys.turn(agent.id), keys.demand, keys.ready, keys.hungry_missions, keys.missions_due, *streams,
            ],
            [agent.id, agent.name, encode(agent), _nickname_entry(agent), hold, agent.role, *event_args(event, limits)],
        )  # fmt: skip

    def change(self, old: Agent, new: Agent, *, hold: str = "=", ask: str = "", quiet: bool = False, event: Event | None = None) -> str:
        """Store the next version of an agent.

        `hold` says why mail must not wake it ('' lets go, '=' leaves it as it is), `ask` is
        for its running turn, `quiet` refuses while a turn runs. Answers as `change_agent.lua`.
        """
        keys = self._keys
        streams, limits = streams_of(keys, event)
        bell = run_agent_bell(old.id)
        answer = self._scripts.word(
            "change_agent",
            [
                keys.agent(old.id), keys.agents_in(old.state), keys.agents_in(new.state), keys.turn(old.id), keys.due,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.demand, keys.ready,
                keys.hungry_missions, keys.missions_due, *streams,
            ],
            [
                old.id, old.version, encode(new), hold, ask, "quiet" if quiet else "", *bell.args, new.role,
                *event_args(event, limits),
            ],
        )  # fmt: skip
        return readable(answer, keys.agent(old.id))

    def delete(self, agent: Agent, *, throw_away_mail: bool) -> str:
        """Forget an agent and its mailbox; answers as `delete_agent.lua`."""
        keys = self._keys
        answer = self._scripts.word(
            "delete_agent",
            [
                keys.agent(agent.id), keys.agents, keys.agent_ids, keys.nicknames, keys.agents_in(agent.state), keys.turn(agent.id),
                keys.inbox(agent.id), keys.urgent(agent.id), keys.taken(agent.id), keys.dead(agent.id), keys.open_tasks(agent.id),
                keys.due, keys.leases, keys.activity(agent.id), keys.logs(agent.id), keys.agent_events(agent.id),
                keys.demand, keys.ready,
            ],
            [agent.id, agent.version, agent.name, _nickname_entry(agent), "1" if throw_away_mail else "0"],
        )  # fmt: skip
        return readable(answer, keys.agent(agent.id))


def _nickname_entry(agent: Agent) -> str:
    return "" if agent.nickname is None else f"{agent.nickname.lower()}/{agent.id}"


def readable(answer: str, key: str) -> str:
    """The answer of a script, unless it found something other than our record under the key.

    Raises:
        RecordUnreadable: the script answered `unreadable`.
    """
    if answer == "unreadable":
        raise RecordUnreadable(key, "it is not one of our JSON records; `tt migrate` converts records of older versions")
    return answer
