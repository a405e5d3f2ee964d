"""What `dramatiq tinytown.actors` needs: the global broker, and upkeep around Dramatiq's own worker."""

from __future__ import annotations

import logging
import sys
import threading
from typing import Any

from dramatiq import Middleware, Worker, set_broker

from tinytown.actors.host import Host
from tinytown.actors.registration import Registration
from tinytown.actors.upkeep import Upkeep
from tinytown.actors.worker import QUEUES, broker_of
from tinytown.config import environment
from tinytown.errors import TownError
from tinytown.process import Signals, connect_patiently, process_name

__all__ = ["Boot", "set_up"]

_log = logging.getLogger(__name__)


def set_up() -> None:
    """Open the town of this directory or environment, and make its broker Dramatiq's global one.

    Raises:
        ImportError: it cannot be opened; Dramatiq's command knows no other way to be told.
    """
    env = environment()
    try:
        with Signals() as signals:
            town = connect_patiently(None, env, signals)
    except TownError as error:
        raise ImportError(f"the town cannot be opened: {error}") from error
    if town is None:
        sys.exit(0)
    host = Host(town, env, process_name())
    broker = broker_of(town, queues=QUEUES, concurrency=town.settings.worker.concurrency)
    for declarations in QUEUES.values():
        for declare in declarations:
            declare(broker, host)
    broker.add_middleware(Boot(host))
    set_broker(broker)


class Boot(Middleware):
    """Keeps the leases of a worker that another program runs, and ends its turns when it must go."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._upkeep: Upkeep | None = None

    def after_worker_boot(self, broker: Any, worker: Worker) -> None:
        """Begin."""
        concurrency = min(worker.worker_threads, self._host.town.settings.worker.concurrency)
        queues = sorted(worker.consumers)
        registration = Registration(self._host.town, self._host.worker, self._host.leases, queues=queues, concurrency=concurrency)
        self._upkeep = Upkeep(self._host, registration, lambda: self._drain(broker))
        self._upkeep.start()

    def before_worker_shutdown(self, broker: Any, worker: Worker) -> None:  # noqa: ARG002 - the hook's signature is Dramatiq's
        """Give running turns the time that the town grants them."""
        if self._upkeep is not None:
            self._upkeep.say_draining()
        grace = self._host.town.settings.worker.shutdown_grace.total_seconds()
        ending = threading.Timer(grace, self._host.leases.cancel_all)
        ending.daemon = True
        ending.start()

    def after_worker_shutdown(self, broker: Any, worker: Worker) -> None:  # noqa: ARG002 - as above
        """End."""
        if self._upkeep is not None:
            self._upkeep.stop()
        self._host.town.close()

    def _drain(self, broker: Any) -> None:
        """Take nothing more. To end is not for it to say: Dramatiq's master would end the others of its processes, too."""
        broker.slots.shut()
        if self._upkeep is not None:
            self._upkeep.say_draining()
        _log.warning("asked to end: taking no more turns until Dramatiq is stopped", extra={"action": "worker.draining"})
