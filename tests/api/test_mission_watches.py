"""Watches over HTTP: what they saw is told, and nobody's word is passed off as what they saw."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.api.missioning import add_pull, begin, submit, view
from tinytown.domain.pull_request import CheckState
from tinytown.domain.watch import Watch, WatchKind
from tinytown.testing import Rehearsal


@pytest.fixture
def mission(town: Rehearsal, client: TestClient) -> str:
    """One with a pull request whose check has not finished."""
    town.spawn("ada", cli="shell")
    mission = begin(town, client, "")
    add_pull(town, state=CheckState.PENDING)
    submit(town, mission)
    return mission


def checks(town: Rehearsal, mission: str) -> Watch:
    """What watches the checks."""
    return next(watch for watch in view(town, mission).watches if watch.kind is WatchKind.PR_CHECKS)


def test_watches_are_listed_with_what_they_saw(town: Rehearsal, client: TestClient, mission: str) -> None:
    every = ask(client, f"GET /v1/missions/{mission}/watches").json
    done = ask(client, f"GET /v1/missions/{mission}/watches?status=done").json

    assert (every["mission_id"], every["count"]) == (mission, 4)
    assert {watch["kind"] for watch in every["watches"]} == set(WatchKind)
    shown = next(watch for watch in every["watches"] if watch["kind"] == "pr_checks")
    kept = checks(town, mission)
    assert (shown["target_ref"], shown["head"], shown["finding"]) == ("acme/shop#17", "c1", kept.finding)
    assert (shown["last_error"], shown["override"], shown["superseded"], shown["consecutive_failures"]) == (None, None, False, 0)
    assert done["count"] == sum(watch["status"] == "done" for watch in every["watches"])
    assert shown["id"] not in {watch["id"] for watch in done["watches"]}


def test_a_watch_is_looked_at_later(town: Rehearsal, client: TestClient, mission: str) -> None:
    watch = checks(town, mission)

    snoozed = ask(client, f"POST /v1/missions/{mission}/watches/{watch.id[:8]}/snooze", {"duration_secs": 3600}).json

    assert (snoozed["status"], snoozed["next_due_at"]) == ("snoozed", "2026-01-01T01:00:00Z")


def test_a_watch_is_overridden_on_somebodys_word_and_shows_what_it_saw(town: Rehearsal, client: TestClient, mission: str) -> None:
    """Resuming marked all watches as done, and checks nobody had seen as good."""
    watch = checks(town, mission)
    ask(client, f"POST /v1/missions/{mission}/resume")
    resumed = checks(town, mission)

    path = f"/v1/missions/{mission}/watches/{watch.id}/override"
    overridden = ask(client, f"POST {path}", {"reason": "the runner is broken"}).json

    assert (resumed.status, resumed.override) == (watch.status, None)
    assert overridden["override"] == {"by": "operator", "at": "2026-01-01T00:00:00Z", "reason": "the runner is broken"}
    assert overridden["finding"] == watch.finding


def test_an_override_needs_a_reason(town: Rehearsal, client: TestClient, mission: str) -> None:
    path = f"/v1/missions/{mission}/watches/{checks(town, mission).id}/override"

    expect_problem(ask(client, f"POST {path}"), 415, "unsupported_media_type")
    expect_problem(ask(client, f"POST {path}", {}), 422, "validation")
    problem = expect_problem(ask(client, f"POST {path}", {"reason": "  "}), 422, "invalid_value")

    assert problem["errors"][0]["pointer"] == "/reason"
    assert checks(town, mission).override is None


def test_a_watch_that_is_not_there_is_not_found(client: TestClient, mission: str) -> None:
    for step, body in (("snooze", {"duration_secs": 60}), ("override", {"reason": "why not"})):
        expect_problem(ask(client, f"POST /v1/missions/{mission}/watches/none/{step}", body), 404, "watch_not_found")


def test_what_has_ended_is_not_looked_at_again(town: Rehearsal, client: TestClient, mission: str) -> None:
    watch = checks(town, mission)
    ask(client, f"POST /v1/missions/{mission}/complete")

    for step, body in (("snooze", {"duration_secs": 60}), ("override", {"reason": "why not"})):
        expect_problem(ask(client, f"POST /v1/missions/{mission}/watches/{watch.id}/{step}", body), 409, "wrong_state")
