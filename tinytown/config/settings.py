"""Every setting of a town: its name in `tinytown.toml`, its type, its limits and its default."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Literal

import msgspec

from tinytown.config.missions import GitHubSettings, MissionSettings
from tinytown.config.notify import NotifySettings
from tinytown.config.townhall import TownhallSettings

__all__ = [
    "AgentSettings",
    "CliOverride",
    "ClockSettings",
    "Persist",
    "RedisSettings",
    "RetentionSettings",
    "TownSettings",
    "WorkerSettings",
]

Positive = Annotated[int, msgspec.Meta(ge=1)]
Natural = Annotated[int, msgspec.Meta(ge=0)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class Persist(StrEnum):
    """How much a server of ours may forget when its machine loses power."""

    AOF = "aof"
    """Every write is logged, and the log is on disk within a second."""
    ALWAYS = "always"
    """Every write is on disk before it is answered."""
    SNAPSHOT = "snapshot"
    """The whole data set is written now and then; the minutes since are lost."""
    NONE = "none"
    """Nothing is written: everything is gone when the server ends."""


class RedisSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the Redis is, and how one is started if it is ours to start."""

    url: str | None = None
    """A server that others run; nothing is started then."""
    server: str | None = None
    """The program to start; else the first one found."""
    use_socket: bool = True
    socket_path: str = ".tt/redis.sock"
    host: str = "127.0.0.1"
    port: Port = 6379
    bind: str | None = None
    """The address that our server listens on; else `host`."""
    password: str | None = None
    """Never in the town file."""
    persist: Persist = Persist.AOF
    aof_path: str | None = None
    """Accepted in files from before 1.0, without effect."""
    tls_enabled: bool = False
    tls_cert: str | None = None
    """The certificate of our server; to a server that others run, the one that we show."""
    tls_key: str | None = None
    tls_ca_cert: str | None = None
    """Who vouches for the server; else whoever this machine trusts."""
    tls_verify: bool = True
    """Whether the server has to prove who it is; Heroku's, for one, cannot."""

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in self.__struct_fields__}
        shown |= {name: "****" for name in ("password", "url") if shown[name] is not None}
        return f"RedisSettings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class AgentSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How turns of agents are bounded, retried and kept alive."""

    idle_timeout_secs: Natural = 300
    """How long a worker without work keeps its agents; 0 is for ever."""
    max_rounds: Natural = 0
    """Turns after which an agent is stopped; 0 is no limit."""
    max_attempts: Positive = 3
    lease_secs: Positive = 15
    backoff_secs: Natural = 5
    backoff_max_secs: Natural = 300
    batch_messages: Positive = 50
    batch_bytes: Positive = 1024 * 1024
    turn_timeout_secs: Natural = 3600
    no_output_timeout_secs: Natural = 900
    grace_secs: Natural = 10
    log_bytes: Positive = 10 * 1024 * 1024

    @property
    def idle_timeout(self) -> timedelta | None:
        """How long a worker without work keeps its agents; None is for ever."""
        return _limit(self.idle_timeout_secs)

    @property
    def lease(self) -> timedelta:
        """How long a turn is believed to be alive without a sign of life."""
        return timedelta(seconds=self.lease_secs)

    @property
    def backoff(self) -> timedelta:
        """The wait after the first failure; it doubles with each."""
        return timedelta(seconds=self.backoff_secs)

    @property
    def backoff_max(self) -> timedelta:
        """The longest wait after a failure."""
        return timedelta(seconds=self.backoff_max_secs)

    @property
    def turn_timeout(self) -> timedelta | None:
        """The longest a turn may take; None is for ever."""
        return _limit(self.turn_timeout_secs)

    @property
    def no_output_timeout(self) -> timedelta | None:
        """The longest a turn may be silent; None is for ever."""
        return _limit(self.no_output_timeout_secs)

    @property
    def grace(self) -> timedelta:
        """How long a child may take to end before it is killed."""
        return timedelta(seconds=self.grace_secs)


class WorkerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a worker process works."""

    concurrency: Annotated[int, msgspec.Meta(ge=1, le=1024)] = 4
    """Turns at the same time."""
    shutdown_grace_secs: Natural = 30
    heartbeat_secs: Positive = 5

    @property
    def shutdown_grace(self) -> timedelta:
        """How long running turns may take to finish after SIGTERM."""
        return timedelta(seconds=self.shutdown_grace_secs)

    @property
    def heartbeat(self) -> timedelta:
        """How often a worker says that it is there."""
        return timedelta(seconds=self.heartbeat_secs)


class ClockSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the clock looks, and how long its leader leads."""

    sweep_secs: Positive = 2
    leader_lease_secs: Positive = 10

    @property
    def sweep(self) -> timedelta:
        """The time between two sweeps."""
        return timedelta(seconds=self.sweep_secs)

    @property
    def leader_lease(self) -> timedelta:
        """How long a silent leader is still the leader."""
        return timedelta(seconds=self.leader_lease_secs)


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long finished things are kept."""

    finished_tasks_days: Natural = 30
    """0 keeps them for ever."""

    @property
    def finished_tasks(self) -> timedelta | None:
        """How long finished tasks are kept; None is for ever."""
        return timedelta(days=self.finished_tasks_days) if self.finished_tasks_days else None


class CliOverride(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a file says about a coding program, laid over its preset."""

    name: str | None = None
    command: str | tuple[str, ...] | None = None
    input: Literal["prompt", "task"] | None = None
    deliver: Literal["stdin", "file", "argument"] | None = None
    completes: Literal["report", "exit"] | None = None
    model: str | None = None
    model_flag: str | None = None
    prompt_flag: str | None = None
    env: dict[str, str] | None = None
    workdir: str | None = None
    timeout_secs: Annotated[float, msgspec.Meta(ge=0)] | None = None


class TownSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `tinytown.toml`."""

    name: str = ""
    default_cli: str = "claude"
    conductor_cli: str | None = None
    max_agents: Natural = 10
    """So many at work are asked for at most; spawning is not limited, for an agent costs nothing while it has no turn."""
    use_central_redis: bool = False
    use_streams: bool = False
    """The bells of turns go onto a stream; without it, onto a list."""
    redis: RedisSettings = RedisSettings()
    agent: AgentSettings = AgentSettings()
    worker: WorkerSettings = WorkerSettings()
    clock: ClockSettings = ClockSettings()
    retention: RetentionSettings = RetentionSettings()
    mission: MissionSettings = MissionSettings()
    github: GitHubSettings = GitHubSettings()
    notify: NotifySettings = NotifySettings()
    townhall: TownhallSettings = TownhallSettings()
    agent_clis: dict[str, CliOverride] = {}


def _limit(seconds: int) -> timedelta | None:
    return timedelta(seconds=seconds) if seconds else None
