"""Tasks in their order: what pages are cut from, whatever happens between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.task import TaskState
from tinytown.store.connection import Arg, Connection, ReplyError, text
from tinytown.store.keys import Keys

__all__ = ["Place", "TaskOrder"]

Place = tuple[int, TaskId]
"""Where a task stands in an order: a moment in milliseconds, and its id where several share that."""


class TaskOrder:
    """Walks through tasks, the newest first; a task keeps its place for as long as it is in the order."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys

    def created(self, after: Place | None, count: int) -> list[Place]:
        """Up to `count` of all tasks, by when they were stored."""
        return self._walk(self._keys.tasks_created, after, count)

    def entered(self, state: TaskState, after: Place | None, count: int) -> list[Place]:
        """Up to `count` of the tasks in a state, by when they entered it."""
        return self._walk(self._keys.tasks_in(state), after, count)

    def open_of(self, agent: AgentId, *, coming: bool) -> list[Place]:
        """All open tasks that an agent has, by when they were stored; with `coming` also those on their way to anybody."""
        asked: list[tuple[Arg, ...]] = [("SMEMBERS", self._keys.open_tasks(agent))]
        replies = self._connection.calls([*asked, ("ZRANGE", self._keys.assignments, 0, -1)] if coming else asked)
        ids = list({text(raw) for reply in replies for raw in reply})
        scores = self._connection.call("ZMSCORE", self._keys.tasks_created, *ids) if ids else []
        return sorted(((int(score), TaskId(one)) for one, score in zip(ids, scores, strict=True) if score is not None), reverse=True)

    def outside(self, places: Sequence[Place], states: Sequence[TaskState]) -> list[Place]:
        """Those of the tasks that are in none of the states.

        A task that moves while this is asked is not left out: it is looked for
        where it must not be.
        """
        if not places or not states:
            return list(places)
        ids = [task for _, task in places]
        found = self._connection.calls([("ZMSCORE", self._keys.tasks_in(state), *ids) for state in states])
        return [place for place, *scores in zip(places, *found, strict=True) if all(score is None for score in scores)]

    def sizes(self, tasks: Sequence[TaskId]) -> list[int]:
        """How many bytes the records of the tasks have; 0 for all when one of them is no record of ours."""
        try:
            return [int(size) for size in self._connection.calls([("STRLEN", self._keys.task(task)) for task in tasks])] if tasks else []
        except ReplyError:
            return [0] * len(tasks)

    def backlog_after(self, anchors: Sequence[TaskId], count: int) -> list[TaskId]:
        """Up to `count` tasks of the backlog after the first of the anchors that still lies there, oldest first.

        Whatever is taken from the backlog meanwhile, nothing is left out: when all
        anchors are gone, it begins anew.
        """
        while True:
            places = self._connection.calls([("LPOS", self._keys.backlog, anchor) for anchor in anchors]) if anchors else []
            anchor, place = next(((a, int(p)) for a, p in zip(anchors, places, strict=True) if p is not None), (None, 0))
            found = [TaskId(text(raw)) for raw in self._connection.call("LRANGE", self._keys.backlog, place, place + count)]
            if anchor is None:
                return found[:count]
            if found[:1] == [anchor]:
                return found[1:]
            # Something before it was taken between the two questions.

    def _walk(self, key: str, after: Place | None, count: int) -> list[Place]:
        found: list[Place] = []
        start, most = 0, "+inf" if after is None else after[0]
        while len(found) < count:
            flat = self._connection.call("ZREVRANGEBYSCORE", key, most, "-inf", "WITHSCORES", "LIMIT", start, count)
            places = [(int(flat[i + 1]), TaskId(text(flat[i]))) for i in range(0, len(flat), 2)]
            found += [place for place in places if after is None or place < after]
            start += len(places)
            if len(places) < count:
                break
        return found[:count]
