"""Returns what dead processes had taken."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.broker.wire import Wire

__all__ = ["Reaper"]

PROCESSES = 200  # in one pass; each costs two round trips
CHUNK = 500  # ids in one script


class Reaper:
    """Finds processes that fell silent, returns their messages, and forgets them.

    The server's clock decides who is dead, each script asks it again, and no
    key is searched for: what a process can hold follows from the known queues.
    """

    def __init__(self, wire: Wire, silence_ms: int) -> None:
        self._wire = wire
        self._silence_ms = silence_ms

    def reap(self, queues: Sequence[str]) -> tuple[int, int]:
        """Return the messages of the dead; how many messages, and how many dead."""
        returned = forgotten = 0
        for process in self._silent():
            returned += sum(self._return(process, queue, ids) for queue, ids in self._taken_by(process, queues).items())
            forgotten += self._forget(process, queues)
        return returned, forgotten

    def _silent(self) -> list[str]:
        latest = self._wire.now_ms() - self._silence_ms
        found: list[bytes] = self._wire.ask("ZRANGEBYSCORE", self._wire.keys.heartbeats, "-inf", latest, "LIMIT", 0, PROCESSES)
        return [process.decode() for process in found]

    def _taken_by(self, process: str, queues: Sequence[str]) -> dict[str, list[str]]:
        with self._wire.client.pipeline(transaction=False) as pipeline:
            for queue in queues:
                pipeline.smembers(self._wire.keys.taken(process, queue))
            replies = pipeline.execute()
        return {queue: [identity.decode() for identity in ids] for queue, ids in zip(queues, replies, strict=True) if ids}

    def _return(self, process: str, queue: str, ids: list[str]) -> int:
        keys = self._wire.keys
        slots = [keys.heartbeats, keys.taken(process, queue), keys.waiting(queue), keys.bodies(queue)]
        ordered = self._wire.oldest_first(queue, ids)
        returned = 0
        for start in reversed(range(0, len(ordered), CHUNK)):  # the last first: each chunk goes in front of the one before
            reply = int(self._wire.call("reap", slots, [process, self._silence_ms, *ordered[start : start + CHUNK]]))
            if reply < 0:
                break
            returned += reply
        return returned

    def _forget(self, process: str, queues: Sequence[str]) -> int:
        keys = self._wire.keys
        taken = [keys.taken(process, queue) for queue in queues]
        return int(self._wire.call("forget", [keys.heartbeats, *taken], [process, self._silence_ms]))
