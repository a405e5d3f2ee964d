"""Scaling: how much there is to do in a town, for those that start and stop workers."""

from __future__ import annotations

from datetime import timedelta

from msgspec import structs

from tinytown.domain.scaling import OneNumber, RoleDemand, ScalingSignal
from tinytown.domain.worker import Standing
from tinytown.errors import DemandUnsettled, QueueNotFound
from tinytown.services.desk import RETRIES, Desk
from tinytown.services.figures import Figures, figures_of
from tinytown.services.signal import scale_down_window, signal_of, standings_of
from tinytown.store.bells import ACTORS
from tinytown.store.scaling import QUEUES, Snapshot

__all__ = ["ScalingService"]


class ScalingService:
    """Reads the demand in one round trip, and says what follows from it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store.scaling

    def signal(self) -> ScalingSignal:
        """How much there is to do, and how many workers should do it.

        Raises:
            RedisUnavailable: nobody knows; never are zeros told instead.
        """
        return signal_of(self.snapshot(), self._desk.settings)

    def outlook(self) -> tuple[ScalingSignal, tuple[Standing, ...]]:
        """The signal, and what each worker that serves turns is at, at one moment; oldest first.

        Raises:
            RedisUnavailable: nobody knows.
        """
        snapshot = self.snapshot()
        serving = (each for each in standings_of(snapshot, self._desk.settings) if ACTORS["run_agent"] in each.worker.queues)
        return signal_of(snapshot, self._desk.settings), tuple(serving)

    def figures(self) -> Figures:
        """All that is measured of a town, the signal among it, at one moment.

        Raises:
            RedisUnavailable: nobody knows.
        """
        snapshot = self.snapshot()
        return figures_of(snapshot, signal_of(snapshot, self._desk.settings))

    def for_queue(self, name: str) -> OneNumber:
        """The demand of one queue, as one number.

        Raises:
            QueueNotFound: there is no such queue.
        """
        if name not in QUEUES:
            raise QueueNotFound(name)
        found = next(queue for queue in self.signal().queues if queue.name == name)
        return OneNumber(**structs.asdict(found), value=found.ready + found.in_flight)

    def for_role(self, name: str) -> OneNumber:
        """The demand of one role, as one number; a role that nobody has wants nothing."""
        found = next((role for role in self.signal().roles if role.name == name), RoleDemand(name=name))
        return OneNumber(
            name=name,
            value=found.ready + found.in_flight,
            latency_seconds=found.latency_seconds,
            ready=found.ready,
            in_flight=found.in_flight,
            delayed=found.delayed,
            dead=found.dead,
        )

    def snapshot(self) -> Snapshot:
        """The town at this moment; one of an older version is counted first.

        Raises:
            DemandUnsettled: that did not succeed.
        """
        for _ in range(RETRIES):
            window = scale_down_window(self._desk.settings)
            found = self._store.read(streams=self._desk.settings.use_streams, window_ms=window // timedelta(milliseconds=1))
            if found.is_counted:
                return found
            self.recount()
        raise DemandUnsettled

    def keep_counted(self) -> bool:
        """Count the demand anew if that was never done by this version; whether it was done now."""
        if self._store.is_counted():
            return False
        self.recount()
        return True

    def recount(self) -> None:
        """Count the demand anew, from the turns of all agents; safe at any time, and never needed twice.

        Raises:
            DemandUnsettled: agents came or went each time.
        """
        for _ in range(RETRIES):
            agents = self._desk.store.agents.ids()
            roles = {agent.id: agent.role for agent in self._desk.store.agents.get_readable(agents)}
            if self._store.recount([(agent, roles.get(agent, "")) for agent in agents]) == "counted":
                return
        raise DemandUnsettled
