"""The names of the keys that a broker uses; they are Dramatiq's own, so stock brokers meet ours."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BrokerKeys"]

DELAYED = ".DQ"


class BrokerKeys:
    """Names the keys below one namespace.

    The namespace of a town is `tt:<town>:dramatiq`. None of these keys has a
    TTL: they are empty, and so absent, when there is nothing to do. The
    streams lie elsewhere; they keep some of what is done.

    Args:
        dockets: the streams of those queues that have, or may have had, one.
    """

    def __init__(self, namespace: str, dockets: Mapping[str, str] | None = None) -> None:
        self.namespace = namespace
        self.dockets = {} if dockets is None else dict(dockets)
        self.heartbeats = f"{namespace}:__heartbeats__"
        """Sorted set: process to the time of its last sign of life, in ms."""

    def waiting(self, queue: str) -> str:
        """List: ids in the order in which they will run."""
        return f"{self.namespace}:{queue}"

    def bodies(self, queue: str) -> str:
        """Hash: id to message, for those that wait and those that are taken."""
        return f"{self.namespace}:{queue}.msgs"

    def docket(self, queue: str) -> str:
        """Stream: entries that stand for messages, in the order in which they will run."""
        return self.dockets[queue]

    def taken(self, process: str, queue: str) -> str:
        """Set: ids that this process has taken and not yet settled."""
        return f"{self.namespace}:__acks__.{process}.{queue}"

    def dead(self, queue: str) -> str:
        """Sorted set: ids of dead letters to the time of death, in ms."""
        return f"{self.namespace}:{queue.removesuffix(DELAYED)}.XQ"

    def dead_bodies(self, queue: str) -> str:
        """Hash: id to message, for dead letters."""
        return f"{self.dead(queue)}.msgs"

    @staticmethod
    def delayed(queue: str) -> str:
        """The queue in which stock producers let delayed messages wait."""
        return f"{queue}{DELAYED}"
