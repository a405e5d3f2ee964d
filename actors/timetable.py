"""The timetable of a process: jobs that come round again, and never pile up or fall away."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from tinytown.clock import SystemClock
from tinytown.config import environment
from tinytown.process import Outage, Pulse

__all__ = ["Timetable"]


class Timetable:
    """APScheduler with lanes: threads of their own, so that slow jobs hold up no urgent ones.

    A job that is late runs once, as soon as it can; one that still runs is not
    started again. Errors are logged and the job comes round again. Each job that
    ends, well or not, is a beat of the process' pulse.

    Args:
        lanes: how many threads each lane has.
        outage: what bears with a Redis that is away.
    """

    def __init__(self, lanes: Mapping[str, int], outage: Outage) -> None:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it tells of every job; what matters, `Outage` says
        self._outage = outage
        self._clock = SystemClock()
        self._pulse = Pulse(environment())
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={name: ThreadPoolExecutor(threads) for name, threads in lanes.items()},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def every(self, span: timedelta, job: Callable[[], object], *, lane: str, after: timedelta = timedelta(0)) -> None:
        """Do a job each `span`, the first time after `after`."""
        name = getattr(job, "__qualname__", repr(job))
        first: datetime = self._clock.now() + after
        self._scheduler.add_job(
            self._do, "interval", seconds=span.total_seconds(), args=(job, name), executor=lane, next_run_time=first, name=name
        )

    def _do(self, job: Callable[[], object], name: str) -> None:
        self._outage.bear(job, name)
        self._outage.bear(self._pulse.beat, "pulse")

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self, patience: timedelta = timedelta(seconds=2)) -> None:
        """Begin no more jobs, and give those that run a moment to end."""
        ending = threading.Thread(target=self._scheduler.shutdown, daemon=True, name="timetable-stop")
        ending.start()
        ending.join(patience.total_seconds())
