"""A cluster of one deployment: workers are its pods, and a stand-in for KEDA says how many there are."""

from __future__ import annotations

import http.client
import signal
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.acceptance.household import Household, Program
from tests.deploy.keda import SYNC_EVERY, Keda, ScaledObject
from tests.waiting import wait_until
from tinytown.actors.deletion_cost import cost_of
from tinytown.domain.worker import WorkerState

__all__ = ["Cluster", "Scaled"]

PATIENCE = 3.0  # seconds that KEDA waits for an answer


class Scaled(NamedTuple):
    """A change of the number of pods: how many there were and are, and whether the number could be had."""

    before: int
    after: int
    errors: int


class Cluster:
    """Ticks whenever it is asked, and keeps what it did.

    Args:
        household: whose workers it starts.
        scaled: the manifest it goes by.
        place: where the service of that is in truth.
        speed: how many seconds of the manifest pass in one.

    Attributes:
        pods: those that are meant to be there.
        ended: those that were told to end, and how many turns each ran then.
        scaled: each change of their number.
        errors: how often the number could not be had.
    """

    def __init__(self, household: Household, scaled: ScaledObject, place: tuple[str, int], speed: float) -> None:
        self._household = household
        self._place = place
        self._speed = speed
        self._keda = Keda(scaled, lambda: scaled.trigger.ask(self._fetch))
        self._began = time.monotonic()
        self._next_poll = self._next_sync = 0.0
        self.pods: list[Program] = []
        self.ended: list[tuple[Program, int]] = []
        self.scaled: list[Scaled] = []
        self.errors = 0

    def until(self, condition: Callable[[], object], timeout: float = 20.0, *, message: str) -> None:
        """Let time pass until something is so."""
        wait_until(lambda: self._has_ticked() and condition(), timeout, message=message)

    @property
    def now(self) -> float:
        """How late it is, in seconds of the manifest."""
        return (time.monotonic() - self._began) * self._speed

    def _has_ticked(self) -> bool:
        """Do what is due."""
        now = self.now
        if now >= self._next_poll:
            self._next_poll = now + self._keda.scaled.polling
            self._scale(self._keda.poll(now, len(self.pods)))
        if now >= self._next_sync:
            self._next_sync = now + SYNC_EVERY
            self._scale(self._keda.sync(now, len(self.pods)))
        assert all(pod.is_running for pod in self.pods), "a deployment would start it again at once"
        return True

    def _scale(self, wanted: int) -> None:
        self.errors += self._keda.failures > 0
        if wanted != len(self.pods):
            self.scaled.append(Scaled(len(self.pods), wanted, self._keda.failures))
        while len(self.pods) < wanted:
            self.pods.append(self._household.tt("worker", "--idle-timeout", "0"))
        if len(self.pods) > wanted:
            self._end(len(self.pods) - wanted)

    def _end(self, count: int) -> None:
        """End so many as a ReplicaSet does: those first that cost least, and of these the newest."""
        standings = {each.worker.pid: each for each in self._household.town.workers.standings()}
        turns = {pid: each.turns for pid, each in standings.items()}
        cost = {pid: cost_of(each.turns, draining=each.state is WorkerState.DRAINING) for pid, each in standings.items()}
        newest_first = self.pods[::-1]
        for pod in sorted(newest_first, key=lambda pod: cost.get(pod.pid, 0))[:count]:
            self.pods.remove(pod)
            self.ended.append((pod, turns.get(pod.pid, 0)))
            pod.signal(signal.SIGTERM)

    def _fetch(self, url: str, headers: Mapping[str, str]) -> tuple[int, bytes]:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(*self._place, timeout=PATIENCE)
        try:
            connection.request("GET", parts.path, headers={**headers, "Host": parts.netloc})
            answer = connection.getresponse()
            return answer.status, answer.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
