"""A town elsewhere, reached through its townhall: the same nouns as `Town`, with what everyday commands call."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

import msgspec

from tinytown.remote.access import Access, access_of
from tinytown.remote.agents import RemoteAgents
from tinytown.remote.backlog import RemoteBacklog
from tinytown.remote.census import status_told
from tinytown.remote.client import Client, opened_client
from tinytown.remote.desk import RemoteDesk
from tinytown.remote.events import RemoteEvents
from tinytown.remote.messages import RemoteMessages
from tinytown.remote.missions import RemoteMissions
from tinytown.remote.planning import RemotePlanner
from tinytown.remote.tasks import RemoteTasks
from tinytown.remote.workers import RemoteWorkers

if TYPE_CHECKING:
    from tinytown.domain.event import Event
    from tinytown.domain.ids import AgentId
    from tinytown.store.census import Census

__all__ = ["RemoteTown", "connect"]


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    redis_url: str | None


class RemoteTown:
    """A town elsewhere. Use it as a context manager, or `close` it.

    Args:
        access: where its townhall is.
        client: asks it.
    """

    is_elsewhere = True
    """It is reached through its townhall."""
    root = None
    """It has no directory on this machine."""

    def __init__(self, access: Access, client: Client) -> None:
        self.access = access
        self.desk = RemoteDesk(client)
        self._client = client
        self._about: _Told | None = None

    @property
    def name(self) -> str:
        """The town's name."""
        return self._told.name

    @property
    def redis_address(self) -> str:
        """Which Redis it uses, as townhall tells, without secrets."""
        said = self._told.redis_url
        return "unknown" if said is None else said

    @cached_property
    def agents(self) -> RemoteAgents:
        """Registering, finding and awaiting agents."""
        return RemoteAgents(self.desk)

    @cached_property
    def tasks(self) -> RemoteTasks:
        """Giving tasks to agents, and what becomes of them."""
        return RemoteTasks(self.desk)

    @cached_property
    def backlog(self) -> RemoteBacklog:
        """Tasks that nobody is meant for."""
        return RemoteBacklog(self.desk, self.tasks)

    @cached_property
    def messages(self) -> RemoteMessages:
        """Sending, receiving, receipts."""
        return RemoteMessages(self.desk)

    @cached_property
    def missions(self) -> RemoteMissions:
        """Beginning missions, and what people say to them."""
        return RemoteMissions(self.desk, self.events, self.planner)

    @cached_property
    def planner(self) -> RemotePlanner:
        """What a mission would do, before it is begun."""
        return RemotePlanner(self.desk, Path.cwd())

    @cached_property
    def events(self) -> RemoteEvents:
        """What happened, activity, output."""
        return RemoteEvents(self.desk)

    def history(self, count: int = 30, agent: AgentId | None = None) -> list[tuple[str, Event]]:
        """The newest events of the town, or of one agent, oldest first."""
        return self.events.recent(self.events.stream(agent=agent), count)

    @cached_property
    def workers(self) -> RemoteWorkers:
        """Those who run turns."""
        return RemoteWorkers(self._client)

    def census(self, limit: int | None = 50) -> Census:
        """The town at this moment, with at most `limit` of its agents; None for all of them."""
        told = status_told(self._client, limit, running=True)
        self._about = _Told(name=told.name, redis_url=told.redis_url)
        return told.census

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def _told(self) -> _Told:
        if self._about is None:
            self._about = self._client.get("/v1/town", _Told)
        return self._about


def connect(env: Mapping[str, str]) -> RemoteTown:
    """The town whose townhall the environment names; nothing is asked yet.

    Raises:
        SettingsError: what the environment says of it makes no sense.
    """
    access = access_of(env)
    return RemoteTown(access, opened_client(access, env))
