"""Agents: registering, finding, stopping and waking them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tinytown.domain.agent import Agent, AgentState, SpawnMode, StopReason, agent_name
from tinytown.domain.event import EventKind, agent_moved, agent_spawned
from tinytown.domain.ids import AgentId, new_agent_id
from tinytown.domain.nickname import nickname_for
from tinytown.errors import AgentExists, AgentNotFound, InvalidValue, RecordChanged, VersionMismatch, WrongState
from tinytown.presets import resolve
from tinytown.services.agent_reading import AgentReader
from tinytown.services.desk import RETRIES

__all__ = ["MANUAL", "AgentService"]

MANUAL = "manual"
"""The `cli` of an agent that no worker runs: somebody reads its mail by the Python API."""


class AgentService(AgentReader):
    """Everything that is done to agents, other than giving them work.

    What changes an agent takes the version that the caller has seen as `expected`:
    an agent that has changed since is left alone (`VersionMismatch`).
    """

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

    def kill(self, reference: str, *, now: bool = False, expected: int | None = None) -> Agent:
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

        return self._stop(reference, stopped, draining, hold="stopped", ask="cancel" if now else "", verb="stopped", expected=expected)

    def close(self, reference: str, *, expected: int | None = None) -> Agent:
        """Let an agent work through the mail it has, and stop then."""
        agent = self.find(reference)
        waiting = self._desk.store.turns.info([agent.id])[0].waiting
        if agent.state in {AgentState.IDLE, AgentState.STARTING, AgentState.COLD} and waiting == 0:
            return self.kill(reference, expected=expected)
        return self._change(
            reference,
            lambda agent: agent.moved(AgentState.DRAINING, self._desk.now()),
            hold="",
            kind=EventKind.AGENT_STOPPED,
            verb="closed",
            expected=expected,
        )

    def interrupt(self, reference: str, *, expected: int | None = None) -> Agent:
        """Pause an agent: its running turn is ended and its mail waits for `resume`."""
        return self._change(
            reference,
            lambda agent: agent.moved(AgentState.PAUSED, self._desk.now()),
            hold="paused",
            ask="cancel",
            kind=EventKind.AGENT_INTERRUPTED,
            verb="interrupted",
            expected=expected,
        )

    def resume(self, reference: str, *, expected: int | None = None) -> Agent:
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
            expected=expected,
        )

    def restart(self, reference: str, *, max_rounds: int | None = None, expected: int | None = None) -> Agent:
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
            expected=expected,
        )

    def stop_all(self, *, now: bool = False) -> list[Agent]:
        """Ask every agent to stop that is not stopped or in error."""
        asked: list[Agent] = []
        for agent in self.all():
            if agent.state not in {AgentState.STOPPED, AgentState.ERROR}:
                with suppress(WrongState, AgentNotFound):  # somebody else was quicker
                    asked.append(self.kill(agent.id, now=now))
        return asked

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
        self,
        reference: str,
        stopped: Callable[[Agent], Agent],
        draining: Callable[[Agent], Agent],
        *,
        hold: str,
        ask: str,
        verb: str,
        expected: int | None,
    ) -> Agent:
        identity = self.find(reference).id
        for _ in range(RETRIES):
            agent = _as_seen(self.get(identity), expected)
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
        expected: int | None = None,
    ) -> Agent:
        identity = self.find(reference).id
        for _ in range(RETRIES):
            agent = _as_seen(self.get(identity), expected)
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


def _as_seen(agent: Agent, expected: int | None) -> Agent:
    """The agent, if it is as the caller has seen it."""
    if expected is not None and agent.version != expected:
        raise VersionMismatch(f"agent {agent.name}", expected, agent.version)
    return agent


def _plain(field: str, text: str, longest: int) -> str:
    """The text, if it can be printed on one line without doing anything to a terminal."""
    plain = text.strip()
    if not plain or len(plain) > longest or not plain.isprintable():
        raise InvalidValue(field, f"use 1 to {longest} printable characters")
    if field == "nickname" and "/" in plain:
        raise InvalidValue(field, "use no '/' in it")
    return plain
