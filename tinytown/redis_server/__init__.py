"""The Redis under a town: found or started, watched, ended, and put on machines that lack one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tinytown.redis_server.probe import ServerInfo, check
from tinytown.redis_server.running import ServerStatus, address_to_use, ensure_running, server_status, stop_server

if TYPE_CHECKING:
    from tinytown.redis_server.binary import ServerProgram, Source, find_program
    from tinytown.redis_server.fitness import Fitness, fitness_of
    from tinytown.redis_server.install import bootstrap

__all__ = [
    "Fitness",
    "ServerInfo",
    "ServerProgram",
    "ServerStatus",
    "Source",
    "address_to_use",
    "bootstrap",
    "check",
    "ensure_running",
    "find_program",
    "fitness_of",
    "server_status",
    "stop_server",
]


def __getattr__(name: str) -> object:
    """Import what few commands need when they need it."""
    if name == "bootstrap":
        from tinytown.redis_server.install import bootstrap

        return bootstrap
    if name in {"ServerProgram", "Source", "find_program"}:
        from tinytown.redis_server import binary

        return getattr(binary, name)
    if name in {"Fitness", "fitness_of"}:
        from tinytown.redis_server import fitness

        return getattr(fitness, name)
    raise AttributeError(name)
