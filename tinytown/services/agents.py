"""Agents: registering, finding, stopping and waking them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from tinytown.domain.agent import RESERVED_NAMES, Agent, AgentState, SpawnMode, StopReason, agent_name
from tinytown.domain.event import EventKind, agent_moved, agent_spawned
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, new_agent_id
from tinytown.domain.nickname import nickname_for
from tinytown.errors import AgentExists, AgentNotFound, InvalidValue, RecordChanged, WrongState
from tinytown.presets import resolve
from tinytown.services.awaiting import awaited
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.finding import find_agent

__all__ = ["MANUAL", "AgentService"]

MANUAL = "manual"
"""The `cli` of an agent that no worker runs: somebody reads its mail by the Python API."""


class AgentService:
    """Everything that is done to agents, other than giving them work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store.agents

    def spawn(
        self,
        name: str,
        *,
        cli: str | None = None,
        model: str | None = None,
        role: str | None = None,
        nickname: str | None = None,
        parent: str | None = None,
        max_rounds: int | None = None,
        spawn_mode: SpawnMode = SpawnMode.FRESH,
        identity: AgentId | None = None,
    ) -> Agent:
        """Register a new agent; a worker is not needed for that.

        With `identity`, an id that the caller made, doing it again is harmless.

        Raises:
            InvalidName: the name cannot be used.
            AgentExists: another agent has the name.
            AgentNotFound: there is no such parent.
            InvalidValue: the program is not known, or a number is out of range.
        """
        canonical = agent_name(name)
        settings = self._desk.settings
        chosen = _plain("cli", cli, 4096) if cli is not None and cli.strip() else settings.default_cli
        model, role = (None if text is None else _plain(field, text, 200) for field, text in (("model", model), ("role", role)))
        if chosen != MANUAL:
            resolve(chosen, settings.agent_clis, model=model)
        if max_rounds is not None and max_rounds < 0:
            raise InvalidValue("max_rounds", "give 0 for no limit, or a positive number")
        now = self._desk.now()
        own_id = new_agent_id() if identity is None else identity
        agent = Agent(
            id=own_id,
            name=canonical,
            nickname=self._free_nickname(own_id) if nickname is None else _plain("nickname", nickname, 63),
            role_id=role,
            parent_agent_id=None if parent is None else self.find(parent).id,
            spawn_mode=spawn_mode,
            cli=chosen,
            model=model,
            created_at=now,
            last_heartbeat=now,
            last_active_at=now,
            max_rounds=settings.agent.max_rounds if max_rounds is None else max_rounds,
        )
        if self._store.add(agent, "manual" if chosen == MANUAL else "", agent_spawned(agent)) == "exists":
            known = None if identity is None else self._store.get(identity)
            if known is None or known.name != canonical:
                raise AgentExists(canonical)
            return known
        return agent

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

    def count(self) -> dict[AgentState, int]:
        """How many agents are in each state."""
        return self._store.count()

    def kill(self, reference: str, *, now: bool = False) -> Agent:
        """Ask an agent to stop: at once when nothing runs, else after its turn.

        With `now` the turn's program is ended, and its mail waits for a restart.

        Raises:
            WrongState: it is stopped already, for that reason.
        """

        def stopped(agent: Agent) -> Agent:
            at = self._desk.now()
            if agent.state is AgentState.STOPPED:  # for another reason, from which mail would wake it
                return agent.changed(at, stop_reason=StopReason.REQUESTED)
            return agent.moved(AgentState.STOPPED, at, stop_reason=StopReason.REQUESTED, current_task=None)

        def draining(agent: Agent) -> Agent:
            at = self._desk.now()
            return agent.changed(at, stop_reason=None) if agent.state is AgentState.DRAINING else agent.moved(AgentState.DRAINING, at)

        return self._stop(reference, stopped, draining, hold="stopped", ask="cancel" if now else "", verb="stopped")

    def close(self, reference: str) -> Agent:
        """Let an agent work through the mail it has, and stop then."""
        agent = self.find(reference)
        waiting = self._desk.store.turns.info([agent.id])[0].waiting
        if agent.state in {AgentState.IDLE, AgentState.STARTING, AgentState.COLD} and waiting == 0:
            return self.kill(reference)
        return self._change(
            reference,
            lambda agent: agent.moved(AgentState.DRAINING, self._desk.now()),
            hold="",
            kind=EventKind.AGENT_STOPPED,
            verb="closed",
        )

    def interrupt(self, reference: str) -> Agent:
        """Pause an agent: its running turn is ended and its mail waits for `resume`."""
        return self._change(
            reference,
            lambda agent: agent.moved(AgentState.PAUSED, self._desk.now()),
            hold="paused",
            ask="cancel",
            kind=EventKind.AGENT_INTERRUPTED,
            verb="interrupted",
        )

    def resume(self, reference: str) -> Agent:
        """Let a paused agent go on.

        Raises:
            WrongState: it is not paused.
        """
        return self._change(
            reference,
            self._resumed,
            hold="",
            kind=EventKind.AGENT_RESUMED,
            verb="resumed",
            refuse=lambda a: a.state is not AgentState.PAUSED,
        )

    def restart(self, reference: str, *, max_rounds: int | None = None) -> Agent:
        """Bring back an agent that is stopped or in error, with its rounds at zero and its mail waiting.

        Raises:
            WrongState: it is not stopped.
        """

        def started(agent: Agent) -> Agent:
            now = self._desk.now()
            rounds = agent.max_rounds if max_rounds is None else max_rounds
            return agent.moved(AgentState.STARTING, now, rounds_completed=0, max_rounds=rounds, last_active_at=now, current_task=None)

        back = {AgentState.STOPPED, AgentState.ERROR}
        return self._change(
            reference,
            started,
            hold="",
            quiet=True,
            kind=EventKind.AGENT_STATE_CHANGED,
            verb="restarted",
            refuse=lambda agent: agent.state not in back,
        )

    def stop_all(self, *, now: bool = False) -> list[Agent]:
        """Ask every agent to stop that is not stopped or in error."""
        asked: list[Agent] = []
        for agent in self.all():
            if agent.state not in {AgentState.STOPPED, AgentState.ERROR}:
                with suppress(WrongState, AgentNotFound):  # somebody else was quicker
                    asked.append(self.kill(agent.id, now=now))
        return asked

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

    def _resumed(self, agent: Agent) -> Agent:
        now = self._desk.now()
        return agent.moved(AgentState.IDLE, now, last_active_at=now)

    def _free_nickname(self, identity: AgentId) -> str:
        for turned in range(8):
            name = nickname_for(identity[turned:] + identity[:turned].replace("-", "0"))
            if not self._store.ids_nicknamed(name) and self._store.id_of(name) is None:
                return name
        return nickname_for(identity)

    def _stop(
        self, reference: str, stopped: Callable[[Agent], Agent], draining: Callable[[Agent], Agent], *, hold: str, ask: str, verb: str
    ) -> Agent:
        identity = self.find(reference).id
        for _ in range(RETRIES):
            agent = self.get(identity)
            if agent.state is AgentState.STOPPED and agent.stop_reason is StopReason.REQUESTED:
                raise WrongState(f"agent {agent.name}", agent.state.value, verb)
            at_rest = stopped(agent)
            answer = self._store.change(agent, at_rest, hold=hold, quiet=True, event=agent_moved(agent, at_rest, EventKind.AGENT_STOPPED))
            if answer == "running":
                ending = draining(agent)
                event = agent_moved(agent, ending, EventKind.AGENT_STOPPED)
                answer, at_rest = self._store.change(agent, ending, hold=hold, ask=ask, event=event), ending
            if answer.startswith("changed"):
                return at_rest
            self._gone(answer, agent)
        raise RecordChanged(f"agent {reference}")

    def _change(
        self,
        reference: str,
        step: Callable[[Agent], Agent],
        *,
        hold: str = "=",
        ask: str = "",
        quiet: bool = False,
        kind: EventKind,
        verb: str,
        refuse: Callable[[Agent], bool] = lambda _: False,
    ) -> Agent:
        identity = self.find(reference).id
        for _ in range(RETRIES):
            agent = self.get(identity)
            if refuse(agent):
                raise WrongState(f"agent {agent.name}", agent.state.value, verb)
            changed = step(agent)
            holds = MANUAL if hold == "" and agent.cli == MANUAL else hold  # nobody may run it, whatever lets it go
            answer = self._store.change(agent, changed, hold=holds, ask=ask, quiet=quiet, event=agent_moved(agent, changed, kind))
            if answer.startswith("changed"):
                return changed
            if answer == "running":
                raise WrongState(f"agent {agent.name}", "still in a turn", verb)
            self._gone(answer, agent)
        raise RecordChanged(f"agent {reference}")

    def _gone(self, answer: str, agent: Agent) -> None:
        if answer == "missing":
            raise AgentNotFound(agent.name)


def _plain(field: str, text: str, longest: int) -> str:
    """The text, if it can be printed on one line without doing anything to a terminal."""
    plain = text.strip()
    if not plain or len(plain) > longest or not plain.isprintable():
        raise InvalidValue(field, f"use 1 to {longest} printable characters")
    if field == "nickname" and "/" in plain:
        raise InvalidValue(field, "use no '/' in it")
    return plain
