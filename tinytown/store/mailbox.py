"""Mailboxes in Redis: messages that wait, messages given up, and what became of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MessageId
from tinytown.domain.message import Message, Receipt
from tinytown.errors import RecordUnreadable
from tinytown.store.bells import run_agent_bell
from tinytown.store.connection import Connection
from tinytown.store.keys import Keys
from tinytown.store.records import decode_message, decode_receipt, encode
from tinytown.store.scripts import Scripts

__all__ = ["DeadLetter", "Lengths", "Mailbox"]

_NUDGE_SECONDS = 4

DeadLetter = tuple[bytes, Message | None, Receipt | None]
"""A dead letter as it lies there, what it says if it is a message, and what became of it."""

Lengths = tuple[int, int, int, int]
"""How many messages are in inbox, urgent, taken and dead."""


class Mailbox:
    """Sends, receives, shows and settles messages."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def send(self, message: Message, *, urgent: bool = False) -> str:
        """Put a message into its recipient's mailbox; answers as `send_message.lua`."""
        keys, agent = self._keys, message.recipient
        bell = run_agent_bell(agent)
        place = "urgent" if urgent else "head" if message.priority.goes_first else "tail"
        return self._scripts.word(
            "send_message",
            [
                keys.inbox(agent), keys.urgent(agent), keys.turn(agent), keys.receipts, keys.agent(agent), keys.counters, keys.due,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.nudge(agent),
                keys.demand, keys.ready,
            ],
            [
                encode(message), message.id, agent, place, "1" if message.is_actionable else "0",
                "0" if agent == SUPERVISOR_ID else "1", *bell.args,
            ],
        )  # fmt: skip

    def receive(self, agent: AgentId, count: int = 1, *, listen: bool = False, urgent_only: bool = False) -> list[Message]:
        """Take up to `count` messages for good, urgent ones first.

        With `listen` the next message to an empty box wakes `wait_for_mail`.
        """
        keys = self._keys
        entries = self._scripts.run(
            "receive_messages",
            [
                keys.inbox(agent), keys.urgent(agent), keys.dead(agent), keys.turn(agent), keys.receipts, keys.settled, keys.demand,
                keys.ready,
            ],
            [count, "1" if listen else "0", "urgent" if urgent_only else "", agent],
        )  # fmt: skip
        found = [(entry, _message_or_none(entry, keys.inbox(agent))) for entry in entries]
        for entry, message in found:
            if message is None:  # it began like a message, so the script could not tell; those beside it must not suffer
                self._quarantine(agent, entry)
        return [message for _, message in found if message is not None]

    def wait_for_mail(self, agent: AgentId, seconds: float) -> None:
        """Block until somebody writes to a box that listens, at most so many seconds."""
        # Longer than a client's own time-out a blocking command must not be.
        self._connection.call("BLPOP", self._keys.nudge(agent), max(0.01, min(seconds, _NUDGE_SECONDS)))

    def peek(self, agent: AgentId, count: int, *, urgent: bool = False) -> list[Message]:
        """The next `count` messages, left where they are; what is no message is left out."""
        if count <= 0:
            return []
        key = self._keys.urgent(agent) if urgent else self._keys.inbox(agent)
        return [message for _, message in self._entries(key, count) if message is not None]

    def entries_from(self, agent: AgentId, place: int, count: int, *, urgent: bool) -> list[Message | None]:
        """Up to `count` entries of a list from a place on; None for each that is no message."""
        key = self._keys.urgent(agent) if urgent else self._keys.inbox(agent)
        return [message for _, message in self._entries(key, count, place)]

    def entries(self, agent: AgentId, count: int, *, dead: bool = False) -> list[tuple[str, bytes, Message | None]]:
        """The next `count` entries of each list as they lie there: the list's key, the entry, the message.

        With `dead`, the dead letters are among them.
        """
        lists = [self._keys.urgent(agent), self._keys.inbox(agent), *([self._keys.dead(agent)] if dead else [])]
        return [(key, entry, message) for key in lists for entry, message in self._entries(key, count)]

    def lengths(self, agents: list[AgentId]) -> list[Lengths]:
        """The lengths of the lists of each agent."""
        keys = self._keys
        names = [name(agent) for agent in agents for name in (keys.inbox, keys.urgent, keys.taken, keys.dead)]
        counts = [int(n) for n in self._connection.calls([("LLEN", name) for name in names])] if names else []
        return [(counts[i], counts[i + 1], counts[i + 2], counts[i + 3]) for i in range(0, len(counts), 4)]

    def receipt(self, message: MessageId) -> Receipt | None:
        """What became of a message."""
        raw = self._connection.call("HGET", self._keys.receipts, message)
        return None if raw is None else decode_receipt(raw, self._keys.receipts)

    def dead(self, agent: AgentId, place: int = 0, count: int = 10_000) -> list[DeadLetter]:
        """Up to `count` messages of an agent that were given up, oldest first, from a place on."""
        letters = self._entries(self._keys.dead(agent), count, place)
        ids = [message.id for _, message in letters if message is not None]
        raw = self._connection.call("HMGET", self._keys.receipts, *ids) if ids else []
        known = {message: decode_receipt(said, self._keys.receipts) for message, said in zip(ids, raw, strict=True) if said is not None}
        return [(entry, message, None if message is None else known.get(message.id)) for entry, message in letters]

    def move(self, source: str, entry: bytes, message: Message, holder: AgentId) -> str:
        """Hand an entry of a list to the mailbox of `message.recipient`; answers as `move_message.lua`."""
        keys, agent = self._keys, message.recipient
        bell = run_agent_bell(agent)
        return self._scripts.word(
            "move_message",
            [
                source, keys.turn(holder), keys.inbox(agent), keys.turn(agent), keys.agent(agent), keys.receipts, keys.due,
                keys.bell_messages(bell.queue), keys.bell_queue(bell.queue), keys.demand, keys.ready, keys.urgent(holder),
                keys.dead(holder), keys.urgent(agent),
            ],
            [
                entry, encode(message), message.id, agent, "0" if source == keys.dead(holder) else "1", *bell.args,
                "1" if message.is_actionable else "0", holder,
            ],
        )  # fmt: skip

    def settle(self, source: str, entry: bytes, message: Message | None, holder: AgentId, reason: str) -> bool:
        """Take an entry out of a list for good; False when it was gone already."""
        keys = self._keys
        answer = self._scripts.word(
            "settle_message",
            [
                source, keys.turn(holder), keys.receipts, keys.settled, keys.demand, keys.ready, keys.urgent(holder), keys.dead(holder),
            ],
            [entry, "" if message is None else message.id, "0" if source == keys.dead(holder) else "1", reason, holder],
        )  # fmt: skip
        return answer == "settled"

    def forget_settled(self, age_ms: int, count: int = 1000) -> int:
        """Drop receipts settled longer ago than that; answers how many."""
        return int(self._scripts.run("forget_receipts", [self._keys.receipts, self._keys.settled], [age_ms, count]))

    def publish(self, message: Message) -> int:
        """Tell everybody who listens; answers how many those are."""
        return int(self._connection.call("PUBLISH", self._keys.broadcast, encode(message)))

    def subscribe(self, stop: Callable[[], bool]) -> Iterator[Message]:
        """Yield what is told to everybody, until `stop` says so."""
        for raw in self._connection.listen(self._keys.broadcast, stop):
            message = _message_or_none(raw, self._keys.broadcast)
            if message is not None:
                yield message

    def _quarantine(self, agent: AgentId, entry: bytes) -> None:
        keys = self._keys
        self._scripts.word(
            "quarantine_entry",
            [keys.inbox(agent), keys.dead(agent), keys.receipts, keys.settled, keys.turn(agent), keys.demand, keys.ready],
            [entry, "1", agent],
        )

    def _entries(self, key: str, count: int, place: int = 0) -> list[tuple[bytes, Message | None]]:
        return [(entry, _message_or_none(entry, key)) for entry in self._connection.call("LRANGE", key, place, place + count - 1)]


def _message_or_none(entry: bytes, key: str) -> Message | None:
    try:
        return decode_message(entry, key)
    except RecordUnreadable:
        return None
