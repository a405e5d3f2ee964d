"""The small worker beside the clock: it answers the bells of the queue `control`, and runs no turns."""

from __future__ import annotations

from collections.abc import Mapping

from tinytown.actors.host import Host
from tinytown.actors.worker import TownWorker
from tinytown.broker import AGENTS, CONTROL
from tinytown.town import Town

__all__ = ["control_worker"]


def control_worker(town: Town, env: Mapping[str, str], name: str) -> TownWorker:
    """A worker for the queue `control` in this process, not started yet.

    Its broker knows the queue of the turns as well, so that who keeps the queues
    whole keeps both; the bells of that one are for others.
    """
    worker = TownWorker(Host(town, env, name), queues={CONTROL}, concurrency=0)
    worker.broker.declare_queue(AGENTS)
    return worker
