"""What townhall answers, how fast, in towns of three sizes; how many requests a second; and what it weighs."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from tests.bench import crowd
from tests.bench.figure import Figure, percentile
from tests.bench.memory import weight
from tests.bench.place import Place, pause
from tests.waiting import wait_until
from tinytown.domain.scope import Scope
from tinytown.town import Town

__all__ = ["measure"]

AGENTS = 1_000
SIZES = (0, 10_000, 100_000)
RUNS, REQUESTS, WARM_UP = 5, 400, 60
GOAL_MS, FLAT = 5.0, 1.2
CALLERS, SPAN = 4, 4.0
PLAIN = "[townhall.rate_limit]\nenabled = false\n"
KEYED = f'{PLAIN}[townhall.auth]\nmode = "api_key"\n'


def measure() -> list[Figure]:
    """Latencies by the number of tasks, then rates without and with a key."""
    return [*_latencies(), *_rates()]


def _latencies() -> Iterator[Figure]:
    medians: dict[str, list[float]] = {"/api/scaling": [], "/v1/status": []}
    for size in SIZES:
        with Place(PLAIN) as place, place.town() as town:
            crowd.fill(town, agents=AGENTS, tasks=size)
            with _townhall(place) as (port, pid):
                for path, found in medians.items():
                    runs = [_timed(port, path) for _ in range(RUNS)]
                    spans = [span for run in runs for span in run]
                    found.append(min(percentile(run, 50) for run in runs))  # what else the machine does comes and goes
                    goal = GOAL_MS if path == "/api/scaling" else None
                    yield _figure(
                        f"{path} at {size:,} tasks, p99",
                        percentile(spans, 99),
                        "ms",
                        goal,
                        note=f"p50 {found[-1]:.3g} ms, in the quietest of {RUNS} runs",
                    )
                pause(1.0)
                yield from _weighed(f"townhall at {size:,} tasks", pid)
    scaling = medians["/api/scaling"]
    yield _figure("/api/scaling, slowest median beside the fastest", max(scaling) / min(scaling), "x", FLAT)


def _weighed(name: str, master: int) -> Iterator[Figure]:
    if Path("/proc/self/smaps_rollup").exists():  # only Linux says it
        workers = [int(word) for word in Path(f"/proc/{master}/task/{master}/children").read_text().split()]
        weights = [weight(process) for process in (master, *workers)]
        pss, rss = (sum(of_each) for of_each in zip(*weights, strict=True))
        yield _figure(name, pss, "MB", note=f"PSS of {len(weights)} processes; RSS {rss:.3g} MB")


def _rates() -> Iterator[Figure]:
    for name, settings in (("without a key", PLAIN), ("with a key", KEYED)):
        with Place(settings) as place, place.town() as town:
            headers = {} if settings is PLAIN else {"Authorization": f"Bearer {_key(town)}"}
            with _townhall(place) as (port, _):
                yield _figure(f"GET /v1/town, {name}", _rate(port, headers), "/s", note=f"{CALLERS} callers on the same cores")


def _figure(name: str, value: float, unit: str, goal: float | None = None, *, note: str = "") -> Figure:
    return Figure(section="townhall", name=name, value=value, unit=unit, goal=goal, better="more" if unit == "/s" else "less", note=note)


def _key(town: Town) -> str:
    return town.api_keys.create("bench", scopes=[Scope.TOWN_READ]).text


@contextmanager
def _townhall(place: Place) -> Iterator[tuple[int, int]]:
    """A townhall on a free port, and the process id of its master."""
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    process = place.tt("townhall", "--port", str(port))
    wait_until(lambda: _answers(port), timeout=30, message="townhall to answer")
    yield port, process.pid
    place.end(process)


def _answers(port: int) -> bool:
    try:
        return bool(_timed(port, "/health", requests=1, warm_up=0))
    except OSError:
        return False


def _timed(port: int, path: str, *, requests: int = REQUESTS, warm_up: int = WARM_UP) -> list[float]:
    """Milliseconds from request to whole answer, one after the other on one connection."""
    spans: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    for number in range(warm_up + requests):
        began = time.perf_counter()
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, f"{path} answered {answer.status}"
        if number >= warm_up:
            spans.append((time.perf_counter() - began) * 1000)
    connection.close()
    return spans


def _rate(port: int, headers: dict[str, str]) -> float:
    """Requests a second of several callers that do not pause."""
    done: list[int] = []

    def call() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        until, count = time.perf_counter() + SPAN, 0
        while time.perf_counter() < until:
            connection.request("GET", "/v1/town", headers=headers)
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 200, f"it answered {answer.status}"
            count += 1
        connection.close()
        done.append(count)

    callers = [Thread(target=call) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(done) == CALLERS
    return sum(done) / SPAN
