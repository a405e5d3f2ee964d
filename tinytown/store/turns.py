"""Turns in Redis: who has the lease on an agent, and the mail in its hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from tinytown.domain.agent import Agent
from tinytown.domain.event import Event
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId, TaskId
from tinytown.domain.message import Message
from tinytown.domain.task import Task, TaskState
from tinytown.errors import RecordUnreadable
from tinytown.store.agents import readable, streams_of
from tinytown.store.bells import CONTROL, mission_bell, run_agent_bell
from tinytown.store.connection import Arg, Connection, text
from tinytown.store.keys import Keys
from tinytown.store.records import decode_message, encode, event_args
from tinytown.store.scripts import Scripts

__all__ = ["Batch", "TurnInfo", "TurnStore"]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The mail that a turn took: each message with how often it was tried before."""

    epoch: int
    failures: int
    mail: tuple[tuple[Message, int], ...]


class TurnInfo(msgspec.Struct, frozen=True, kw_only=True):
    """Where an agent's turn stands; times in milliseconds since 1970, 0 when there is none."""

    state: str = "idle"
    epoch: int = 0
    worker: str = ""
    lease_until: int = 0
    scheduled_at: int = 0
    not_before: int = 0
    began_at: int = 0
    waiting: int = 0
    hold: str = ""
    failures: int = 0
    ask: str = ""
    bell: str = ""
    delay: str = ""
    role: str = "default"


class TurnStore:
    """Begins, renews, ends and reaps turns; only the newest epoch is heard."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def now_ms(self) -> int:
        """The server's own time, in milliseconds since 1970."""
        seconds, micros = self._connection.call("TIME")
        return int(seconds) * 1000 + int(micros) // 1000

    def info(self, agents: Sequence[AgentId]) -> list[TurnInfo]:
        """Where the turns of the agents stand."""
        replies = self._connection.calls([("HGETALL", self._keys.turn(agent)) for agent in agents]) if agents else []
        return [msgspec.convert(_pairs(reply), TurnInfo, strict=False) for reply in replies]

    def overdue(self, now_ms: int, count: int) -> list[AgentId]:
        """Agents that are scheduled and should have been seen to by now."""
        return self._up_to(self._keys.due, now_ms, count)

    def expired(self, now_ms: int, count: int) -> list[AgentId]:
        """Agents whose lease ran out."""
        return self._up_to(self._keys.leases, now_ms, count)

    def running(self) -> int:
        """How many leases there are."""
        return int(self._connection.call("ZCARD", self._keys.leases))

    def begin(self, old: Agent, new: Agent, *, worker: str, lease: timedelta, messages: int, size: int, event: Event | None) -> Batch | str:
        """Take the lease and a batch of mail; anything else than a batch says why not, as `begin_turn.lua`."""
        keys, agent = self._keys, old.id
        streams, limits = streams_of(keys, event)
        reply = self._scripts.run(
            "begin_turn",
            [
                keys.inbox(agent), keys.urgent(agent), keys.taken(agent), keys.dead(agent), keys.turn(agent), keys.receipts,
                keys.agent(agent), keys.agents_in(old.state), keys.agents_in(new.state), keys.leases, keys.due,
                keys.demand, keys.ready, *streams,
            ],
            [agent, worker, _ms(lease), messages, size, old.version, encode(new), *event_args(event, limits)],
        )  # fmt: skip
        if text(reply[0]) != "began":
            return readable(text(reply[0]), keys.agent(agent))
        mail: list[tuple[Message, int]] = []
        for i in range(3, len(reply), 2):
            try:
                mail.append((decode_message(reply[i], keys.taken(agent)), int(reply[i + 1])))
            except RecordUnreadable:
                self._bury_unreadable(agent, reply[i])
        return Batch(epoch=int(reply[1]), failures=int(reply[2]), mail=tuple(mail))

    def start(self, agents: tuple[Agent, Agent], tasks: Sequence[tuple[Task, Task]], epoch: int) -> str:
        """Mark tasks of the turn as running; answers as `start_tasks.lua`."""
        keys, agent = self._keys, agents[0].id
        args: list[Arg] = [epoch, agents[0].version, encode(agents[1])]
        for old, new in tasks:
            args += [old.id, old.version, encode(new)]
        return self._scripts.word(
            "start_tasks",
            [
                keys.turn(agent), keys.agent(agent), keys.tasks_in(TaskState.ASSIGNED), keys.tasks_in(TaskState.RUNNING),
                *(keys.task(old.id) for old, _ in tasks),
            ],
            args,
        )  # fmt: skip

    def renew(self, turns: Sequence[tuple[AgentId, int]], lease: timedelta) -> list[str]:
        """Keep the leases of several turns (agent, epoch); answers each as `renew_turn.lua`."""
        keys = self._keys
        calls: list[tuple[list[str], list[Arg]]] = [([keys.turn(agent), keys.leases], [agent, epoch, _ms(lease)]) for agent, epoch in turns]
        return [text(reply) for reply in self._scripts.run_many("renew_turn", calls)]

    def asked(self, agents: Sequence[AgentId]) -> list[tuple[int, str]]:
        """The newest epoch of each agent, and what its running turn is asked."""
        replies = self._connection.calls([("HMGET", self._keys.turn(agent), "epoch", "ask") for agent in agents]) if agents else []
        return [(int(epoch or 0), "" if ask is None else text(ask)) for epoch, ask in replies]

    def end(
        self,
        old: Agent,
        new: Agent,
        *,
        epoch: int,
        hold: str,
        only_when_empty: bool,
        returned: Sequence[MessageId],
        count_attempt: bool,
        backoff: timedelta,
        failed: bool,
        reason: str,
        outcome: str,
        event: Event | None,
    ) -> str:
        """Give up the lease, settling what is not `returned`; answers as `end_turn.lua`."""
        keys, agent = self._keys, old.id
        streams, limits = streams_of(keys, event)
        bell = run_agent_bell(agent)
        answer = self._scripts.word(
            "end_turn",
            [
                keys.inbox(agent), keys.urgent(agent), keys.taken(agent), keys.turn(agent), keys.receipts, keys.settled, keys.agent(agent),
                keys.agents_in(old.state), keys.agents_in(new.state), keys.leases, keys.due, keys.bell_messages(bell.queue),
                keys.bell_queue(bell.queue), keys.counters, keys.demand, keys.ready, keys.hungry_missions, keys.missions_due, *streams,
            ],
            [
                agent, epoch, old.version, encode(new), hold, "1" if only_when_empty else "0", "1" if count_attempt else "0",
                _ms(backoff), "1" if failed else "0", reason, *bell.args, outcome, len(returned), *returned, *event_args(event, limits),
            ],
        )  # fmt: skip
        return readable(answer, keys.agent(agent))

    def bury(
        self, agent: AgentId, message: MessageId, reason: str, notice: Message, *, attempts: int, epoch: int,
        task: tuple[Task, Task] | None, event: Event | None,
    ) -> str:  # fmt: skip
        """Give up a message after so many attempts, fail its task and tell the supervisor; answers as `bury_message.lua`."""
        keys = self._keys
        streams, limits = streams_of(keys, event)
        task_id = TaskId("none") if task is None else task[0].id
        mission = None if task is None else task[0].mission_id
        return self._scripts.word(
            "bury_message",
            [
                keys.taken(agent), keys.turn(agent), keys.receipts, keys.dead(agent), keys.counters, keys.inbox(SUPERVISOR_ID),
                keys.task(task_id), keys.tasks_in(TaskState.PENDING if task is None else task[0].state), keys.tasks_in(TaskState.FAILED),
                keys.open_tasks(agent), keys.demand, keys.ready, keys.mission_bells, keys.mission_tasks(mission),
                keys.bell_messages(CONTROL), keys.bell_queue(CONTROL), *streams,
            ],
            [
                epoch, message, reason, notice.id, encode(notice), SUPERVISOR_ID,
                *(("", "", "") if task is None else (task_id, task[0].version, encode(task[1]))), attempts, agent,
                *mission_bell(mission), *event_args(event, limits),
            ],
        )  # fmt: skip

    def fence(self, agent: AgentId) -> int:
        """Shut out a turn whose lease ran out; answers as `fence_turn.lua`."""
        return int(self._scripts.run("fence_turn", [self._keys.turn(agent), self._keys.leases], [agent]))

    def reap(self, old: Agent, new: Agent, *, epoch: int, hold: str, event: Event | None) -> str:
        """Put back what a dead turn had, and ring again; answers as `reap_turn.lua`."""
        keys, agent = self._keys, old.id
        streams, limits = streams_of(keys, event)
        bell = run_agent_bell(agent)
        answer = self._scripts.word(
            "reap_turn",
            [
                keys.inbox(agent), keys.urgent(agent), keys.taken(agent), keys.turn(agent), keys.receipts, keys.agent(agent),
                keys.agents_in(old.state), keys.agents_in(new.state), keys.leases, keys.due, keys.bell_messages(bell.queue),
                keys.bell_queue(bell.queue), keys.counters, keys.demand, keys.ready, *streams,
            ],
            [agent, epoch, old.version, encode(new), hold, *bell.args, *event_args(event, limits)],
        )  # fmt: skip
        return readable(answer, keys.agent(agent))

    def ring_again(self, agent: AgentId) -> str:
        """Ring for an agent whose bell was lost or whose back-off is over; answers as `ring_turn.lua`."""
        keys = self._keys
        bell = run_agent_bell(agent)
        return self._scripts.word(
            "ring_turn",
            [keys.turn(agent), keys.due, keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.demand, keys.ready],
            [agent, *bell.args],
        )

    def _up_to(self, key: str, now_ms: int, count: int) -> list[AgentId]:
        found = self._connection.call("ZRANGEBYSCORE", key, "-inf", now_ms, "LIMIT", 0, count)
        return [AgentId(text(raw)) for raw in found]

    def _bury_unreadable(self, agent: AgentId, entry: bytes) -> None:
        keys = self._keys
        self._scripts.word(
            "quarantine_entry",
            [keys.taken(agent), keys.dead(agent), keys.receipts, keys.settled, keys.turn(agent), keys.demand, keys.ready],
            [entry, "0", agent],
        )


def _pairs(reply: list[bytes]) -> dict[str, str]:
    return {text(reply[i]): text(reply[i + 1]) for i in range(0, len(reply), 2)}


def _ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
