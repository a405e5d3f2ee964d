"""Filling a town fast: the town's own scripts, many in one round trip."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tinytown.domain.agent import Agent
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, new_agent_id
from tinytown.domain.message import Kind
from tinytown.domain.task import Task
from tinytown.store.connection import Arg, Connection, Reply
from tinytown.store.town import TownStore
from tinytown.town import Town

__all__ = ["fill", "send_many"]

AT_ONCE = 300


class _Piped:
    """A connection that keeps calls of scripts back, sends many together, and says `later` to each."""

    def __init__(self, connection: Connection) -> None:
        self.address = connection.address
        self._connection = connection
        self._known: set[Arg] = set()
        self._kept: list[Sequence[Arg]] = []

    def call(self, *args: Arg) -> Reply:
        if args[0] != "EVALSHA" or args[1] not in self._known:
            self.flush()
            self._known.add(args[1])  # if Redis does not know it either, the caller sends the whole script next
            return self._connection.call(*args)
        self._kept.append(args)
        if len(self._kept) >= AT_ONCE:
            self.flush()
        return b"later"

    def flush(self) -> None:
        if self._kept:
            self._connection.calls(self._kept)
            self._kept.clear()

    def calls(self, commands: Sequence[Sequence[Arg]]) -> list[Reply]:
        return self._connection.calls(commands)

    def listen(self, channel: str, stop: Callable[[], bool]) -> Iterator[bytes]:
        return self._connection.listen(channel, stop)

    def close(self) -> None:
        self.flush()


def fill(town: Town, *, agents: int, tasks: int, called: str = "crowd") -> None:
    """Add so many agents that nobody runs; 6 of 10 tasks are done, 3 wait in mailboxes, 1 in the backlog."""
    piped = _Piped(town.desk.store.connection)
    store = TownStore(piped, town.name)
    known = sum(town.tasks.count().values())
    people = [_person(town, f"{called}-{number}") for number in range(agents)]
    for person in people:
        store.agents.add(person, "manual", None)
    for number in range(tasks):
        _add_task(town, store, people[number % agents].id, number)
    piped.flush()
    assert sum(town.tasks.count().values()) == known + tasks
    assert sum(town.agents.count().values()) >= agents


def send_many(town: Town, agent: AgentId, count: int, text: str) -> None:
    """Put so many messages into a mailbox."""
    piped = _Piped(town.desk.store.connection)
    mail = TownStore(piped, town.name).mail
    for number in range(count):
        mail.send(town.desk.message(SUPERVISOR_ID, agent, Kind.TASK, description=f"{number}: {text}"))
    piped.flush()
    assert town.messages.lengths([agent])[0][0] == count


def _person(town: Town, name: str) -> Agent:
    now = town.desk.now()
    return Agent(id=new_agent_id(), name=name, cli="manual", created_at=now, last_heartbeat=now, last_active_at=now, max_rounds=0)


def _add_task(town: Town, store: TownStore, agent: AgentId, number: int) -> None:
    now = town.desk.now()
    task: Task = town.tasks.new(f"task {number} of a town where much is going on and everything is written down")
    store.tasks.add(task)
    if number % 10 == 0:
        return
    if number % 10 < 4:
        message = town.desk.message(SUPERVISOR_ID, agent, Kind.TASK_ASSIGN, task_id=task.id)
        store.tasks.assign(task, task.assigned(agent, now), message, from_backlog=True, event=None)
    else:
        store.tasks.change(task, task.completed("done", now))
