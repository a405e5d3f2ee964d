"""A storm: drivers, people and workers at once on one mission, whose leases run out at any time; the books agree afterwards."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from tests.missions.books import Books, tasks_of
from tests.missions.crew import Crew
from tests.missions.forge import Forge
from tests.recount import check_town
from tests.server import Server
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import MissionState, Policy
from tinytown.domain.work_item import WorkKind, WorkStatus
from tinytown.errors import TownError
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.store.pool import PooledConnection
from tinytown.store.resp import RespConnection
from tinytown.testing import Rehearsal, rehearse

LASTS = 4.0  # seconds
NAMES = {"ada": "backend", "bob": "backend", "rev": "reviewer", "rex": "reviewer"}
POLICY = Policy(max_parallel_items=3, max_attempts=1000)
NO_PULL, DOUBTS, FAILS = 5, 6, 7


class Storm:
    """Threads that do as they please to one mission, until the storm is over."""

    def __init__(self, town: Rehearsal) -> None:
        self.town = town
        self.over = threading.Event()
        self.crew = Crew(Forge(town.clock.at))
        for name, role in NAMES.items():
            town.spawn(name, cli="shell", role=role)
        items = [PlannedItem(key=f"i{n}", title=f"item {n}", kind=_kind(n), depends_on=(f"i{n - 3}",) if n > 2 else ()) for n in range(24)]
        self.mission: MissionId = town.missions.start(Plan(items=tuple(items)), POLICY).mission.id
        self.ticks = self.orders = 0

    def blow(self, *doings: Callable[[random.Random], None]) -> None:
        """Let each of them go on in a thread of its own for a while."""
        threads = [threading.Thread(target=self._repeat, args=(doing, seed)) for seed, doing in enumerate(doings)]
        for thread in threads:
            thread.start()
        self.over.wait(LASTS)
        self.over.set()
        for thread in threads:
            thread.join()

    def drive(self, dice: random.Random) -> None:
        """Tick, if nobody else does; now and then the lease of whoever does runs out at that moment."""
        if dice.random() < 0.1:
            self.town.desk.store.connection.call("DEL", self.town.desk.store.keys.dispatch_lock(self.mission))
        driven = self.town.mission_ticks.tick(self.mission).driven
        self.ticks += driven
        self.over.wait(0.001 if driven else 0.02)

    def order(self, dice: random.Random) -> None:
        """Say something to the mission."""
        missions, by = self.town.missions, "conductor"
        items = missions.view(self.mission).items
        item = dice.choice([each for each in items if not each.status.is_terminal] or items)
        orders: list[Callable[[], object]] = [
            lambda: missions.pause(self.mission, by=by),
            lambda: missions.resume(self.mission, by=by),
            lambda: missions.resume(self.mission, by=by),
            lambda: missions.stop(self.mission, by=by),
            lambda: missions.note(self.mission, dice.choice(["resume", "mind the gap", f"redirect {item.id[:6]} to bob"])),
            lambda: missions.approve(self.mission, item.id, by=by),
            lambda: missions.reject(self.mission, item.id, "rounder", by=by),
            lambda: missions.redirect(self.mission, item.id, dice.choice([*NAMES]), by=by),
            lambda: missions.retry(self.mission, item.id, by=by),
            lambda: missions.update_item(self.mission, item.id, status=dice.choice([WorkStatus.READY, WorkStatus.BLOCKED]), by=by),
        ]
        dice.choice(orders)()
        self.orders += 1
        self.over.wait(0.01)

    def work(self, dice: random.Random) -> None:
        """Answer some bell; one in ten is answered twice."""
        if bells := self.town.bells()[:5]:
            bell = dice.choice(bells)
            if dice.random() < 0.1 or self.town.take_bell(bell):
                self.town.answer(bell, self.crew.work(dice.choice([NO_PULL, NO_PULL, NO_PULL, DOUBTS, FAILS])))

    def meddle(self, dice: random.Random) -> None:
        """Cancel a task, or put it into the backlog."""
        if live := [task for task in tasks_of(self.town) if not task.state.is_terminal]:
            task = dice.choice(live)
            dice.choice([self.town.tasks.cancel, self.town.tasks.requeue])(task.id)
        self.over.wait(0.05)

    def calm_down(self) -> None:
        """Everybody does what is asked for, until the mission ends."""
        for _ in range(80):
            mission = self.town.missions.find(self.mission)
            if mission.state.is_terminal:
                return
            with suppress(TownError):
                self.town.missions.resume(self.mission, by="conductor")
            for item in self.town.missions.view(self.mission).items:
                with suppress(TownError):
                    self.town.missions.retry(self.mission, item.id, by="conductor")
            for agent in self.town.agents.all():
                self.town.let_backoff_pass(agent.id)
            self.town.let_answers_be_due()
            self.town.recovery.sweep()
            self.town.clock.at += timedelta(seconds=60)
            self.town.mission_ticks.tick(self.mission)
            self.town.answer_bells(self.crew.work(NO_PULL), most=500)

    def _repeat(self, doing: Callable[[random.Random], None], seed: int) -> None:
        dice = random.Random(seed)
        while not self.over.is_set():
            with suppress(TownError):  # two at once: one of them is told so
                doing(dice)


def _kind(number: int) -> WorkKind:
    return WorkKind.IMPLEMENT if number % 2 else WorkKind.DESIGN


def test_a_mission_comes_to_its_end_after_a_storm(server: Server) -> None:
    connection = PooledConnection(lambda: RespConnection(str(server.socket), address="server"))
    storm = Storm(rehearse(connection=connection))
    books = Books(storm.town, storm.mission)

    storm.blow(*[storm.drive] * 4, *[storm.order] * 3, *[storm.work] * 3, storm.meddle)
    books.check(tasks_of(storm.town))
    storm.calm_down()

    ended = books.read()
    books.check(tasks_of(storm.town))
    books.check_events()
    check_town(storm.town)
    assert storm.ticks > 20
    assert storm.orders > 20
    assert ended.mission.state is MissionState.COMPLETED
    assert {task.work_item_id for task in tasks_of(storm.town)} == set(ended.items)
    assert len(tasks_of(storm.town)) == ended.mission.tasks_made
    connection.close()
