"""What happened, in Redis: event streams, activity lines, output of turns, counters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tinytown.domain.event import Event
from tinytown.domain.ids import AgentId, MissionId
from tinytown.domain.output import Printed
from tinytown.errors import RecordUnreadable
from tinytown.store.connection import Arg, Connection, Reply, text
from tinytown.store.keys import Keys
from tinytown.store.records import decode_event
from tinytown.store.scripts import Scripts

__all__ = ["EventLog"]

_ACTIVITY_LINES, _ACTIVITY_SECONDS, _LOG_ENTRIES = 10, 3600, 2000


class EventLog:
    """Reads event streams; writes and reads activity and output."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def stream(self, agent: AgentId | None = None, mission: MissionId | None = None) -> str:
        """The key of the stream of a mission, else of an agent, else of the town."""
        if mission is not None:
            return self._keys.mission_events(mission)
        return self._keys.events if agent is None else self._keys.agent_events(agent)

    def recent(self, stream: str, count: int) -> list[tuple[str, Event]]:
        """The newest `count` events with their ids, oldest first."""
        return _events(list(reversed(self._connection.call("XREVRANGE", stream, "+", "-", "COUNT", count))), stream)

    def after(self, stream: str, last: str, count: int, wait_ms: int | None = None) -> list[tuple[str, Event]]:
        """Up to `count` events after the one with id `last`, waiting up to `wait_ms` for one to come."""
        block = () if wait_ms is None else ("BLOCK", wait_ms)
        reply = self._connection.call("XREAD", "COUNT", count, *block, "STREAMS", stream, last)
        return [] if not reply else _events(reply[0][1], stream)

    def since(self, stream: str, last: str, count: int, wait_ms: int) -> tuple[str, list[tuple[str, Event]]]:
        """As `after`, with the id to go on from: that of the newest entry, whether it could be read or not."""
        reply = self._connection.call("XREAD", "COUNT", count, "BLOCK", wait_ms, "STREAMS", stream, last)
        entries = [] if not reply else reply[0][1]
        return text(entries[-1][0]) if entries else last, _events(entries, stream)

    def last_id(self, stream: str) -> str:
        """The id of the newest event, or the one before any."""
        newest = self._connection.call("XREVRANGE", stream, "+", "-", "COUNT", 1)
        return text(newest[0][0]) if newest else "0-0"

    def note(self, agent: AgentId, line: str) -> None:
        """Add a line to what the agent did lately."""
        self._connection.calls(self.note_commands(agent, line))

    def note_commands(self, agent: AgentId, line: str) -> list[Sequence[Arg]]:
        """What `note` says to Redis, for whoever has more to say at the same time."""
        key = self._keys.activity(agent)
        return [("LPUSH", key, line), ("LTRIM", key, 0, _ACTIVITY_LINES - 1), ("EXPIRE", key, _ACTIVITY_SECONDS)]

    def activity(self, agent: AgentId, count: int = 5) -> list[str]:
        """What the agent did lately, newest first."""
        return [text(line) for line in self._connection.call("LRANGE", self._keys.activity(agent), 0, count - 1)]

    def activities(self, agents: Sequence[AgentId], count: int = 5) -> list[list[str]]:
        """What each of the agents did lately, newest first, in one round trip."""
        asked = [("LRANGE", self._keys.activity(agent), 0, count - 1) for agent in agents]
        return [[text(line) for line in lines] for lines in self._connection.calls(asked)] if asked else []

    def write_output(self, agent: AgentId, turn_number: int, chunk: bytes) -> None:
        """Append what a turn wrote to the agent's capped stream of output."""
        self._scripts.run("write_output", [self._keys.agent(agent), self._keys.logs(agent)], [_LOG_ENTRIES, turn_number, chunk])

    def output(self, agent: AgentId, count: int = 100, before: str = "+") -> list[Printed]:
        """The newest `count` pieces of output, oldest first; with `before`, those up to the piece with that id."""
        newest = self._connection.call("XREVRANGE", self._keys.logs(agent), before, "-", "COUNT", count)
        return _pieces(agent, reversed(newest))

    def output_after(self, marks: Mapping[AgentId, str], wait_ms: int | None, count: int = 100) -> list[Printed]:
        """Output of agents after the pieces with these ids, by time, waiting up to `wait_ms` for some to come."""
        streams = {self._keys.logs(agent): agent for agent in marks}
        block = () if wait_ms is None else ("BLOCK", wait_ms)
        reply = self._connection.call("XREAD", "COUNT", count, *block, "STREAMS", *streams, *marks.values())
        found = [piece for stream, entries in reply or () for piece in _pieces(streams[text(stream)], entries)]
        return sorted(found, key=lambda piece: piece.order)

    def counters(self) -> dict[str, int]:
        """The totals that only grow."""
        flat = self._connection.call("HGETALL", self._keys.counters)
        return {text(flat[i]): int(flat[i + 1]) for i in range(0, len(flat), 2)}


def _pieces(agent: AgentId, entries: Iterable[Reply]) -> list[Printed]:
    found: list[Printed] = []
    for entry, fields in entries:
        said = dict(zip(fields[::2], fields[1::2], strict=False))
        if b"data" in said:
            found.append(Printed(id=text(entry), agent=agent, round=int(said.get(b"round", 0)), data=said[b"data"]))
    return found


def _events(entries: list[Reply], stream: str) -> list[tuple[str, Event]]:
    found: list[tuple[str, Event]] = []
    for entry, fields in entries:
        if b"data" not in fields:
            continue
        try:
            found.append((text(entry), decode_event(fields[fields.index(b"data") + 1], stream)))
        except RecordUnreadable:
            continue  # written by a newer version with words that this one does not know
    return found
