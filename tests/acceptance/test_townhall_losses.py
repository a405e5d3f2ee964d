"""`townhall` ends well, and outlives its Redis and its workers."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from tests.acceptance.halls import Hall
from tests.acceptance.household import Household
from tests.redis_server.processes import is_running, kill
from tests.server import Server
from tests.waiting import wait_until
from tinytown.runtime.notice import notice_of


def test_a_request_under_way_is_answered_before_it_ends(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky)
    asked = _while_redis_is_frozen(hall, own_server)

    hall.program.signal(signal.SIGTERM)
    wait_until(lambda: _refuses(hall), 5)
    own_server.cont_signal()

    assert b" 200 OK" in asked()
    assert hall.program.status(10) == 0
    assert notice_of(shaky.folder) is None


def test_ctrl_c_in_its_terminal_lets_requests_finish_too(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky)
    asked = _while_redis_is_frozen(hall, own_server)

    for pid in (hall.program.pid, *hall.workers):  # a terminal sends it to all of them
        os.kill(pid, signal.SIGINT)
    wait_until(lambda: _refuses(hall), 5)
    own_server.cont_signal()

    assert b" 200 OK" in asked()
    assert hall.program.status(10) == 0


def test_silent_callers_do_not_hold_up_its_end(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    with socket.create_connection(hall.place, 5), socket.create_connection(hall.place, 5) as halfway:
        halfway.sendall(b"GET /hea")

        assert hall.program.terminated(8) == 0


def test_a_hang_up_gets_new_workers_and_loses_nothing(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    before = hall.workers

    hall.program.signal(signal.SIGHUP)
    answers = [hall.get("/health").status for _ in range(20)]
    wait_until(lambda: before.isdisjoint(hall.workers) and hall.workers, 10)

    assert set(answers) == {200}
    assert hall.get("/health").status == 200
    assert hall.program.terminated() == 0


def test_a_worker_that_dies_is_replaced(household: Household) -> None:
    hall = Hall(household, env={"TINYTOWN_TOWNHALL__WORKERS": "2"})
    hall.get("/health")
    wait_until(lambda: len(hall.workers) == 2)
    before = hall.workers

    for pid in before:
        kill(pid)
    wait_until(lambda: len(hall.workers) == 2 and before.isdisjoint(hall.workers), 10)

    assert hall.get("/health").status == 200
    assert not any(is_running(pid) for pid in before), "no zombie stays"


def test_nothing_goes_on_when_the_master_is_killed(household: Household) -> None:
    hall = Hall(household)
    hall.get("/health")
    workers = hall.workers

    hall.program.kill()

    wait_until(lambda: not any(is_running(pid) for pid in workers), 5)
    assert notice_of(household.folder) is None


def test_it_starts_without_redis_and_serves_when_that_comes(shaky: Household, own_server: Server) -> None:
    own_server.stop()
    hall = Hall(shaky)

    health, ready = hall.get("/health"), hall.get("/ready")
    hall.program.says("waiting for Redis")
    own_server.start()
    wait_until(lambda: hall.get("/ready").status == 200, 10)

    assert health.status == 200
    assert ready.status == 503
    own_server.restart()
    wait_until(lambda: hall.get("/ready").status == 200, 10)


def test_a_frozen_redis_costs_no_more_than_the_time_of_a_request(shaky: Household, own_server: Server) -> None:
    hall = Hall(shaky, env={"TINYTOWN_TOWNHALL__REQUEST_TIMEOUT_MS": "700"})
    assert hall.get("/ready").status == 200

    own_server.stop_signal()
    answer = hall.get("/ready", timeout=3)
    own_server.cont_signal()

    assert answer.status == 503
    assert hall.get("/ready").status == 200


def test_a_redis_of_its_own_is_started(homestead: Household) -> None:
    hall = Hall(homestead)

    assert hall.get("/ready").status == 200


def _while_redis_is_frozen(hall: Hall, server: Server) -> Callable[[], bytes]:
    """Begin a request that cannot be answered until Redis thaws; answers how to get the first line of its answer."""
    assert hall.get("/ready").status == 200
    server.stop_signal()
    caller = socket.create_connection(hall.place, 5)
    caller.sendall(b"GET /ready HTTP/1.0\r\nHost: localhost\r\n\r\n")
    ends = f":{hall.place[1]:04X} 0100007F:{caller.getsockname()[1]:04X} "
    wait_until(lambda: any(ends in line and ":00000000 " in line for line in Path("/proc/net/tcp").read_text().splitlines()), 5)

    def answer() -> bytes:
        with caller, caller.makefile("rb") as lines:
            return lines.readline()

    return answer


def _refuses(hall: Hall) -> bool:
    try:
        socket.create_connection(hall.place, 1).close()
    except ConnectionRefusedError:
        return True
    return False
