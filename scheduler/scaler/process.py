"""The scaler process: looks, does one thing, and looks again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import structs

from tinytown.bootstrap import open_town
from tinytown.clock import to_ms
from tinytown.domain.scaler import ScalerMemory
from tinytown.domain.worker import Worker
from tinytown.errors import Conflict, NotFound, RedisUnavailable, TownError
from tinytown.process import Outage, Signals, connect_patiently, process_name
from tinytown.scheduler.leader import Leader
from tinytown.scheduler.scaler.commands import ScalerCommand
from tinytown.scheduler.scaler.decision import Ask, Decision, Remove, Rules, Sight, Start, decide
from tinytown.town import Town

__all__ = ["ScalerPlan", "run_scaler"]

SHORTEST_LEASE = timedelta(seconds=30)
STEPS_AT_ONCE = 100
"""A scaler that is to look once does no more than that."""

_log = logging.getLogger(__name__)


class ScalerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """How a town is scaled: the rules, the commands, how often it is looked at, and whether it is done or only told."""

    rules: Rules
    up: ScalerCommand
    down: ScalerCommand | None
    poll: timedelta
    is_dry: bool = False


def run_scaler(path: Path | None, env: Mapping[str, str], plan: ScalerPlan, *, once: bool = False) -> int:
    """Scale a town until told to end, or once; answers the exit code.

    Args:
        path: where the town is looked for.
        env: the environment, for the commands too.
        plan: how.
        once: do what is to be done now, and return; Redis is not waited for then.
    """
    with Signals() as signals:
        if once:
            with open_town(path, env, start=False) as town:
                return _Scaler(town, env, plan, signals).run_once()
        opened = connect_patiently(path, env, signals)
        if opened is None:
            return 0
        with opened as town:
            _Scaler(town, env, plan, signals).run()
        return 0


class _Scaler:
    """A scaler at work."""

    def __init__(self, town: Town, env: Mapping[str, str], plan: ScalerPlan, signals: Signals) -> None:
        self._town = town
        self._env = env
        self._plan = plan
        self._signals = signals
        self._store = town.desk.store.scaler
        self._leader = Leader(self._store.leadership, process_name(), max(SHORTEST_LEASE, 4 * plan.poll), kind="scaler")
        self._outage = Outage(lambda: town.desk.store.connection.call("PING"))
        self._memory = ScalerMemory()
        self._remembers = False
        self._epoch = 0
        self._looks_again = False
        self._failed = False
        self._said: object = "nothing yet"
        self._complaint = ""

    def run(self) -> None:
        """Scale until a signal comes."""
        _log.info(
            "scaler of town %s, a look every %g s", self._town.name, self._plan.poll.total_seconds(), extra={"action": "scaler.started"}
        )
        while not self._signals.count:
            self._looks_again = False
            if not self._outage.bear(self._look_or_complain, "scale"):
                self._forget_surplus()
            if not self._looks_again and not self._signals.count:
                self._signals.wait(self._plan.poll.total_seconds())
        self._leader.leave()
        _log.info("%s: the scaler has ended", self._signals.last, extra={"action": "scaler.ended"})

    def run_once(self) -> int:
        """Do what is to be done now; 1 when a command failed."""
        for _ in range(STEPS_AT_ONCE):
            self._looks_again = False
            self._look()
            if not self._looks_again or self._failed or self._signals.count:
                break
        self._leader.leave()
        return 1 if self._failed else 0

    def _look_or_complain(self) -> None:
        """Look; a town that cannot be read, though its Redis answers, is complained of once, and left as it is."""
        try:
            self._look()
        except RedisUnavailable:
            raise
        except TownError as error:
            if str(error) != self._complaint:
                _log.warning("nothing is changed: %s", error, extra={"action": "scaler.puzzled"})
            self._complaint = str(error)
            self._forget_surplus()
        else:
            self._complaint = ""

    def _look(self) -> None:
        """See what there is, and do one thing about it."""
        if self._plan.is_dry:
            self._remember()
        elif not self._may_scale():
            return
        signal, standings = self._town.scaling.outlook()
        if self._outage.is_recent(3 * self._town.settings.worker.heartbeat):
            self._forget_surplus()  # workers have yet to say that they are there, and those that run are not to be started again
            return
        sight = Sight(now_ms=to_ms(signal.timestamp), desired=signal.desired_workers, workers=standings)
        decision = decide(sight, self._memory, self._plan.rules)
        if decision.late:
            _log.warning(
                "workers that were started and did not come within %g s: %d",
                self._plan.rules.start_within.total_seconds(),
                decision.late,
                extra={"action": "scaler.late"},
            )
        if self._plan.is_dry:
            self._say(decision)
        elif self._keep(decision.memory):
            self._do(decision, sight)

    def _may_scale(self) -> bool:
        """Whether this is the scaler that leads; one that has come to lead carries on where the last one was."""
        self._leader.renew()
        if not self._leader.leads:
            if self._said != "another":
                _log.info("another scaler of this town is at work; standing by", extra={"action": "scaler.stands_by"})
            self._said = "another"
            return False
        if self._leader.epoch not in {self._epoch, self._epoch + 1}:
            self._remembers = False
        self._remember()
        self._epoch = self._leader.epoch
        self._said = None
        return True

    def _remember(self) -> None:
        """Carry on where the scaler that led before has stopped, or, dry, where the one that leads is now."""
        if not self._remembers:
            self._memory = self._store.memory()
        self._remembers = True

    def _keep(self, memory: ScalerMemory) -> bool:
        self._memory = memory
        return self._store.keep(self._leader.who, memory)

    def _do(self, decision: Decision, sight: Sight) -> None:
        now = sight.now_ms
        match decision.step:
            case Start(wanted=wanted):
                _log.info("starting a worker: there are %d, wanted: %d", sight.taking, wanted, extra={"action": "scaler.up"})
                self._looks_again = self._ran(self._plan.up, sight, wanted, None)
                self._keep(self._memory.started(now) if self._looks_again else self._memory.could_not_start(now))
            case Remove(worker=worker, wanted=wanted):
                self._looks_again = self._plan.down is None or self._ran(self._plan.down, sight, wanted, worker)
                self._keep(self._memory.removed(worker) if self._looks_again else self._memory.could_not_remove(worker, now))
                if self._looks_again:
                    _log.info("worker %s is gone; there are %d", worker.id, sight.taking, extra={"action": "scaler.down"})
            case Ask(worker=worker):
                self._ask(worker)
            case None:
                pass

    def _ask(self, worker: Worker) -> None:
        """Ask an idle worker to go. That is kept in mind before: a scaler that is killed here forgets no worker."""
        if not self._keep(self._memory.chose(worker)):
            return
        try:
            self._town.workers.drain(worker.id, only_idle=True)
        except (Conflict, NotFound) as error:
            _log.info("worker %s stays for now: %s", worker.id, error, extra={"action": "scaler.refused"})
        else:
            _log.info("worker %s is idle and may go", worker.id, extra={"action": "scaler.asked"})

    def _ran(self, command: ScalerCommand, sight: Sight, wanted: int, worker: Worker | None) -> bool:
        succeeded = command.run(
            self._env,
            self._signals,
            town=self._town.name,
            wanted=wanted,
            present=sight.taking,
            worker=worker,
            meanwhile=self._renew,
        )
        self._failed = self._failed or not succeeded
        return succeeded

    def _renew(self) -> None:
        """Keep the lease while a command runs; without Redis it runs out, and another scaler may look."""
        try:
            self._leader.renew()
        except RedisUnavailable:
            return

    def _forget_surplus(self) -> None:
        self._memory = structs.replace(self._memory, surplus_since_ms=None)

    def _say(self, decision: Decision) -> None:
        """Tell what would be done, once."""
        self._memory = decision.memory
        if decision.step == self._said:
            return
        self._said = decision.step
        match decision.step:
            case Start(wanted=wanted):
                text = f"would start a worker: {' '.join(self._plan.up.words)} (wanted: {wanted})"
            case Ask(worker=worker):
                text = f"would ask worker {worker.id} to go"
            case Remove(worker=worker):
                text = f"would remove what worker {worker.id} has left"
            case None:
                text = "would do nothing"
        _log.info("%s", text, extra={"action": "scaler.dry"})
