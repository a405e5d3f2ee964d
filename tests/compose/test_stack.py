"""A town in containers: work is done, workers leave and come, and nothing is lost when containers die."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.compose.engine import docker, inspect
from tests.compose.stack import SOON, Stack
from tests.waiting import wait_until

pytestmark = pytest.mark.timeout(400)

TOWNHALL_MB = 200
SAYS_WHERE = "cat /etc/hostname"


@pytest.fixture
def agent(stack: Stack) -> Iterator[str]:
    """An agent that runs shell commands; the workers of the test are gone afterwards."""
    name = f"ada-{uuid4().hex[:6]}"
    stack.post("/v1/agents", {"name": name, "cli": "shell"})
    yield name
    stack.remove_workers()


def test_a_task_is_completed_by_the_worker_container(stack: Stack, agent: str) -> None:
    (worker,) = stack.start_workers(1)

    done = stack.await_task(stack.assign(agent, SAYS_WHERE))

    assert done["result"].strip() == worker[:12]
    assert inspect(worker)["Config"]["User"] == "10001:10001"


def test_an_idle_worker_leaves_with_0_and_the_next_task_asks_for_another(stack: Stack, agent: str) -> None:
    (worker,) = stack.start_workers(1)
    stack.await_task(stack.assign(agent, "true"))

    wait_until(lambda: not inspect(worker)["State"]["Running"], SOON, 0.2, message="the worker to leave")

    assert inspect(worker)["State"]["ExitCode"] == 0
    assert stack.get(f"/v1/agents/{agent}")["state"] == "stopped"
    assert stack.get("/api/scaling")["queue_depth"] == 0
    assert stack.get("/api/scaling")["workers"]["idle"] == 0

    task = stack.assign(agent, SAYS_WHERE)
    told = stack.get("/api/scaling")
    stack.start_workers(2)
    done = stack.await_task(task)

    assert told["scaling_recommendation"] == "scale_up"
    assert told["desired_workers"] == 1
    assert done["result"].strip() in {each[:12] for each in stack.running("agent-worker")}


def test_a_second_worker_shares_the_work(stack: Stack, agent: str) -> None:
    other = f"{agent}-2"
    stack.post("/v1/agents", {"name": other, "cli": "shell"})
    stack.start_workers(2)

    wait_until(lambda: stack.get("/api/scaling")["workers"]["idle"] == 2, SOON, 0.2, message="two workers on the list")
    tasks = [stack.assign(name, SAYS_WHERE) for name in (agent, other)]

    assert all(stack.await_task(task)["state"] == "completed" for task in tasks)


def test_a_worker_container_killed_in_mid_turn_loses_nothing(stack: Stack, agent: str) -> None:
    begun, go = f"/workspace/{agent}.begun", f"/workspace/{agent}.go"
    (killed,) = stack.start_workers(1)
    task = stack.assign(agent, f"touch {begun}; until [ -e {go} ]; do sleep 0.1; done; {SAYS_WHERE}")
    following = stack.assign(agent, "echo the next one")
    wait_until(lambda: _exists(killed, begun), SOON, 0.2, message="the turn to be under way")

    docker("kill", "--signal", "KILL", killed)
    stack.remove_workers()
    (successor,) = stack.start_workers(1)
    docker("exec", successor, "touch", go)
    done = stack.await_task(task)

    assert done["result"].strip() == successor[:12]
    assert stack.await_task(following)["result"].strip() == "the next one"


def test_each_worker_has_a_clone_of_its_own_where_a_repository_is_named(stack: Stack, agent: str) -> None:
    (first,) = stack.start_workers(1)
    origin = f"/workspace/{agent}.git"
    as_somebody = "-c user.name=Ada -c user.email=ada@example.org"
    docker("exec", first, "sh", "-c", f"git init -q {origin} && cd {origin} && git {as_somebody} commit -q --allow-empty -m begun")
    stack.remove_workers()

    workers = stack.start_workers(2, TINYTOWN_REPO_URL=f"file://{origin}", TINYTOWN_TOWN_DIR="/checkout")
    done = stack.await_task(stack.assign(agent, "git log --format=%s; touch made-here; pwd"))

    assert done["result"].split() == ["begun", "/checkout"]
    assert sorted(_exists(worker, "/checkout/made-here") for worker in workers) == [False, True]


def test_redis_killed_and_started_on_its_volume_loses_nothing(stack: Stack, agent: str) -> None:
    begun, go = f"/workspace/{agent}.begun", f"/workspace/{agent}.go"
    (worker,) = stack.start_workers(1)
    task = stack.assign(agent, f"touch {begun}; until [ -e {go} ]; do sleep 0.1; done; echo carried on")
    waiting = stack.assign(agent, "echo still there")
    wait_until(lambda: _exists(worker, begun), SOON, 0.2, message="the turn to be under way")

    docker("kill", "--signal", "KILL", stack.only("redis"))
    wait_until(lambda: stack.ask("GET", "/api/scaling").status == 503, SOON, 0.2, message="townhall to say that Redis is away")
    docker("start", stack.only("redis"))
    docker("exec", worker, "touch", go)

    assert stack.await_task(task)["result"].strip() == "carried on"
    assert stack.await_task(waiting)["result"].strip() == "still there"


def test_only_those_who_have_the_key_are_let_in(stack: Stack) -> None:
    container = stack.only("townhall")

    mode = docker("exec", container, "stat", "--format", "%a %u", "/var/lib/tinytown/townhall-api-key")

    assert mode == "600 10001"
    assert stack.ask("GET", "/v1/status", key="a-guess-of-some-length").status == 401
    assert stack.ask("GET", "/v1/status").status == 200
    assert stack.key not in docker("logs", container)


def test_the_image_of_townhall_holds_no_more_than_it_needs(stack: Stack) -> None:
    container = inspect(stack.only("townhall"))
    image = inspect(container["Image"], kind="image")

    programs = docker("exec", container["Id"], "sh", "-c", "command -v cc gcc g++ make pip git; true")
    writes = docker("exec", container["Id"], "sh", "-c", "touch /opt/tinytown/x /etc/x /workspace/x; true", check=False)

    assert programs == ""
    assert writes == ""
    assert container["HostConfig"]["ReadonlyRootfs"]
    assert docker("exec", container["Id"], "sh", "-c", "ls /opt/tinytown/x /etc/x /workspace/x 2>/dev/null | wc -l") == "0"
    assert docker("exec", container["Id"], "id", "--user") == "10001"
    assert image["Size"] <= TOWNHALL_MB * 1_000_000


def test_the_same_commands_work_inside(stack: Stack, agent: str) -> None:
    said = docker("exec", stack.only("clock"), "tt", "list")

    assert agent in said


def _exists(container: str, path: str) -> bool:
    return docker("exec", container, "sh", "-c", f"[ -e {path} ] && echo yes; true") == "yes"
