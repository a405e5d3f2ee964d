"""A town for tests: in memory or on any Redis, with its doorbells in your hand and a clock that stops.

>>> from tinytown.testing import rehearse
>>> with rehearse() as town:
...     town.spawn("ada")
...     task = town.assign("ada", "write a poem")
...     town.answer_bells()
...     assert town.tasks.get(task.id).result == "done"

No worker and no program is needed: you answer the bells, and say what each
turn does. The Redis in memory is `fakeredis[lua]`, which runs the same scripts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from tinytown.clock import StoppedClock
from tinytown.config import Settings
from tinytown.domain.ids import AgentId, MissionId, TaskId
from tinytown.domain.notification import NotificationId
from tinytown.errors import MissionNotFound
from tinytown.github import GitHub
from tinytown.notify.sender import Sender
from tinytown.services.turns import Ending, Turn
from tinytown.stand_ins import Hub, Listener
from tinytown.store.connection import Connection, Reply, ReplyError
from tinytown.store.keys import WORKERS_GROUP
from tinytown.town import Town

__all__ = ["Doorbell", "Hub", "Listener", "Rehearsal", "TellingClock", "Work", "does_everything", "in_memory", "rehearse"]

QUEUES = ("control", "agents")


class Doorbell(msgspec.Struct, frozen=True, kw_only=True):
    """A bell that was rung: which actor is asked for, with which arguments."""

    queue: str
    id: str
    actor: str
    args: tuple[str, ...]


class TellingClock(StoppedClock):
    """A clock whose time of day moves only when told; waiting still takes real time."""

    def monotonic(self) -> float:
        """Seconds that really pass, so that time-outs end."""
        return time.monotonic()


class Rehearsal(Town):
    """A town without workers: whoever has it answers its bells.

    Attributes:
        clock: set `clock.at` to move the town's time of day. Leases and back-offs are in
            Redis' own time: see `let_lease_run_out` and `let_backoff_pass`.
        listener: who is told news, whatever the settings say.
        sent: what it was told.
        hub: what stands in for GitHub.
        destinations: those who are told news; a test may put others in the listener's place.
    """

    def __init__(self, connection: Connection, settings: Settings, clock: StoppedClock) -> None:
        super().__init__(connection, settings, clock=clock)
        self.clock = clock
        self.listener = Listener()
        self.sent = self.listener.told
        self.destinations: Sequence[Sender] = (self.listener,)
        self.hub = Hub()

    def senders(self) -> Sequence[Sender]:
        """The listener, or what a test put in its place."""
        return self.destinations

    def github(self) -> GitHub:
        """What stands in for GitHub."""
        return self.hub

    def bells(self, queue: str | None = None) -> list[Doorbell]:
        """The bells that were rung and not answered yet, those on `control` first."""
        return [bell for name in QUEUES if queue in {None, name} for bell in self._bells(name)]

    def take_bell(self, bell: Doorbell) -> bool:
        """Take a bell off its queue, as a worker does that has answered it; or as a crash that loses it."""
        keys, connection = self.desk.store.keys, self.desk.store.connection
        if keys.bell_queue(bell.queue) == keys.docket:
            _take_entry(connection, keys.docket, bell.id)
        else:
            connection.call("LREM", keys.bell_queue(bell.queue), 1, bell.id)
        return bool(connection.call("HDEL", keys.bell_messages(bell.queue), bell.id))

    def lose_bells(self) -> int:
        """Lose all bells, as a Redis without its data would; answers how many."""
        return sum(self.take_bell(bell) for bell in self.bells())

    def answer(self, bell: Doorbell, work: Work | None = None, *, worker: str = "rehearsal") -> None:
        """Do what a bell asks for; answering one again is harmless."""
        if bell.actor == "assign_task":
            self.assignments.answer(TaskId(bell.args[0]), bell.args[1])
        elif bell.actor == "tick_mission":
            with suppress(MissionNotFound):
                self.mission_ticks.tick(MissionId(bell.args[0]))
        elif bell.actor == "notify":
            self.notifications.deliver(NotificationId(bell.args[0]))
        else:
            self.take_turn(AgentId(bell.args[0]), work, worker=worker)

    def answer_bells(self, work: Work | None = None, *, most: int = 1000) -> int:
        """Answer bells until none is left or `most` were answered; answers how many that were.

        Args:
            work: what each turn does; None does everything.
            most: guards against work that rings for ever.
        """
        answered = 0
        while answered < most and (bells := self.bells()):
            self.take_bell(bells[0])
            self.answer(bells[0], work)
            answered += 1
        return answered

    def take_turn(self, agent: AgentId, work: Work | None = None, *, worker: str = "rehearsal", messages: int | None = None) -> Turn | None:
        """Run one turn; None when there was nothing to do."""
        turn = self.begin_turn(agent, worker=worker, messages=messages)
        if turn is None:
            return None
        started = self.turns.start(turn, list(turn.tasks))
        ending = (does_everything if work is None else work)(self, started)
        if ending is not None:
            self.turns.end(turn, ending)
        return started

    def begin_turn(self, agent: AgentId, *, worker: str = "rehearsal", messages: int | None = None) -> Turn | None:
        """Begin a turn and leave it at that; None when there is nothing to do, or another has the agent."""
        most = self.settings.agent.batch_messages if messages is None else messages
        return self.turns.begin(agent, worker, messages=most)

    def let_lease_run_out(self, agent: AgentId) -> None:
        """Let the lease on an agent be over, as if its worker had been dead for long."""
        keys = self.desk.store.keys
        self.desk.store.connection.calls([("HSET", keys.turn(agent), "lease_until", 1), ("ZADD", keys.leases, 1, agent)])

    def let_backoff_pass(self, agent: AgentId) -> None:
        """Let the time be over that an agent waits after a failure, or that the sweep waits for an answer."""
        keys = self.desk.store.keys
        self.desk.store.connection.calls([("HSET", keys.turn(agent), "not_before", 0), ("ZADD", keys.due, "XX", 1, agent)])

    def let_answers_be_due(self) -> None:
        """Let so much time pass that the sweep looks after every bell."""
        store = self.desk.store
        for key in (store.keys.due, store.keys.assignments):
            waiting = store.connection.call("ZRANGE", key, 0, -1)
            store.connection.calls([("ZADD", key, "XX", 1, member) for member in waiting])

    def let_news_be_due(self) -> None:
        """Let so much time pass that every notification may be tried again, whoever was at it."""
        store = self.desk.store
        for raw in store.connection.call("ZRANGE", store.keys.notifications_due, 0, -1):
            notification = store.keys.notification(NotificationId(raw.decode()))
            store.connection.calls(
                [("HSET", notification, "not_before", 0, "taken_until", 0), ("ZADD", store.keys.notifications_due, "XX", 1, raw)]
            )

    def _bells(self, queue: str) -> list[Doorbell]:
        keys, connection = self.desk.store.keys, self.desk.store.connection
        if keys.bell_queue(queue) == keys.docket:
            ids = [_bell_of(fields) for _, fields in _waiting_entries(connection, keys.docket)]
        else:
            ids = [raw.decode() for raw in connection.call("LRANGE", keys.bell_queue(queue), 0, -1)]
        bodies = connection.call("HMGET", keys.bell_messages(queue), *ids) if ids else []
        return [_doorbell(queue, bell, body) for bell, body in zip(ids, bodies, strict=True) if body is not None]


Work = Callable[[Rehearsal, Turn], Ending | None]
"""What a turn does: it is handed the town and the turn, and says how it ends; None: its worker dies."""


def does_everything(town: Rehearsal, turn: Turn) -> Ending:
    """Complete every task of the turn and settle all its mail."""
    for task in turn.tasks:
        town.tasks.complete(task, "done", epoch=turn.epoch)
    return Ending()


def rehearse(
    name: str = "rehearsal", *, connection: Connection | None = None, at: datetime = datetime(2026, 1, 1, tzinfo=UTC), **settings: Any
) -> Rehearsal:
    """A town for tests, in memory unless `connection` leads elsewhere.

    Args:
        name: the town's.
        connection: a way to a Redis that the test may write to.
        at: when the clock stands still.
        settings: the town's, as in `tinytown.toml`; tables as mappings.
    """
    known = msgspec.convert({"name": name, **settings}, Settings)
    return Rehearsal(in_memory() if connection is None else connection, known, TellingClock(at))


def in_memory() -> Connection:
    """A connection to a Redis in memory, empty and of its own."""
    import fakeredis

    from tinytown.store.client import ClientConnection

    client = fakeredis.FakeRedis(server=fakeredis.FakeServer(server_type="redis", version=(7,)), protocol=2)
    return ClientConnection(client, "memory")


def _doorbell(queue: str, bell: str, body: bytes) -> Doorbell:
    said = msgspec.json.decode(body)
    return Doorbell(queue=queue, id=bell, actor=said["actor_name"], args=tuple(said["args"]))


def _waiting_entries(connection: Connection, docket: str) -> list[Reply]:
    """The entries that nobody has taken; the group is made when there is none."""
    try:
        connection.call("XGROUP", "CREATE", docket, WORKERS_GROUP, "0", "MKSTREAM")
    except ReplyError as error:
        if error.word != "BUSYGROUP":
            raise
    groups = [dict(zip(each[::2], each[1::2], strict=True)) for each in connection.call("XINFO", "GROUPS", docket)]
    last = next(each[b"last-delivered-id"] for each in groups if each[b"name"] == WORKERS_GROUP.encode())
    return list(connection.call("XRANGE", docket, b"(" + last, "+"))


def _take_entry(connection: Connection, docket: str, bell: str) -> None:
    """Take the entry of a bell. A stream gives the first one only, so if need be all others wait again, in their order."""
    waiting = _waiting_entries(connection, docket)
    is_first = bool(waiting) and _bell_of(waiting[0][1]) == bell
    for entry, fields in waiting[:1] if is_first else waiting:
        connection.call("XREADGROUP", "GROUP", WORKERS_GROUP, "rehearsal", "COUNT", 1, "STREAMS", docket, ">")
        if _bell_of(fields) != bell:
            connection.call("XADD", docket, "*", *fields)
        connection.call("XACK", docket, WORKERS_GROUP, entry)


def _bell_of(fields: Reply) -> str:
    return str(dict(zip(fields[::2], fields[1::2], strict=True))[b"id"].decode())
