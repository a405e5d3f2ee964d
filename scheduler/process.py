"""The clock process: it makes time pass while it leads, and serves the queue `control` always."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from tinytown.actors.control import control_worker
from tinytown.actors.timetable import Timetable
from tinytown.broker import Maintenance
from tinytown.process import Outage, Signals, connect_patiently, process_name
from tinytown.scheduler.jobs import Jobs
from tinytown.scheduler.leader import Leader
from tinytown.town import Town

__all__ = ["run_clock"]

REST = timedelta(seconds=60)  # nothing is to be looked at while waiting for a signal

_log = logging.getLogger(__name__)


def run_clock(path: Path | None, env: Mapping[str, str], *, until_eof: bool = False) -> int:
    """Run a clock until it is told to end; answers the exit code.

    Args:
        path: where the town is looked for.
        env: the environment.
        until_eof: end, too, when standard input ends.
    """
    with Signals(until_eof=until_eof) as signals:
        town = connect_patiently(path, env, signals)
        if town is None:
            return 0
        with town:
            _Clock(town, env).run(signals)
        return 0


class _Clock:
    """A clock at work."""

    def __init__(self, town: Town, env: Mapping[str, str]) -> None:
        self._name = process_name()
        self._town = town
        self._worker = control_worker(town, env, self._name)
        lease = town.settings.clock.leader_lease
        self._leader = Leader(town.desk.store.leadership, self._name, lease)
        outage = Outage(lambda: town.desk.store.connection.call("PING"))
        self._timetable = Timetable({"leadership": 1, "sweeps": 1, "rest": 1}, outage)
        self._timetable.every(lease / 6, self._leader.renew, lane="leadership")
        Jobs(town, Maintenance(self._worker.broker), self._leader, outage).enter_in(self._timetable)

    def run(self, signals: Signals) -> None:
        """Make time pass until a signal comes."""
        self._worker.start()
        self._timetable.start()
        _log.info("clock %s of town %s", self._name, self._town.name, extra={"action": "clock.started"})
        while signals.count == 0:
            signals.wait(REST.total_seconds())
        self._leader.leave()
        _log.info("%s: ending", signals.last, extra={"action": "clock.ending"})
        self._timetable.stop()
        self._worker.stop()
        self._worker.close()
        _log.info("clock %s has ended", self._name, extra={"action": "clock.ended"})
