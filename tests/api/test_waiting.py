"""Waiting for the end of a task over HTTP: bounded in time, and in how many may do it."""

from __future__ import annotations

import threading
import time

import pytest
from falcon.testing import Result, TestClient

from tests.api.asking import ask, expect_problem
from tests.cli.at_work import deliver
from tests.waiting import wait_until
from tinytown.api.app import create_app
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture(autouse=True)
def _agent(town: Rehearsal) -> None:
    town.spawn("ada", cli="shell")


def test_waiting_answers_with_the_end_or_says_that_there_was_none(town: Rehearsal, client: TestClient) -> None:
    """A wait that timed out could not be told from one that did not."""
    task = deliver(town, "ada", "x")

    vain = ask(client, f"GET /v1/tasks/{task.id}/wait?timeout_secs=0.02")
    town.tasks.complete(task.id, "done")
    ended = ask(client, f"GET /v1/tasks/{task.id}/wait?timeout_secs=5")

    assert (vain.status_code, vain.json["state"]) == (202, "assigned")
    assert (ended.status_code, ended.json["state"], ended.json["result"]) == (200, "completed", "done")


def test_a_wait_never_outlasts_its_request() -> None:
    town = rehearse(townhall={"request_timeout_ms": 1100})
    client = TestClient(create_app(town, started_at=time.monotonic()))
    task = town.assign("auto", "x")
    begun = time.monotonic()

    waited = ask(client, f"GET /v1/tasks/{task.id}/wait?timeout_secs=300")
    refused = ask(client, f"GET /v1/tasks/{task.id}/wait?timeout_secs=301")

    assert waited.status_code == 202
    assert time.monotonic() - begun < 5
    assert expect_problem(refused, 422, "validation")["errors"][0]["parameter"] == "timeout_secs"


def test_so_many_may_wait_and_the_others_come_back_later() -> None:
    """Each that waits holds a thread; all of them must not."""
    town = rehearse(townhall={"waiting_requests": 1})
    app = create_app(town, started_at=time.monotonic())
    task = town.assign("auto", "x")
    answers: list[Result] = []

    def wait() -> None:
        while not answers or answers[-1].status_code == 503:  # while the other has the place
            answers.append(ask(TestClient(app), f"GET /v1/tasks/{task.id}/wait?timeout_secs=20"))

    waiter = threading.Thread(target=wait)
    waiter.start()

    def refused() -> bool:
        return ask(TestClient(app), f"GET /v1/tasks/{task.id}/wait?timeout_secs=0.05").status_code == 503

    wait_until(refused)
    busy = ask(TestClient(app), f"GET /v1/tasks/{task.id}/wait?timeout_secs=0.05")
    at_once = ask(TestClient(app), f"GET /v1/tasks/{task.id}/wait?timeout_secs=0")
    town.tasks.cancel(task.id)
    waiter.join(10)

    expect_problem(busy, 503, "busy")
    assert busy.headers["retry-after"] == "5"
    assert at_once.status_code == 202
    assert answers[-1].status_code == 200
    assert ask(TestClient(app), f"GET /v1/tasks/{task.id}/wait").status_code == 200
