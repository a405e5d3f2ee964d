"""People: what they say to missions, and what they do by hand to their tasks and agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from tests.missions.books import Books, tasks_of
from tinytown.domain.agent import Agent
from tinytown.domain.ids import WatchId
from tinytown.domain.task import Task
from tinytown.domain.work_item import WorkStatus
from tinytown.errors import TownError
from tinytown.testing import Rehearsal

__all__ = ["People"]

NOTES = (
    "resume",
    "pause: too loud",
    "redirect {item} to bob",
    "redirect to ada",
    "redirect {item} to nobody",
    "mind the gap",
    "hold on, resume later",
)


class People:
    """The people of a town with missions; what they do is told by numbers that a test draws."""

    def __init__(self, town: Rehearsal, books: Sequence[Books]) -> None:
        self._town = town
        self._books = books

    def agents(self) -> list[Agent]:
        """All agents, always in the same order."""
        return sorted(self._town.agents.all(), key=lambda agent: agent.name)

    def command(self, books: Books, what: str, index: int, more: int) -> None:
        """A command of people; one that is refused changes nothing."""
        before = books.read()
        items = list(before.items.values())
        item = items[index % len(items)]
        named = None if more == 0 else item.id
        watches = [*before.watches, WatchId("0000")]
        missions, mission, by = self._town.missions, books.mission, "conductor"
        commands: dict[str, Callable[[], object]] = {
            "pause": lambda: missions.pause(mission, by=by),
            "resume": lambda: missions.resume(mission, by=by),
            "stop": lambda: missions.stop(mission, by=by, force=more == 12),
            "complete": lambda: more != 12 or missions.complete(mission, by=by),
            "fail": lambda: more != 12 or missions.fail(mission, "no use", by=by),
            "note": lambda: missions.note(mission, NOTES[more % len(NOTES)].format(item=item.id[:6])),
            "approve": lambda: missions.approve(mission, named, by=by),
            "reject": lambda: missions.reject(mission, named, "" if more == 1 else "make it round", by=by),
            "redirect": lambda: missions.redirect(mission, named, ("ada", "bob", "rev", "nobody")[more % 4], by=by),
            "retry": lambda: missions.retry(mission, named, by=by),
            "update": lambda: missions.update_item(
                mission,
                item.id,
                status=list(WorkStatus)[more % 8],
                artifacts=("x",) if more > 8 else (),
                by=by,
                expected=None if more % 3 else 3,
            ),
            "snooze": lambda: missions.snooze(mission, watches[more % len(watches)], timedelta(seconds=100 * index), by=by),
            "override": lambda: missions.override_watch(mission, watches[more % len(watches)], "" if index == 0 else "known", by=by),
        }
        try:
            commands[what]()
        except TownError:
            assert books.read() == before, "a command that is refused changes nothing"

    def meddle(self, books: Books, index: int, more: int) -> None:
        """Somebody meddles with a task of a mission by hand."""
        tasks = [task for task in tasks_of(self._town) if task.mission_id == books.mission]
        if not tasks:
            return
        task = tasks[-1 - index % len(tasks)]
        with suppress(TownError):
            match more % 6:
                case 0:
                    self._town.tasks.cancel(task.id)
                case 1:
                    self._town.tasks.requeue(task.id)
                case 2 | 3:
                    self._town.tasks.requeue(task.id, ("ada", "bob", "rev", "auto")[index % 4])
                    self._moved(task)
                case 4:
                    self._town.desk.store.tasks.delete(task)
                case 5:
                    self._town.tasks.complete(task.id, "done by hand")

    def _moved(self, task: Task) -> None:
        for books in self._books:
            books.moved.add(task.id)

    def agent(self, what: str, index: int, mood: int) -> None:
        if what == "spawn":
            with suppress(TownError):
                self._town.spawn(
                    ("ada", "bob", "rev", "rex")[index % 4], cli="shell", role=None if mood < 3 else "reviewer" if index > 5 else "backend"
                )
            return
        if what == "prune":
            self._town.recovery.prune(throw_away_mail=bool(mood % 2))
            return
        agents = self.agents()
        if agents:
            step = ("kill", "close", "interrupt", "resume", "restart", "resume", "restart", "restart", "kill", "interrupt")[mood]
            with suppress(TownError):
                getattr(self._town.agents, step)(agents[index % len(agents)].name)
            self._town.recovery.sweep()
