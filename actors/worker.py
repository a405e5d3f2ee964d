"""The worker of a process: Dramatiq's, on chosen queues of one town."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

from dramatiq import Broker, Worker

from tinytown.actors import assignments, missions, notifications, turns
from tinytown.actors.activity import Activity
from tinytown.actors.host import Host
from tinytown.broker import AGENTS, CONTROL, CONTROL_THREADS, TownBroker, build_broker, redis_client
from tinytown.town import Town

__all__ = ["QUEUES", "TownWorker", "broker_of"]

QUEUES: dict[str, tuple[Callable[[Broker, Host], None], ...]] = {
    CONTROL: (assignments.declare, missions.declare, notifications.declare),
    AGENTS: (turns.declare,),
}
"""The queues, and what declares the actors that serve them."""

WAKE_EVERY = timedelta(milliseconds=500)
"""How often an idle thread looks whether it should end."""

FOR_EVER = timedelta(days=365)


class TownWorker:
    """Answers the doorbells of some queues in this process; one a process, as Dramatiq has it.

    Args:
        host: what the actors work on.
        queues: names in `QUEUES`.
        concurrency: how many turns may run at once.
    """

    def __init__(self, host: Host, *, queues: Collection[str], concurrency: int) -> None:
        self.broker = broker_of(host.town, queues=queues, concurrency=concurrency)
        self.activity = Activity()
        self.broker.add_middleware(self.activity)
        for queue in sorted(queues):
            for declare in QUEUES[queue]:
                declare(self.broker, host)
        self._worker = Worker(
            self.broker,
            queues=set(queues),
            worker_threads=self.broker.threads,
            worker_timeout=WAKE_EVERY // timedelta(milliseconds=1),
        )

    def start(self) -> None:
        """Begin to answer doorbells."""
        self.broker.emit_after("process_boot")
        self._worker.start()

    def shut(self) -> None:
        """Take no more doorbells; what runs goes on."""
        self.broker.slots.shut()

    def reopen(self) -> None:
        """Take doorbells again."""
        self.broker.slots.open(self.broker.threads)

    @property
    def holds_nothing(self) -> bool:
        """Whether no doorbell is in this process."""
        return self.activity.is_idle and not any(self.broker.slots.held(queue) for queue in QUEUES)

    def stop(self) -> None:
        """Take no more doorbells, and return when those taken are answered."""
        self._worker.stop(FOR_EVER // timedelta(milliseconds=1))

    def close(self) -> None:
        """Close the connections."""
        self.broker.close()


def broker_of(town: Town, *, queues: Collection[str], concurrency: int) -> TownBroker:
    """The broker of an open town, with threads for those queues; it does not connect yet."""
    address = town.address
    assert address is not None, "a town that was opened by bootstrap knows its address"
    return build_broker(
        lambda: redis_client(address),
        town=town.name,
        concurrency=concurrency if AGENTS in queues else 0,
        control=CONTROL_THREADS if CONTROL in queues else 0,
        streams=town.settings.use_streams,
    )
