"""What a broker needs from whatever carries its messages: the seam between lists and streams."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

import msgspec

__all__ = ["Taken", "Transport"]


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A message that this process has to settle, bury or give back."""

    id: str
    body: bytes


class Transport(Protocol):
    """Carries messages for one process; a message taken is kept until it is settled.

    Every method may raise `redis.RedisError`. The caller then does not know
    whether it had an effect; `give_back_strays` repairs a `take` that had.
    """

    def put(self, queue: str, identity: str, body: bytes) -> None:
        """Let a message wait at the end of the queue."""
        ...

    def wait(self, queue: str, timeout_ms: int) -> bool:
        """Block until a message waits, and say whether one does.

        It may be this process's already; then the next `take` hands it out.
        """
        ...

    def take(self, queue: str, limit: int, done: Sequence[str] = ()) -> list[Taken]:
        """Settle what is done, take the first waiting messages, and say that this process lives."""
        ...

    def settle(self, queue: str, identity: str) -> None:
        """Forget a taken message: its work is done."""
        ...

    def bury(self, queue: str, identity: str) -> None:
        """Move a taken message to the dead letters."""
        ...

    def revive(self, queue: str, identity: str) -> bool:
        """Let a dead letter wait again; False when there is none."""
        ...

    def give_back(self, queue: str, identities: Sequence[str]) -> None:
        """Let taken messages wait again, in this order; in front where the carrier has a front."""
        ...

    def let_go(self, queue: str) -> None:
        """Give back what was taken by `wait`, when it cannot be handed out now."""
        ...

    def give_back_strays(self, queue: str, known: AbstractSet[str]) -> int:
        """Return what this process holds without knowing it; the number returned."""
        ...

    def beat(self) -> None:
        """Say that this process lives."""
        ...

    def size(self, queue: str) -> int:
        """How many messages wait, are taken, or are delayed."""
        ...

    def purge(self, queue: str) -> None:
        """Delete all messages and dead letters of the queue."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...
