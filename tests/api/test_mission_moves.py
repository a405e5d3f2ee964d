"""Pausing, stopping, ending and forgetting missions over HTTP: a wrong state is a conflict, whatever is asked."""

from __future__ import annotations

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.api.missioning import begin, submit, view
from tinytown.domain.mission import Hold, MissionState
from tinytown.domain.work_item import WorkStatus
from tinytown.testing import Rehearsal

STEPS = {
    "pause": ("paused", "running", "blocked"),
    "resume": ("already_running", "running", "running"),
    "stop": ("stopped", "running", "blocked"),
    "complete": ("completed", "running", "completed"),
}


@pytest.fixture
def mission(town: Rehearsal, client: TestClient) -> str:
    """One that runs, with two items of which the second waits for the first."""
    town.spawn("ada", cli="shell")
    return begin(town, client, "", "Depends on #1.")


@pytest.mark.parametrize("step", STEPS)
def test_a_mission_that_runs_can_be_moved(step: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    status, before, after = STEPS[step]

    moved = ask(client, f"POST /v1/missions/{mission}/{step}")

    assert moved.json["mission"]["state"] == after
    assert (moved.json["mission_id"], moved.json["status"]) == (mission, status)
    assert (moved.json["previous_state"], moved.json["new_state"]) == (before, after)
    assert view(town, mission).mission.state == after


@pytest.mark.parametrize("step", [*STEPS, "fail", "notes", "retry", "approve"])
@pytest.mark.parametrize("end", ["complete", "fail", "stop"])
def test_nothing_moves_a_mission_that_has_ended(step: str, end: str, town: Rehearsal, client: TestClient, mission: str) -> None:
    """Completed missions could be stopped, and resumed then; what guarded one surface did not guard another."""
    assert ask(client, f"POST /v1/missions/{mission}/{end}", {"force": True} if end == "stop" else None).status_code == 200
    before = view(town, mission)

    refused = ask(client, f"POST /v1/missions/{mission}/{step}", {"body": "resume"} if step == "notes" else None)

    expect_problem(refused, 409, "wrong_state")
    assert view(town, mission) == before


def test_a_paused_mission_is_paused_once_and_resumed(town: Rehearsal, client: TestClient, mission: str) -> None:
    ask(client, f"POST /v1/missions/{mission}/pause", {"reason": "a holiday"})
    shown = ask(client, f"GET /v1/missions/{mission}").json["mission"]

    expect_problem(ask(client, f"POST /v1/missions/{mission}/pause"), 409, "wrong_state")
    resumed = ask(client, f"POST /v1/missions/{mission}/resume").json

    assert (shown["state"], shown["hold"], shown["blocked_reason"]) == ("blocked", "paused", "paused by operator: a holiday")
    assert (resumed["status"], resumed["previous_state"], resumed["new_state"]) == ("resumed", "blocked", "running")
    assert view(town, mission).mission.hold is None


def test_a_stopped_mission_has_nobody_at_work_and_can_be_resumed(town: Rehearsal, client: TestClient, mission: str) -> None:
    """Stopping left tasks with their agents, which went on."""
    town.answer_bells(most=2)
    assert view(town, mission).items[0].status is WorkStatus.ASSIGNED

    ask(client, f"POST /v1/missions/{mission}/stop")
    stopped = view(town, mission)
    ask(client, f"POST /v1/missions/{mission}/resume")

    assert (stopped.mission.hold, [item.task_id for item in stopped.items]) == (Hold.STOPPED, [None, None])
    assert [task for task in town.tasks.matching() if not task.state.is_terminal] == []
    assert view(town, mission).mission.state is MissionState.RUNNING


def test_stopping_by_force_is_for_good(town: Rehearsal, client: TestClient, mission: str) -> None:
    stopped = ask(client, f"POST /v1/missions/{mission}/stop", {"force": True}).json

    assert stopped["new_state"] == "failed"
    expect_problem(ask(client, f"POST /v1/missions/{mission}/resume"), 409, "wrong_state")
    assert {item.status for item in view(town, mission).items} == {WorkStatus.CANCELLED}


@pytest.mark.parametrize(
    ("body", "reason"), [({"reason": "too dear"}, "too dear"), (None, "given up by operator through townhall"), ({}, None)]
)
def test_a_mission_is_given_up_with_a_reason(body: object, reason: str | None, town: Rehearsal, client: TestClient, mission: str) -> None:
    failed = ask(client, f"POST /v1/missions/{mission}/fail", body).json

    kept = view(town, mission).mission.blocked_reason
    assert (failed["mission_id"], failed["state"], failed["reason"]) == (mission, "failed", kept)
    assert (failed["previous_state"], failed["mission"]["blocked_reason"]) == ("running", kept)
    assert kept == ("given up by operator through townhall" if reason is None else reason)


def test_only_what_has_ended_is_deleted(town: Rehearsal, client: TestClient, mission: str) -> None:
    """Active missions were deleted, and their tasks went on."""
    expect_problem(ask(client, f"DELETE /v1/missions/{mission}"), 409, "wrong_state")
    ask(client, f"POST /v1/missions/{mission}/complete")

    gone = ask(client, f"DELETE /v1/missions/{mission}")

    assert (gone.status_code, gone.json["mission_id"], gone.json["deleted"]) == (200, mission, True)
    for call in (f"GET /v1/missions/{mission}", f"DELETE /v1/missions/{mission}", f"GET /v1/missions/{mission}/events"):
        expect_problem(ask(client, call), 404, "mission_not_found")


def test_a_mission_is_deleted_by_force_with_its_tasks(town: Rehearsal, client: TestClient, mission: str) -> None:
    town.answer_bells(most=2)

    assert ask(client, f"DELETE /v1/missions/{mission}?force=true").status_code == 200

    assert [task for task in town.tasks.matching() if not task.state.is_terminal] == []
    assert ask(client, "GET /v1/missions?active_only=false").json["missions"] == []


def test_a_note_is_kept_until_a_tick_deals_with_it(town: Rehearsal, client: TestClient, mission: str) -> None:
    noted = ask(client, f"POST /v1/missions/{mission}/notes", {"body": "pause: the runner is down"}, idempotency_key="k")
    ask(client, f"POST /v1/missions/{mission}/notes", {"body": "pause: the runner is down"}, idempotency_key="k")
    waiting = ask(client, f"GET /v1/missions/{mission}?include_notes=true").json["notes"]
    town.answer_bells(most=1)
    dealt_with = ask(client, noted.headers["location"].replace("/v1", "GET /v1", 1)).json

    assert noted.status_code == 201
    assert waiting == [noted.json]
    assert (noted.json["sender"], noted.json["processed_at"], noted.json["outcome"]) == ("operator", None, None)
    assert dealt_with["notes"][0]["outcome"] == "paused"
    assert dealt_with["mission"]["hold"] == "paused"


def test_a_note_that_says_nothing_is_refused(client: TestClient, mission: str) -> None:
    problem = expect_problem(ask(client, f"POST /v1/missions/{mission}/notes", {"body": " \n"}), 422, "invalid_value")

    assert problem["errors"][0]["pointer"] == "/body"


def test_what_happened_is_told_newest_first(town: Rehearsal, client: TestClient, mission: str) -> None:
    submit(town, mission)

    told = ask(client, f"GET /v1/missions/{mission}/events?limit=100").json
    newest = ask(client, f"GET /v1/missions/{mission}/events?limit=1").json

    assert (told["mission_id"], told["count"]) == (mission, len(told["events"]))
    assert told["events"][-1].endswith("begun with 2 items")
    assert newest["events"] == told["events"][:1]
