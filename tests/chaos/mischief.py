"""The mischief: processes killed, doorbells lost and repeated, Redis restarted, in an order that the seed decides."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.bells import bells_on, drop_bells, ring_again
from tests.chaos.plan import Plan
from tests.fleet import Fleet, Ship
from tinytown.errors import RedisUnavailable
from tinytown.town import Town

__all__ = ["Crew", "Mischief"]

RESPAWN_AFTER = 0.3  # seconds
QUEUES = ("agents", "control")


class Crew:
    """The workers and clocks of the run: whoever dies is replaced."""

    def __init__(self, fleet: Fleet, plan: Plan) -> None:
        self._fleet = fleet
        self.workers = [fleet.worker() for _ in range(plan.workers)]
        self.clocks = [fleet.clock() for _ in range(plan.clocks)]
        self.deaths = 0
        self._lock = threading.Lock()

    def replace_the_dead(self) -> None:
        """Start a process for each that is gone."""
        with self._lock:
            for ships, launch in ((self.workers, self._fleet.worker), (self.clocks, self._fleet.clock)):
                for place, ship in enumerate(ships):
                    if not ship.is_afloat:
                        self.deaths += 1
                        ships[place] = launch()

    def stop(self) -> list[int]:
        """Let all that live end in an orderly way; their exit codes."""
        with self._lock:
            return [ship.stop() for ship in [*self.workers, *self.clocks] if ship.is_afloat]


class Mischief(threading.Thread):
    """Does the harm of a plan, spread over the time that the work takes.

    Attributes:
        did: how often each kind of harm was done.
        shaken_at: when clocks or Redis were last disturbed, in monotonic seconds.
        quiet: nothing is, or was just, disturbed; see `is_quiet`.
        error: what went wrong with the mischief itself.
    """

    def __init__(self, fleet: Fleet, town: Town, crew: Crew, plan: Plan, progress: Callable[[], float]) -> None:
        super().__init__(name="mischief", daemon=True)
        self.did: Counter[str] = Counter()
        self.shaken_at = time.monotonic()
        self.is_shaking = False
        self.error: BaseException | None = None
        self._fleet = fleet
        self._town = town
        self._crew = crew
        self._random = random.Random(plan.seed)
        self._progress = progress
        self._over = threading.Event()
        self._todo = self._order(plan)

    def run(self) -> None:
        """Do one thing after the other, each when its share of the work is done; keep the crew complete meanwhile."""
        try:
            for share, harm in self._todo:
                while self._progress() < share and not self._over.wait(RESPAWN_AFTER):
                    self._crew.replace_the_dead()
                if self._over.is_set():
                    return
                self._do(harm)
            while not self._over.wait(RESPAWN_AFTER):
                self._crew.replace_the_dead()
        except BaseException as error:  # noqa: BLE001 - the main thread reports it
            self.error = error

    def finish(self) -> None:
        """Do no more harm."""
        self._over.set()
        self.join(60)

    def _order(self, plan: Plan) -> list[tuple[float, Callable[[], None]]]:
        """Each harm with the share of the work before it; the last tenth is left in peace, so that the end can be told."""
        often = {
            self._kill_worker: plan.kills,
            self._stop_worker: plan.stops,
            self._kill_clock: plan.clock_kills,
            self._restart_redis: plan.restarts,
            self._drop_bells: plan.drops,
            self._repeat_bells: plan.repeats,
        }
        harms = [harm for harm, each in often.items() for _ in range(max(1, round(each * plan.tasks / 1000)))]
        self._random.shuffle(harms)
        return sorted(((self._random.uniform(0.02, 0.9), harm) for harm in harms), key=lambda pair: pair[0])

    def _do(self, harm: Callable[[], None]) -> None:
        self.did[harm.__name__.strip("_").replace("_", " ")] += 1
        try:
            harm()
        except RedisUnavailable:
            return  # it was restarted a moment ago; this harm is done by that already

    def _kill_worker(self) -> None:
        self._any(self._crew.workers).kill()

    def _stop_worker(self) -> None:
        self._any(self._crew.workers).stop()

    def _kill_clock(self) -> None:
        self._shake(self._any(self._crew.clocks).kill)

    def _restart_redis(self) -> None:
        def restart() -> None:
            if self._random.random() < 0.5:
                self._fleet.server.kill()
            else:
                self._fleet.server.stop()
            self._over.wait(self._random.uniform(0, 1.0))
            self._fleet.server.start()

        self._shake(restart)

    def _drop_bells(self) -> None:
        """Lose up to five bells of each queue, wholly: as they wait, and as messages."""
        for queue in QUEUES:
            self.did["bells dropped"] += drop_bells(self._town, queue, self._random.randint(1, 5))

    def _repeat_bells(self) -> None:
        """Ring for up to five things again that were rung for, waiting or being worked on."""
        for queue in QUEUES:
            for bell, body in bells_on(self._town, queue, self._random.randint(1, 5)).items():
                ring_again(self._town, queue, bell, body)
                self.did["bells repeated"] += 1

    def _shake(self, step: Callable[[], None]) -> None:
        self.is_shaking = True
        step()
        self.shaken_at = time.monotonic()
        self.is_shaking = False

    def _any(self, ships: list[Ship]) -> Ship:
        return self._random.choice(ships)
