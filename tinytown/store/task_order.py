"""Tasks in their order: what pages are cut from, whatever happens between two of them."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.domain.ids import AgentId, TaskId
from tinytown.domain.task import TaskState
from tinytown.store.connection import Arg, Connection, ReplyError, text
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["Place", "TaskOrder"]

Place = tuple[int, TaskId]
"""Where a task stands in an order: a moment in milliseconds, and its id where several share that."""


class TaskOrder:
    """Walks through tasks, the newest first; a task keeps its place for as long as it is in the order."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

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

    def is_complete(self) -> bool:
        """Whether as many tasks have a place as there are; not so in a town of a version that gave none."""
        known, placed = self._connection.calls([("ZCARD", self._keys.task_ids), ("ZCARD", self._keys.tasks_created)])
        return bool(known == placed)

    def known(self, after: TaskId | None, count: int) -> list[TaskId]:
        """Up to `count` of all tasks by the spelling of their ids, with a place or without."""
        start = "-" if after is None else f"({after}"
        return [TaskId(text(raw)) for raw in self._connection.call("ZRANGEBYLEX", self._keys.task_ids, start, "+", "LIMIT", 0, count)]

    def without_place(self, tasks: Sequence[TaskId]) -> list[TaskId]:
        """Those of the tasks that have no place."""
        return self._absent(self._keys.tasks_created, tasks)

    def strangers(self, cursor: str, count: int) -> tuple[str, list[TaskId]]:
        """Some that have a place and are no tasks any more, and the cursor to go on from; `0` is the first and the last."""
        on, flat = self._connection.call("ZSCAN", self._keys.tasks_created, cursor, "COUNT", count)
        return text(on), self._absent(self._keys.task_ids, [TaskId(text(raw)) for raw in flat[::2]])

    def mend(self, places: Sequence[Place]) -> int:
        """Give tasks these places, unless they have one, and take those of what is no task; answers how many changed."""
        words = [word for at, task in places for word in (task, at)]
        return int(self._scripts.run("order_tasks", [self._keys.task_ids, self._keys.tasks_created], words)) if words else 0

    def _absent(self, key: str, tasks: Sequence[TaskId]) -> list[TaskId]:
        scores = self._connection.call("ZMSCORE", key, *tasks) if tasks else []
        return [task for task, score in zip(tasks, scores, strict=True) if score is None]

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
