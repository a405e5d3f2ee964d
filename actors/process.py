"""The worker process: from its start to its last settled turn."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec

from tinytown.actors.enlistment import enlistment_of
from tinytown.actors.host import Host
from tinytown.actors.registration import Registration
from tinytown.actors.upkeep import Upkeep
from tinytown.actors.worker import QUEUES, WAKE_EVERY, TownWorker
from tinytown.broker import AGENTS
from tinytown.domain.worker import Drain
from tinytown.errors import InvalidValue, RedisUnavailable
from tinytown.process import Signals, connect_patiently, fill_working_directory, process_name
from tinytown.town import Town

__all__ = ["WorkerPlan", "run_worker"]

LOOK_EVERY = 1.0  # seconds between two looks whether the worker is idle
GIVE_UP = timedelta(seconds=5)
"""How long ended turns may take to be settled; Redis may be away."""

_log = logging.getLogger(__name__)


class WorkerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is for; None leaves it to the town's settings, an idle timeout of zero is for ever."""

    queues: tuple[str, ...] = tuple(sorted(QUEUES))
    concurrency: int | None = None
    idle_timeout: timedelta | None = None

    def __post_init__(self) -> None:
        unknown = sorted(set(self.queues) - set(QUEUES))
        if unknown or not self.queues:
            raise InvalidValue("queues", f"{unknown[0]!r} is none of {', '.join(sorted(QUEUES))}" if unknown else "there must be one")


def run_worker(path: Path | None, env: Mapping[str, str], plan: WorkerPlan, *, until_eof: bool = False) -> int:
    """Run a worker until it is told to end, or has had nothing to do for long enough; answers the exit code.

    Args:
        path: where the town is looked for.
        env: the environment, for the programs of turns too.
        plan: what the worker is for.
        until_eof: drain, too, when standard input ends.
    """
    enlistment = enlistment_of(env)
    with Signals(until_eof=until_eof) as signals:
        town = connect_patiently(path, env, signals) if fill_working_directory(path, env, signals) else None
        if town is None:
            return 0
        with town:
            if enlistment is not None and not _done_patiently(lambda: enlistment.enlist(town), signals):
                return 0
            return _Process(town, env, plan, signals).run()


def _done_patiently(step: Callable[[], object], signals: Signals) -> bool:
    """Do what needs Redis, which may have gone away again; False when told to end before."""
    while not signals.count:
        try:
            step()
        except RedisUnavailable:
            signals.wait(LOOK_EVERY)
        else:
            return True
    return False


class _Process:
    """A worker at work."""

    def __init__(self, town: Town, env: Mapping[str, str], plan: WorkerPlan, signals: Signals) -> None:
        settings = town.settings
        self._signals = signals
        self._town = town
        self._concurrency = settings.worker.concurrency if plan.concurrency is None else plan.concurrency
        self._idle_timeout = settings.agent.idle_timeout if plan.idle_timeout is None else plan.idle_timeout
        self._queues: Collection[str] = plan.queues
        self._host = Host(town, env, process_name())
        self._worker = TownWorker(self._host, queues=plan.queues, concurrency=self._concurrency)
        registration = Registration(
            town, self._host.worker, self._host.leases, queues=plan.queues, concurrency=self._concurrency if AGENTS in plan.queues else 0
        )
        self._upkeep = Upkeep(self._host, registration, signals.wake)

    def run(self) -> int:
        """Work; then drain."""
        self._worker.start()
        self._upkeep.start()
        _log.info(
            "worker %s of town %s serves %s, %d turns at once",
            self._host.worker,
            self._town.name,
            " and ".join(self._queues),
            self._concurrency,
            extra={"action": "worker.started"},
        )
        while not self._is_told_to_end and not self._went_idle():
            self._signals.wait(LOOK_EVERY)
        return self._drain()

    @property
    def _is_told_to_end(self) -> bool:
        return self._signals.count > 0 or self._upkeep.drain is not None

    def _went_idle(self) -> bool:
        """Whether nothing has come for so long that the worker goes; its agents are put to rest then."""
        outage = self._upkeep.outage
        if not self._idle_timeout or self._worker.activity.idle_for < self._idle_timeout or outage.is_recent(self._idle_timeout):
            return False  # who could not hear of work does not know that there is none
        self._worker.shut()
        self._signals.wait(2 * WAKE_EVERY.total_seconds())  # a doorbell may just have been taken: it comes first
        if self._worker.holds_nothing:
            outage.bear(self._put_to_rest, "stop idle agents")
        if not self._worker.holds_nothing or outage.is_on:
            self._worker.reopen()
            return False
        _log.info("nothing to do for %s: going", self._idle_timeout, extra={"action": "worker.idle"})
        return True

    def _put_to_rest(self) -> None:
        """Stop the agents of this worker; mail wakes them elsewhere."""
        self._town.recovery.stop_idle(self._host.leases.hosted, self._host.worker)

    def _drain(self) -> int:
        """Let running turns end, then make them; what they had of mail goes back."""
        self._worker.shut()
        running = len(self._host.leases.running)
        if self._is_told_to_end:
            why = self._signals.last if self._signals.count else "asked to end"
            _log.info("%s: draining, turns that run: %d", why, running, extra={"action": "worker.draining"})
        self._upkeep.say_draining()
        stopping = threading.Thread(target=self._stop, name="drain", daemon=True)
        stopping.start()
        while stopping.is_alive() and self._signals.count == 0 and self._upkeep.drain is Drain.IDLE:
            self._signals.wait(LOOK_EVERY)  # it was asked as an idle one: what it has begun since has all the time it needs
        self._await(stopping, self._town.settings.worker.shutdown_grace, signals=1)
        if stopping.is_alive():
            at_once = self._signals.count > 1
            _log.info("ending turns: %d", len(self._host.leases.running), extra={"action": "worker.ending"})
            self._host.leases.cancel_all(at_once=at_once)
            self._await(stopping, timedelta(0) if at_once else self._town.settings.agent.grace, signals=1)
            self._host.leases.cancel_all(at_once=True)
            self._await(stopping, GIVE_UP, signals=2)
        return self._leave(drained=not stopping.is_alive())

    def _await(self, stopping: threading.Thread, span: timedelta, *, signals: int) -> None:
        """Wait until the worker has stopped, for that long, and while no more than so many signals came."""
        deadline = time.monotonic() + span.total_seconds()
        while stopping.is_alive() and self._signals.count <= signals and time.monotonic() < deadline:
            self._signals.wait(min(LOOK_EVERY, deadline - time.monotonic()))

    def _stop(self) -> None:
        self._worker.stop()
        self._signals.wake()

    def _leave(self, *, drained: bool) -> int:
        if not drained:
            _log.warning("turns could not be settled; they come back when their leases run out", extra={"action": "worker.undrained"})
            _end_now(1)
        self._upkeep.stop()
        self._worker.close()
        _log.info("worker %s has ended", self._host.worker, extra={"action": "worker.ended"})
        return 0


def _end_now(code: int) -> None:
    """End this process although threads of it wait for Redis; the guard ends what their turns left."""
    logging.shutdown()
    os._exit(code)
