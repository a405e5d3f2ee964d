"""A storm: senders, workers, clocks and operators at once on one server, and the books agree when it is over."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress

from tests.recount import check_town
from tests.server import Server
from tinytown.domain.task import TaskState
from tinytown.domain.turn import TurnReason
from tinytown.errors import Conflict
from tinytown.services.turns import Ending, Turn
from tinytown.store.pool import PooledConnection
from tinytown.store.resp import RespConnection
from tinytown.testing import Rehearsal, rehearse

NAMES = ("ada", "bob", "cy")
LASTS = 3.0  # seconds


class Storm:
    """Threads that do as they please to one town, until the storm is over."""

    def __init__(self, town: Rehearsal) -> None:
        self.town = town
        self.agents = {name: town.spawn(name, cli="shell").id for name in NAMES}
        self.over = threading.Event()
        self.turns = 0

    def blow(self, *doings: Callable[[random.Random], None]) -> None:
        """Let each of them go on in a thread of its own for a while."""
        threads = [threading.Thread(target=self._repeat, args=(doing, seed)) for seed, doing in enumerate(doings)]
        for thread in threads:
            thread.start()
        self.over.wait(LASTS)
        self.over.set()
        for thread in threads:
            thread.join()

    def send(self, dice: random.Random) -> None:
        if dice.random() < 0.5:
            self.town.assign(dice.choice([*NAMES, "auto"]), "write")
        else:
            self.town.messages.send(dice.choice(NAMES), "do it", urgent=dice.random() < 0.2)
        self.over.wait(0.002)

    def work(self, dice: random.Random) -> None:
        """Answer some bell; one in ten is answered twice, and one turn in ten is never heard of again."""

        def turn_out(town: Rehearsal, turn: Turn) -> Ending | None:
            self.turns += 1
            if dice.random() < 0.1:
                return None
            if dice.random() < 0.2:
                return Ending(reason=TurnReason.CANCELLED, returned=tuple(message.id for message, _ in turn.mail))
            for task in turn.tasks:
                town.tasks.complete(task, by=turn.agent.id, epoch=turn.epoch)
            return Ending()

        if bells := self.town.bells()[:5]:
            bell = dice.choice(bells)
            if dice.random() < 0.1 or self.town.take_bell(bell):
                self.town.answer(bell, turn_out)

    def keep_time(self, dice: random.Random) -> None:
        self.let_time_pass(dice.sample(NAMES, 1))
        self.town.recovery.sweep()
        self.over.wait(0.02)

    def operate(self, dice: random.Random) -> None:
        getattr(self.town.agents, dice.choice(["kill", "interrupt", "close"]))(dice.choice(NAMES))
        self.over.wait(0.05)
        self.wake_all()

    def let_time_pass(self, names: list[str]) -> None:
        for name in names:
            if self.town.desk.store.turns.info([self.agents[name]])[0].state == "running":
                self.town.let_lease_run_out(self.agents[name])
            self.town.let_backoff_pass(self.agents[name])
        self.town.let_answers_be_due()

    def wake_all(self) -> None:
        for name in NAMES:
            for step in (self.town.agents.resume, self.town.agents.restart):
                with suppress(Conflict):
                    step(name)

    def _repeat(self, doing: Callable[[random.Random], None], seed: int) -> None:
        dice = random.Random(seed)
        while not self.over.is_set():
            with suppress(Conflict):  # two at once: one of them is told so
                doing(dice)


def test_the_books_agree_after_a_storm(server: Server) -> None:
    connection = PooledConnection(lambda: RespConnection(str(server.socket), address="server"))
    storm = Storm(rehearse(connection=connection))
    town = storm.town

    storm.blow(storm.send, storm.send, storm.work, storm.work, storm.work, storm.keep_time, storm.keep_time, storm.operate)
    for _ in range(20):
        storm.wake_all()
        storm.let_time_pass(list(NAMES))
        town.recovery.sweep()
        town.answer_bells(most=100_000)

    check_town(town)
    counted = {state: number for state, number in town.tasks.count().items() if number}
    assert storm.turns > 50
    assert set(counted) == {TaskState.COMPLETED}
    assert town.events.counters()["completed"] == counted[TaskState.COMPLETED]
    assert town.messages.lengths([*storm.agents.values()]) == [(0, 0, 0, 0)] * len(NAMES)
    connection.close()
