"""What a town costs at rest, and how long one that has no worker takes to begin a turn."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path

from tests.acceptance.townhall import free_port
from tests.bench.figure import Figure, percentile
from tests.bench.memory import SETTLE, weight
from tests.bench.place import Place, pause
from tests.waiting import wait_until
from tinytown.domain.ids import TaskId
from tinytown.domain.task import TaskState
from tinytown.town import Town

__all__ = ["measure"]

RUNS = 7
WAKE_GOAL, ALWAYS_ON_GOAL, WORKER_GOAL = 3.0, 256.0, 90.0


def measure() -> list[Figure]:
    """A townhall and a clock that are always there, and workers that come when there is something to do."""
    with Place() as place, place.town() as town:
        port = free_port()
        townhall = place.tt("townhall", "--port", str(port))
        clock = place.tt("clock")
        wait_until(lambda: _answers(port) and town.leader()[0] is not None, timeout=30)
        town.spawn("ada", cli="shell")
        woken = sorted(_wake(place, town, port) for _ in range(RUNS))
        figures = [
            _figure("task posted to turn begun, from no worker, p50", percentile(woken, 50), "s", WAKE_GOAL),
            _figure("the slowest of them", woken[-1], "s", WAKE_GOAL),
        ]
        if Path("/proc/self/smaps_rollup").exists():  # only Linux says it
            worker = place.tt("worker", "--idle-timeout", "0")
            wait_until(town.workers.all, timeout=30)
            pause(SETTLE)
            figures += [
                _figure("townhall and clock together, idle", _pss(townhall.pid) + _pss(clock.pid), "MB", ALWAYS_ON_GOAL, "PSS"),
                _figure("a worker, idle", _pss(worker.pid), "MB", WORKER_GOAL, "PSS, its guard with it"),
            ]
        return figures


def _wake(place: Place, town: Town, port: int) -> float:
    """Seconds from the request that gives a task to the turn that has begun on it, by a worker that is started then."""
    began = time.monotonic()
    task = TaskId(_post(port, {"agent": "ada", "task": "true"}))
    worker = place.tt("worker", "--idle-timeout", "0")
    wait_until(lambda: town.tasks.get(task).state in {TaskState.RUNNING, TaskState.COMPLETED}, timeout=30, every=0.005)
    took = time.monotonic() - began
    wait_until(lambda: town.tasks.get(task).state is TaskState.COMPLETED, timeout=30)
    place.end(worker)
    return took


def _post(port: int, data: object) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/v1/tasks/assign", json.dumps(data), {"Content-Type": "application/json"})
    return str(json.loads(connection.getresponse().read())["task_id"])


def _answers(port: int) -> bool:
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False


def _pss(master: int) -> float:
    """Megabytes of a process and of those it has started."""
    children = [int(word) for word in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
    return sum(weight(process)[0] for process in (master, *children))


def _figure(name: str, value: float, unit: str, goal: float | None = None, note: str = "") -> Figure:
    return Figure(section="zero", name=name, value=value, unit=unit, goal=goal, note=note)
