"""Messages on a Redis stream; their bodies stay in Dramatiq's hash."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any

import redis

from tinytown.broker.transport import Taken
from tinytown.broker.wire import Wire
from tinytown.store.keys import WORKERS_GROUP

__all__ = ["StreamTransport"]

PAGE = 500  # entries asked for at once


class StreamTransport:
    """Carries messages on streams; what is taken is pending with the consumer that is called as this process.

    What is given back goes to the end, because a stream has no other place
    for it. Which entry stands for a message is known to this process only;
    what it holds without knowing comes back by `give_back_strays`.
    """

    def __init__(self, wire: Wire, process: str) -> None:
        self.wire = wire
        self.process = process
        self._entries: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._ahead: defaultdict[str, list[str]] = defaultdict(list)

    def put(self, queue: str, identity: str, body: bytes) -> None:
        """Let a message wait at the end of the queue."""
        self.wire.call("put_entry", self._places(queue), [identity, body])

    def wait(self, queue: str, timeout_ms: int) -> bool:
        """Block until a message waits, and say whether one does.

        Redis wakes one process for each message and gives it to it; the next
        `take` hands it out.
        """
        if self._ahead[queue]:
            return True
        try:
            self._ahead[queue] = self._read(queue, max(1, timeout_ms))
        except redis.ResponseError:  # there is no group, or the stream was deleted under our feet
            self._make_group(queue)
            self._ahead[queue] = self._read(queue, 1)
        return bool(self._ahead[queue])

    def take(self, queue: str, limit: int, done: Sequence[str] = ()) -> list[Taken]:
        """Settle what is done, take the first waiting messages, and say that this process lives."""
        known, ahead = self._entries[queue], self._ahead[queue]
        settled = [(known[identity], identity) for identity in done if identity in known]
        reply: list[bytes] = self.wire.call(
            "take_entries",
            [*self._places(queue), self.wire.keys.heartbeats],
            [self.process, WORKERS_GROUP, limit, len(settled), *(word for pair in settled for word in pair), *ahead],
        )
        ahead.clear()
        for entry, identity in settled:
            self._forget(queue, identity, entry)
        taken = [Taken(id=identity.decode(), body=body) for identity, body in zip(reply[1::3], reply[2::3], strict=True)]
        known.update(zip((each.id for each in taken), (entry.decode() for entry in reply[::3]), strict=True))
        return taken

    def settle(self, queue: str, identity: str) -> None:
        """Forget a taken message: its work is done."""
        self._part_with("settle_entry", queue, identity, self._places(queue))

    def bury(self, queue: str, identity: str) -> None:
        """Move a taken message to the dead letters."""
        keys = self.wire.keys
        self._part_with("bury_entry", queue, identity, [*self._places(queue), keys.dead(queue), keys.dead_bodies(queue)])

    def revive(self, queue: str, identity: str) -> bool:
        """Let a dead letter wait again; False when there is none."""
        keys = self.wire.keys
        slots = [keys.dead(queue), keys.dead_bodies(queue), *self._places(queue)]
        return bool(self.wire.call("revive_entry", slots, [identity]))

    def give_back(self, queue: str, identities: Sequence[str]) -> None:
        """Let taken messages wait again, in this order, after those that wait."""
        known = self._entries[queue]
        entries = [known[identity] for identity in identities if identity in known]
        self._give_back(queue, entries)
        for identity, entry in zip([each for each in identities if each in known], entries, strict=True):
            self._forget(queue, identity, entry)

    def let_go(self, queue: str) -> None:
        """Give back what was taken while waiting, when it cannot be handed out now."""
        if self._ahead[queue]:
            self._give_back(queue, self._ahead[queue])
            self._ahead[queue].clear()

    def give_back_strays(self, queue: str, known: AbstractSet[str]) -> int:
        """Return what this process holds without knowing it; the number returned."""
        expected = {self._entries[queue].get(identity) for identity in known} | {*self._ahead[queue]}
        return self._give_back(queue, [entry for entry in self._held(queue) if entry not in expected])

    def beat(self) -> None:
        """Say that this process lives."""
        self.wire.beat(self.process)

    def size(self, queue: str) -> int:
        """How many messages wait, are taken, or are delayed."""
        return self.wire.size(queue)

    def purge(self, queue: str) -> None:
        """Delete all messages and dead letters of the queue, and what has been answered."""
        keys = self.wire.keys
        self.wire.ask("DEL", *self._places(queue), keys.waiting(queue), keys.dead(queue), keys.dead_bodies(queue))

    def close(self) -> None:
        """Close the connections."""
        self.wire.close()

    def _read(self, queue: str, timeout_ms: int) -> list[str]:
        """Take the first waiting entry, blocking until there is one."""
        docket = self.wire.keys.docket(queue)
        found: Any = self.wire.client.xreadgroup(WORKERS_GROUP, self.process, {docket: ">"}, count=1, block=timeout_ms)
        return [entry.decode() for _, entries in found for entry, _ in entries]

    def _places(self, queue: str) -> list[str]:
        return [self.wire.keys.docket(queue), self.wire.keys.bodies(queue)]

    def _part_with(self, verb: str, queue: str, identity: str, slots: list[str]) -> None:
        entry = self._entries[queue].get(identity)
        if entry is not None:
            self.wire.call(verb, slots, [self.process, WORKERS_GROUP, entry, identity])
            self._forget(queue, identity, entry)

    def _forget(self, queue: str, identity: str, entry: str) -> None:
        """Forget an entry, unless the message has come again meanwhile."""
        if self._entries[queue].get(identity) == entry:
            self._entries[queue].pop(identity, None)

    def _give_back(self, queue: str, entries: Sequence[str]) -> int:
        return int(self.wire.call("give_back_entries", self._places(queue), [self.process, WORKERS_GROUP, *entries])) if entries else 0

    def _held(self, queue: str) -> list[str]:
        """The entries that are pending with this process, in the order in which they were taken."""
        held: list[str] = []
        start = "-"
        while True:
            page = self._pending(queue, start)
            held += page
            if len(page) < PAGE:
                return held
            start = f"({held[-1]}"

    def _pending(self, queue: str, start: str) -> list[str]:
        try:
            page: Any = self.wire.client.xpending_range(self.wire.keys.docket(queue), WORKERS_GROUP, start, "+", PAGE, self.process)
        except redis.ResponseError:  # no stream or no group: nothing is held
            return []
        return [each["message_id"].decode() for each in page]

    def _make_group(self, queue: str) -> None:
        """Make the group, from the first entry on: what was answered before has no message left, and is passed over."""
        try:
            self.wire.ask("XGROUP", "CREATE", self.wire.keys.docket(queue), WORKERS_GROUP, "0", "MKSTREAM")
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):
                raise
