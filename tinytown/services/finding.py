"""Finding the agent that somebody means by a name, nickname, label or id."""

from __future__ import annotations

from tinytown.domain.agent import Agent
from tinytown.domain.ids import AgentId, is_id_prefix, is_uuid
from tinytown.errors import AgentNotFound, AmbiguousReference
from tinytown.store.agents import AgentStore

__all__ = ["find_agent"]


def find_agent(store: AgentStore, reference: str) -> Agent:
    """The agent that a reference means.

    A canonical name goes before everything else, an id before a nickname or
    label; case does not matter. Nothing is scanned.

    Raises:
        AgentNotFound: nobody is meant.
        AmbiguousReference: several could be meant.
    """
    wanted = reference.strip()
    lowered = wanted.lower()
    if (named := _named(store, lowered)) is not None:
        return named
    if is_uuid(lowered):
        return _known(store, lowered)
    for ids in (_numbered(store, lowered), _nicknamed(store, lowered)):
        found = [agent for agent in store.get_many(ids) if lowered in _called(agent) or agent.id.startswith(lowered)]
        if len(found) == 1:
            return found[0]
        if found:
            raise AmbiguousReference(wanted, tuple(f"{agent.label} {agent.short_id} ({agent.name})" for agent in found))
    raise AgentNotFound(reference)


def _named(store: AgentStore, name: str) -> Agent | None:
    identity = store.id_of(name) if name else None
    return None if identity is None else store.get(identity)


def _known(store: AgentStore, identity: str) -> Agent:
    agent = store.get(AgentId(identity))
    if agent is None:
        raise AgentNotFound(identity)
    return agent


def _numbered(store: AgentStore, text: str) -> list[AgentId]:
    return store.ids_starting(text) if is_id_prefix(text) else []


def _nicknamed(store: AgentStore, text: str) -> list[AgentId]:
    """Whoever has that nickname, or has it or the name in front of a label's bracket."""
    display = text.split(" [", 1)[0]
    plain = store.id_of(display) if display else None
    return list(dict.fromkeys([*store.ids_nicknamed(display), *([] if plain is None else [plain])]))


def _called(agent: Agent) -> set[str]:
    return {agent.name, agent.display_name.lower(), agent.label.lower()}
