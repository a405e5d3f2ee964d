"""Upkeep: what a worker does beside its turns, so that others know it lives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from tinytown.actors.deletion_cost import DeletionCost, cost_of
from tinytown.actors.host import Host
from tinytown.actors.registration import Registration
from tinytown.actors.timetable import Timetable
from tinytown.domain.worker import Drain
from tinytown.pod import Pod
from tinytown.process import Outage

__all__ = ["Upkeep"]

HEED_EVERY = timedelta(seconds=1)
TELL_EVERY = timedelta(seconds=3)
"""No more often than that is Kubernetes told what the end of this pod costs."""


class Upkeep:
    """Renews the leases of running turns, heeds what they are asked, and keeps the worker on the list.

    Leases have a lane of their own: nothing else may cost a turn its lease.

    Args:
        host: what the turns run on.
        registration: the worker's entry in the list.
        on_ask: is called when the worker is asked to drain.
        pod: the pod of Kubernetes that is this worker's alone.

    Attributes:
        drain: how the worker was asked to drain; None while it was not.
    """

    def __init__(self, host: Host, registration: Registration, on_ask: Callable[[], object], pod: Pod | None = None) -> None:
        settings = host.town.settings
        self._host = host
        self._on_ask = on_ask
        self.drain: Drain | None = None
        self._leases = host.leases
        self._registration = registration
        self._renewal_is_due = False
        self.outage = Outage(lambda: host.town.desk.store.connection.call("PING"))
        self._timetable = Timetable({"leases": 2, "presence": 1, "pod": 1}, self.outage)
        self._timetable.every(settings.agent.lease / 3, self._renew, lane="leases")
        self._timetable.every(HEED_EVERY, self._heed, lane="leases")
        self._timetable.every(settings.worker.heartbeat, registration.announce, lane="presence", after=settings.worker.heartbeat)

        if pod is not None:
            cost = DeletionCost(pod, lambda: cost_of(len(self._leases.running), draining=registration.draining))
            self._timetable.every(TELL_EVERY, cost.tell, lane="pod")

    def start(self) -> None:
        """Begin; the worker is on the list from now on."""
        self.outage.bear(self._registration.announce, "announce")
        self._timetable.start()

    def say_draining(self) -> None:
        """Let everybody see that the worker takes nothing more."""
        self._registration.draining = True
        self.outage.bear(self._registration.announce, "announce")

    def stop(self) -> None:
        """End; the worker is off the list."""
        self._timetable.stop()
        self.outage.bear(self._registration.withdraw, "withdraw")

    def _renew(self) -> None:
        self._renewal_is_due = True
        self._leases.renew()
        self._renewal_is_due = False

    def _heed(self) -> None:
        if self._renewal_is_due:  # Redis was away: the leases are old, and the sweep will not wait
            self._renew()
        self._leases.heed()
        asked = self._host.town.workers.asked_to_drain(self._host.worker)
        if asked is not None and asked is not self.drain:
            self.drain = asked
            self._on_ask()
