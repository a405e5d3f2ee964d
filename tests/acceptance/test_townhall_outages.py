"""Redis stopped, frozen, restarted, full or slow while requests come: the right answers, recovery, nothing lost."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.acceptance.household import QUICK, Household
from tests.acceptance.townhall import Answer, Townhall
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.task import TaskState

LIMIT = 2.0
READS = ["/ready", "/api/scaling", "/metrics", "/v1/town", "/v1/status", "/v1/agents", "/v1/agents/ada", "/v1/tasks", "/v1/tasks/pending",
         "/v1/backlog", "/v1/agents/ada/inbox", "/v1/dead-letters", "/v1/events?wait_secs=1"]  # fmt: skip
WRITES = {
    "/v1/agents": {"name": "late"},
    "/v1/tasks/assign": {"agent": "ada", "task": "echo late"},
    "/v1/backlog": {"description": "late"},
    "/v1/messages/send": {"to": "ada", "message": "late"},
    "/v1/recover": None,
}
NEEDS_NO_REDIS = {"/v1/town"}


@pytest.fixture
def townhall(shaky: Household) -> Townhall:
    """A townhall with a short time limit, in a town whose Redis the test may hurt."""
    limits = f"\n[townhall]\nrequest_timeout_ms = {int(LIMIT * 1000)}\nthreads = 32\n"
    (shaky.folder / "tinytown.toml").write_text(QUICK + limits)
    shaky.spawn("ada")
    return Townhall(shaky)


def check_unavailable(answer: Answer, path: str) -> None:
    """Fail unless that is 503 with the time to come again, as a document, and without a zero."""
    assert answer.status == 503, (path, answer)
    assert int(answer.headers["retry-after"]) >= 1
    if path == "/metrics":
        assert b"tinytown_ready 0" in answer.body
        assert b"tinytown_tasks_pending" not in answer.body
    elif path != "/ready":
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.json["code"] == "redis_unavailable"
        assert b"redis.sock" not in answer.body


def ask_everything(townhall: Townhall) -> dict[str, tuple[Answer, float]]:
    """Every answer, with the seconds that it took."""

    def timed(path: str) -> tuple[Answer, float]:
        began = time.monotonic()
        answer = townhall.post(path, WRITES[path]) if path in WRITES else townhall.get(path)
        return answer, time.monotonic() - began

    paths = [*READS, *WRITES]
    with ThreadPoolExecutor(len(paths)) as pool:
        return dict(zip(paths, pool.map(timed, paths), strict=True))


@pytest.mark.parametrize("hurt", ["stopped", "frozen"])
def test_without_redis_everything_is_503_in_time_and_comes_back(townhall: Townhall, own_server: Server, hurt: str) -> None:
    before = townhall.get("/v1/agents/ada").json
    own_server.kill() if hurt == "stopped" else own_server.stop_signal()

    answers = ask_everything(townhall)
    alive = townhall.get("/health")
    own_server.start() if hurt == "stopped" else own_server.cont_signal()
    wait_until(lambda: townhall.get("/ready").status == 200, 10)

    for path, (answer, seconds) in answers.items():
        if path not in NEEDS_NO_REDIS:
            check_unavailable(answer, path)
        assert seconds < LIMIT + 1, path
    assert alive.status == 200
    assert townhall.get("/v1/agents/ada").json == before


def test_what_was_accepted_outlives_a_restart_of_redis(townhall: Townhall, shaky: Household, own_server: Server) -> None:
    def assign(number: int) -> Answer:
        return townhall.post("/v1/tasks/assign", {"agent": "ada", "task": f"echo {number}"}, headers={"Idempotency-Key": f"task {number}"})

    with ThreadPoolExecutor(4) as pool:
        first = list(pool.map(assign, range(20)))
        own_server.restart()
        wait_until(lambda: townhall.get("/ready").status == 200, 10)
        again = list(pool.map(assign, range(20)))

    assert {answer.status for answer in first + again} == {201}
    ids = {answer.json["task_id"] for answer in first}
    assert ids == {answer.json["task_id"] for answer in again}
    assert {task.id for task in shaky.town.tasks.matching(TaskState.PENDING, limit=100)} == ids


def test_a_full_redis_refuses_changes_and_still_shows_everything(townhall: Townhall, own_server: Server) -> None:
    own_server.say("CONFIG SET maxmemory 1")

    refused = townhall.post("/v1/backlog", {"description": "one too many"})
    shown = townhall.get("/v1/agents/ada")
    own_server.say("CONFIG SET maxmemory 0")
    accepted = townhall.post("/v1/backlog", {"description": "now there is room"})

    check_unavailable(refused, "/v1/backlog")
    assert shown.status == 200
    assert accepted.status == 201
    assert townhall.get("/v1/backlog").json["count"] == 1


def test_a_slow_redis_makes_slow_answers_and_no_errors(townhall: Townhall, own_server: Server) -> None:
    own_server.say("CLIENT PAUSE 700 ALL")

    began = time.monotonic()
    answer = townhall.get("/v1/agents/ada")

    assert answer.status == 200
    assert 0.3 < time.monotonic() - began < LIMIT + 1
