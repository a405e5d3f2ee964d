"""A town: the way in for programs, and what every surface of ours calls.

>>> from tinytown import Town
>>> with Town.connect() as town:
...     town.spawn("ada", cli="shell")
...     task = town.assign("ada", "echo hello")
...     print(town.wait(task.id).result)
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from tinytown.clock import Clock, SystemClock
from tinytown.config import RedisAddress, Settings
from tinytown.domain.town import TownName, town_name
from tinytown.services.desk import Desk
from tinytown.store.town import TownStore
from tinytown.town_services import TownServices

if TYPE_CHECKING:
    from tinytown.domain.agent import Agent
    from tinytown.domain.event import Event
    from tinytown.domain.ids import AgentId
    from tinytown.domain.message import Message
    from tinytown.domain.task import Task
    from tinytown.services.overview import Overview
    from tinytown.store.census import Census
    from tinytown.store.connection import Connection
    from tinytown.store.events import EventLog

__all__ = ["Town"]


class Town(TownServices):
    """An open town. Use it as a context manager, or `close` it."""

    is_elsewhere = False
    """It is not reached through its townhall."""

    def __init__(
        self,
        connection: Connection,
        settings: Settings,
        *,
        root: Path | None = None,
        address: RedisAddress | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.name: TownName = town_name(settings.name)
        self.settings = settings
        self.root = root
        self.address = address
        self.desk = Desk(
            TownStore(connection, self.name, streams=settings.use_streams), settings, SystemClock() if clock is None else clock
        )

    @property
    def redis_address(self) -> str:
        """Which Redis it uses, without secrets."""
        return self.desk.store.connection.address

    @property
    def events(self) -> EventLog:
        """What happened, activity, output, counters."""
        return self.desk.store.events

    @classmethod
    def connect(cls, path: str | Path | None = None) -> Self:
        """Open the town in a directory or above it, starting its Redis if that is ours to start.

        Args:
            path: where to look; the working directory when left out.

        Raises:
            TownNotFound: there is no town.
            Unavailable: its Redis cannot be used.
        """
        from tinytown.bootstrap import connect
        from tinytown.config import environment

        return connect(None if path is None else Path(path), environment(), factory=cls)

    def spawn(self, name: str, *, cli: str | None = None, role: str | None = None, model: str | None = None) -> Agent:
        """Register a new agent; a running worker does its turns."""
        return self.agents.spawn(name, cli=cli, role=role, model=model)

    def assign(self, agent: str, description: str, *, tags: tuple[str, ...] = ()) -> Task:
        """Give a task to an agent, or to whoever fits (`auto`)."""
        return self.tasks.assign(agent, description, tags=tags)

    def wait(self, task: str, timeout: timedelta | float | None = None) -> Task:
        """Block until a task has ended, at most `timeout` (seconds, or a timedelta).

        Raises:
            TaskNotFound: there is none.
            TimedOut: it has not ended in time.
        """
        span = timeout if isinstance(timeout, timedelta) or timeout is None else timedelta(seconds=timeout)
        return self.tasks.wait(self.tasks.find(task).id, span)

    def send(self, to: str, text: str, *, urgent: bool = False) -> Message:
        """Send words that ask for something to an agent."""
        return self.messages.send(to, text, urgent=urgent)[0]

    def receive(self, agent: str, timeout: timedelta | float | None = None) -> Message | None:
        """Take the next message of an agent, waiting up to `timeout` (seconds, or a timedelta) for one."""
        span = timeout if isinstance(timeout, timedelta) or timeout is None else timedelta(seconds=timeout)
        return self.messages.receive(agent, span)

    def leader(self) -> tuple[str | None, int]:
        """Which clock leads, and how often that changed."""
        return self.desk.store.leadership.leader()

    def census(self, limit: int | None = 50) -> Census:
        """The town at this moment, with at most `limit` of its agents; None for all of them."""
        return self.desk.store.census.take(limit)

    def overview(self, limit: int = 50, *, deep: bool = False) -> Overview:
        """A census with what is wrong, what at most `limit` agents are at and, with `deep`, what they did lately."""
        from tinytown.services.overview import overview

        return overview(self.desk, limit, deep=deep)

    def history(self, count: int = 30, agent: AgentId | None = None) -> list[tuple[str, Event]]:
        """The newest events of the town, or of one agent, oldest first."""
        return self.events.recent(self.events.stream(agent=agent), count)

    def reset(self) -> int:
        """Delete all that the town has in Redis; answers how many keys that were.

        To forget the agents only, see `recovery.prune`.
        """
        return self.desk.store.wipe()

    def close(self) -> None:
        """Let go of the connections."""
        if "_github" in self.__dict__:
            self._github.close()
        self.desk.store.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
