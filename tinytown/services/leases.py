"""Leases: the turns that run on this worker, kept alive for as long as they do."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from tinytown.domain.ids import AgentId
from tinytown.domain.turn import TurnReason
from tinytown.patience import patience
from tinytown.services.desk import Desk

if TYPE_CHECKING:
    from tinytown.runner import Stop

__all__ = ["LeaseKeeper"]


class LeaseKeeper:
    """Renews the leases of running turns, and tells a turn when it must end.

    The worker's timetable calls `renew` every third of the lease time and
    `heed` once a second; threads may share it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._turns: dict[tuple[AgentId, int], Stop] = {}  # a turn that lost its lease may still be ending beside the next
        self._lock = threading.Lock()
        self.hosted: set[AgentId] = set()

    @contextmanager
    def keep(self, agent: AgentId, epoch: int) -> Iterator[Stop]:
        """Keep the lease of a turn while the block runs; the block is told by what it yields."""
        from tinytown.runner import Stop

        stop = Stop()
        with self._lock:
            self._turns[agent, epoch] = stop
            self.hosted.add(agent)
        try:
            yield stop
        finally:
            with self._lock:
                self._turns.pop((agent, epoch), None)

    @property
    def running(self) -> tuple[AgentId, ...]:
        """The agents whose turns run here."""
        with self._lock:
            return tuple(dict.fromkeys(agent for agent, _ in self._turns))

    def renew(self) -> None:
        """Keep the leases of all running turns; a turn that lost its lease is ended at once."""
        turns = self._snapshot()
        if not turns:
            return
        lease = self._desk.settings.agent.lease
        with self._patience():
            answers = self._desk.store.turns.renew([(agent, epoch) for agent, epoch, _ in turns], lease)
        for (_, _, stop), answer in zip(turns, answers, strict=True):
            if answer == "lost":
                stop.request(TurnReason.LOST_LEASE, at_once=True)
            elif answer == "cancel":
                stop.request(TurnReason.CANCELLED)

    def heed(self) -> None:
        """Look whether a running turn is asked to end."""
        turns = self._snapshot()
        with self._patience():
            asked = self._desk.store.turns.asked([agent for agent, _, _ in turns])
        for (_, epoch, stop), (newest, ask) in zip(turns, asked, strict=True):
            if newest != epoch:
                stop.request(TurnReason.LOST_LEASE, at_once=True)
            elif ask:
                stop.request(TurnReason.CANCELLED)

    def _patience(self) -> AbstractContextManager[None]:
        """A server that has vanished says nothing; there must be time to ask the one that took over before the lease ends."""
        return patience(self._desk.settings.agent.lease / timedelta(seconds=3))

    def cancel_all(self, *, at_once: bool = False) -> None:
        """End all running turns; their mail goes back and counts no attempt."""
        for _, _, stop in self._snapshot():
            stop.request(TurnReason.CANCELLED, at_once=at_once)

    def _snapshot(self) -> list[tuple[AgentId, int, Stop]]:
        with self._lock:
            return [(agent, epoch, stop) for (agent, epoch), stop in self._turns.items()]
