"""The plan of a run: how much work, and how much harm."""

from __future__ import annotations

from typing import Annotated

import msgspec

__all__ = ["Plan"]

SETTINGS = """
[agent]
lease_secs = 3
backoff_secs = 0

[clock]
sweep_secs = 1
leader_lease_secs = 3

[worker]
concurrency = 4
shutdown_grace_secs = 10

[agent_clis.one]
command = "sh one.sh"
input = "task"
deliver = "stdin"
completes = "exit"

[agent_clis.many]
command = "sh many.sh"
input = "prompt"
deliver = "stdin"
completes = "exit"
"""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be done and undone.

    Harm is done so many times a thousand tasks, at random moments while the
    work lasts. A worker that dies costs each of its turns an attempt, so the
    harmless may be tried more often than they can have bad luck; those that
    kill their worker are poisoned, and have three attempts.
    """

    seed: int
    tasks: Annotated[int, msgspec.Meta(ge=10)] = 2000
    poison: int = 3
    agents: int = 12
    workers: int = 3
    clocks: int = 2
    attempts: int = 6
    poison_attempts: int = 3
    kills: float = 4
    stops: float = 1
    clock_kills: float = 1
    restarts: float = 1.5
    drops: float = 6
    repeats: float = 6
    streams: bool = False

    @property
    def settings(self) -> str:
        """What `tinytown.toml` says."""
        return f"use_streams = {str(self.streams).lower()}\n{SETTINGS}"

    @property
    def lease(self) -> float:
        """Seconds, as in `SETTINGS`."""
        return 3.0

    @property
    def sweep(self) -> float:
        """Seconds, as in `SETTINGS`."""
        return 1.0

    @property
    def leader_lease(self) -> float:
        """Seconds, as in `SETTINGS`."""
        return 3.0
