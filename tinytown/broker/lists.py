"""Messages on Redis lists, in Dramatiq's own wire form."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from tinytown.broker.transport import Taken
from tinytown.broker.wire import Wire

__all__ = ["ListTransport"]


class ListTransport:
    """Carries messages on lists; what is taken is noted in a set of this process."""

    def __init__(self, wire: Wire, process: str) -> None:
        self.wire = wire
        self.process = process

    def put(self, queue: str, identity: str, body: bytes) -> None:
        """Let a message wait at the end of the queue."""
        keys = self.wire.keys
        self.wire.call("put", [keys.waiting(queue), keys.bodies(queue)], [identity, body])

    def wait(self, queue: str, timeout_ms: int) -> bool:
        """Block until a message waits, and say whether one does.

        Moving the head of a list to its head changes nothing, but blocks as
        long as there is no head.
        """
        name = self.wire.keys.waiting(queue)
        return self.wire.ask("BLMOVE", name, name, "LEFT", "LEFT", timeout_ms / 1000) is not None

    def take(self, queue: str, limit: int, done: Sequence[str] = ()) -> list[Taken]:
        """Settle what is done, take the first waiting messages, and say that this process lives."""
        keys = self.wire.keys
        reply: list[bytes] = self.wire.call(
            "take",
            [keys.waiting(queue), keys.bodies(queue), keys.taken(self.process, queue), keys.heartbeats],
            [self.process, limit, *done],
        )
        return [Taken(id=identity.decode(), body=body) for identity, body in zip(reply[::2], reply[1::2], strict=True)]

    def settle(self, queue: str, identity: str) -> None:
        """Forget a taken message: its work is done."""
        keys = self.wire.keys
        self.wire.call("settle", [keys.taken(self.process, queue), keys.bodies(queue)], [identity])

    def bury(self, queue: str, identity: str) -> None:
        """Move a taken message to the dead letters."""
        keys = self.wire.keys
        self.wire.call(
            "bury",
            [keys.taken(self.process, queue), keys.bodies(queue), keys.dead(queue), keys.dead_bodies(queue)],
            [identity],
        )

    def revive(self, queue: str, identity: str) -> bool:
        """Let a dead letter wait again; False when there is none."""
        keys = self.wire.keys
        slots = [keys.dead(queue), keys.dead_bodies(queue), keys.waiting(queue), keys.bodies(queue)]
        return bool(self.wire.call("revive", slots, [identity]))

    def give_back(self, queue: str, identities: Sequence[str]) -> None:
        """Return taken messages to the front of the queue, in this order."""
        self._give_back(queue, identities)

    def let_go(self, queue: str) -> None:
        """Nothing: waiting takes nothing here."""

    def give_back_strays(self, queue: str, known: AbstractSet[str]) -> int:
        """Return what this process holds without knowing it; the number returned.

        A message settled between the two commands is no longer in the set, and
        then the script leaves it alone.
        """
        held = {identity.decode() for identity in self.wire.ask("SMEMBERS", self.wire.keys.taken(self.process, queue))}
        strays = held - known
        return self._give_back(queue, self.wire.oldest_first(queue, strays)) if strays else 0

    def beat(self) -> None:
        """Say that this process lives."""
        self.wire.beat(self.process)

    def size(self, queue: str) -> int:
        """How many messages wait, are taken, or are delayed."""
        return self.wire.size(queue)

    def purge(self, queue: str) -> None:
        """Delete all messages and dead letters of the queue."""
        keys = self.wire.keys
        taken = keys.taken(self.process, queue)
        self.wire.ask("DEL", keys.waiting(queue), keys.bodies(queue), taken, keys.dead(queue), keys.dead_bodies(queue))

    def close(self) -> None:
        """Close the connections."""
        self.wire.close()

    def _give_back(self, queue: str, identities: Sequence[str]) -> int:
        keys = self.wire.keys
        return int(self.wire.call("give_back", [keys.taken(self.process, queue), keys.waiting(queue), keys.bodies(queue)], identities))
