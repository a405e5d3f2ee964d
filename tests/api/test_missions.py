"""Missions over HTTP: every operation is declared, and says that it cannot be done yet."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tinytown.api.resources.missions import missions
from tinytown.domain.scope import Scope

START = {"objectives": [{"type": "issue", "owner": "acme", "repo": "shop", "number": 7}, {"type": "doc", "path": "plan.md"}]}
BODIES = {"startMission": START, "updateWorkItem": {"status": "done", "artifacts": ["a"]}, "snoozeWatch": {"duration_secs": 60}}

PUBLISHED = {
    "GET /v1/missions": "listMissions",
    "POST /v1/missions": "startMission",
    "GET /v1/missions/{mission_id}": "getMissionStatus",
    "DELETE /v1/missions/{mission_id}": "deleteMission",
    "POST /v1/missions/{mission_id}/resume": "resumeMission",
    "POST /v1/missions/{mission_id}/stop": "stopMission",
    "POST /v1/missions/{mission_id}/complete": "completeMission",
    "POST /v1/missions/{mission_id}/fail": "failMission",
    "GET /v1/missions/{mission_id}/work": "listWorkItems",
    "GET /v1/missions/{mission_id}/work/{work_item_id}": "getWorkItem",
    "PATCH /v1/missions/{mission_id}/work/{work_item_id}": "updateWorkItem",
    "GET /v1/missions/{mission_id}/watches": "listWatchItems",
    "POST /v1/missions/{mission_id}/watches/{watch_id}/snooze": "snoozeWatch",
    "GET /v1/missions/{mission_id}/events": "getMissionEvents",
}


def test_all_that_was_published_is_declared() -> None:
    declared = {f"{operation.method} {operation.path}": operation.id for operation in missions.operations}

    assert declared == PUBLISHED


@pytest.mark.parametrize("call", PUBLISHED)
def test_what_cannot_be_done_yet_says_so(call: str, client: TestClient) -> None:
    """Nine operations were documented, and answered 404 or 405."""
    filled = call.replace("{", "").replace("}", "")

    refused = ask(client, filled, BODIES.get(PUBLISHED[call]))

    assert PUBLISHED[call] in expect_problem(refused, 501, "not_implemented")["detail"]


def test_reading_and_changing_need_what_they_need() -> None:
    for operation in missions.operations:
        assert operation.scope is (Scope.TOWN_READ if operation.method == "GET" else Scope.AGENT_MANAGE), operation.id


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("POST /v1/missions", {"objectives": []}),
        ("POST /v1/missions", {"objectives": [{"type": "wish"}]}),
        ("POST /v1/missions", {**START, "policy": {"max_parallel_items": 0}}),
        ("POST /v1/missions/m/watches/w/snooze", {"duration_secs": 59}),
        ("PATCH /v1/missions/m/work/w", {"status": "finished"}),
        ("GET /v1/missions/m/events?limit=101", None),
        ("GET /v1/missions/m/work?status=Done", None),
    ],
)
def test_what_will_never_be_taken_is_refused_today(call: str, body: object, client: TestClient) -> None:
    expect_problem(ask(client, call, body), 422, "validation")
