"""The host: what the actors of this process work on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from tinytown.bootstrap import rounds_of
from tinytown.town import Town

if TYPE_CHECKING:
    from tinytown.services.leases import LeaseKeeper
    from tinytown.services.rounds import RoundService

__all__ = ["Host"]


class Host:
    """An open town, and the turns that run in this process.

    Args:
        town: what the actors work on.
        env: what the programs of turns find in their environment.
        worker: the id that this process has as a worker.
    """

    def __init__(self, town: Town, env: Mapping[str, str], worker: str) -> None:
        self.town = town
        self.worker = worker
        self.rounds: RoundService
        self.leases: LeaseKeeper
        self.rounds, self.leases = rounds_of(town, env, worker)
