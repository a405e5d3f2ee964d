"""One town's part of a Redis: all its stores on one connection."""

from __future__ import annotations

from tinytown.domain.town import TownName
from tinytown.store.agents import AgentStore
from tinytown.store.connection import Connection
from tinytown.store.events import EventLog
from tinytown.store.keys import Keys
from tinytown.store.mailbox import Mailbox
from tinytown.store.scripts import Scripts
from tinytown.store.tasks import TaskStore
from tinytown.store.turns import TurnStore
from tinytown.store.workers import Leadership, WorkerStore

__all__ = ["TownStore"]


class TownStore:
    """The stores of one town."""

    def __init__(self, connection: Connection, town: TownName) -> None:
        self.connection = connection
        self.keys = Keys(town)
        scripts = Scripts(connection)
        self.agents = AgentStore(connection, self.keys, scripts)
        self.tasks = TaskStore(connection, self.keys, scripts)
        self.mail = Mailbox(connection, self.keys, scripts)
        self.turns = TurnStore(connection, self.keys, scripts)
        self.events = EventLog(connection, self.keys)
        self.workers = WorkerStore(connection, self.keys)
        self.leadership = Leadership(connection, self.keys, scripts)

    def wipe(self) -> int:
        """Delete the town's keys in chunks; answers how many there were.

        The prefix holds no character that SCAN's patterns give a meaning to,
        and ends in a colon that no town's name has, so no other town's keys match.
        """
        gone, cursor = 0, b"0"
        while True:
            cursor, found = self.connection.call("SCAN", cursor, "MATCH", f"{self.keys.prefix}*", "COUNT", 500)
            if found:
                gone += int(self.connection.call("UNLINK", *found))
            if cursor == b"0":
                return gone
