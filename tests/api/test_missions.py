"""Missions over HTTP: begun whole or not at all, and moved by the same guards as from everywhere else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.api.missioning import add_issue, begin, issue, submit, view
from tinytown.api.resources.github import github
from tinytown.api.resources.missions import missions
from tinytown.api.resources.watches import watches
from tinytown.api.resources.work_items import work_items
from tinytown.domain.ids import new_id
from tinytown.domain.mission import Policy
from tinytown.domain.scope import Scope
from tinytown.errors import GitHubUnavailable
from tinytown.testing import Rehearsal

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
MOVES = ("pause", "resume", "stop", "complete", "fail")
OPERATIONS = [*missions.operations, *work_items.operations, *watches.operations]


@pytest.fixture
def mission(town: Rehearsal, client: TestClient) -> str:
    """One that runs, with two items of which the second waits for the first."""
    return begin(town, client, "", "Depends on #1.")


def test_all_that_was_published_is_served() -> None:
    served = {f"{operation.method} {operation.path}": operation.id for operation in OPERATIONS}

    assert PUBLISHED.items() <= served.items()


def test_reading_and_changing_need_what_they_need() -> None:
    for operation in OPERATIONS:
        assert operation.scope is (Scope.TOWN_READ if operation.method == "GET" else Scope.AGENT_MANAGE), operation.id
    assert [operation.scope for operation in github.operations] == [None]


def test_a_mission_is_begun_with_all_its_work(town: Rehearsal, client: TestClient) -> None:
    add_issue(town, 7, "Say hello.\n\n## Acceptance criteria\n- [ ] it says hello")

    begun = ask(client, "POST /v1/missions", {"objectives": [issue(7)], "policy": {"auto_merge": True}})

    mission = begun.json["mission_id"]
    assert begun.status_code == 201
    assert begun.headers["location"] == f"/v1/missions/{mission}"
    assert begun.json == {
        "mission_id": mission, "state": "running", "objective_count": 1, "work_item_count": 1, "warnings": [], "version": 1
    }  # fmt: skip
    assert begun.headers["etag"] == '"1"'
    found = view(town, mission)
    assert found.mission.policy == Policy(auto_merge=True)
    assert found.items[0].acceptance == ("it says hello",)
    assert [bell.args for bell in town.bells()] == [(mission,)], "its first tick comes at once"


def test_without_a_policy_the_settings_of_the_town_hold(town: Rehearsal, client: TestClient, mission: str) -> None:
    assert view(town, mission).mission.policy == town.missions.policy()


def test_a_repeat_with_the_same_key_begins_one_mission(town: Rehearsal, client: TestClient) -> None:
    add_issue(town, 7)
    body = {"objectives": [issue(7)]}

    first, again = (ask(client, "POST /v1/missions", body, idempotency_key="k") for _ in range(2))
    other = ask(client, "POST /v1/missions", body, idempotency_key="l")

    assert first.json == again.json
    assert again.headers["idempotency-replayed"] == "true"
    assert other.json["mission_id"] != first.json["mission_id"]
    assert ask(client, "GET /v1/missions").json["count"] == 2


def test_a_repeat_after_a_lost_answer_finds_the_mission(town: Rehearsal, client: TestClient) -> None:
    add_issue(town, 7)
    first = ask(client, "POST /v1/missions", {"objectives": [issue(7)]}, idempotency_key="k").json
    store = town.desk.store
    for key in store.connection.call("KEYS", f"{store.keys.prefix}answer*"):
        store.connection.call("DEL", key)

    again = ask(client, "POST /v1/missions", {"objectives": [issue(7)]}, idempotency_key="k")

    assert again.json["mission_id"] == first["mission_id"]
    assert "idempotency-replayed" not in again.headers
    assert ask(client, "GET /v1/missions").json["count"] == 1


@pytest.mark.parametrize("bodies", [("Depends on #2.", "Depends on #1."), ()], ids=["a circle", "an issue that is not there"])
def test_what_cannot_be_planned_leaves_nothing_behind(bodies: tuple[str, ...], town: Rehearsal, client: TestClient) -> None:
    """A mission was stored as running before its items were made, and stayed when that failed."""
    for number, body in enumerate(bodies, start=1):
        add_issue(town, number, body)

    problem = expect_problem(ask(client, "POST /v1/missions", {"objectives": [issue(1), issue(2)]}), 422, "plan_refused")

    assert "acme/shop#1" in problem["errors"][0]["detail"]
    assert ask(client, "GET /v1/missions?active_only=false").json["missions"] == []
    assert town.bells() == []


def test_github_away_is_no_mistake_of_the_caller(town: Rehearsal, client: TestClient) -> None:
    town.hub.trouble = GitHubUnavailable("it does not answer", 60)

    refused = ask(client, "POST /v1/missions", {"objectives": [issue(1)]})

    expect_problem(refused, 503, "github_unavailable")
    assert refused.headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("POST /v1/missions", {"objectives": []}),
        ("POST /v1/missions", {"objectives": [{"type": "wish"}]}),
        ("POST /v1/missions", {"objectives": [{**issue(1), "repo": "shop#2 and"}]}),
        ("POST /v1/missions", {"objectives": [issue(1)], "policy": {"max_parallel_items": 0}}),
        ("POST /v1/missions", {"objectives": [issue(1)], "policy": {"speed": 9}}),
        ("POST /v1/missions/m/watches/w/snooze", {"duration_secs": 59}),
        ("POST /v1/missions/m/watches/w/snooze", {"duration_secs": 10**20}),
        ("POST /v1/missions/m/notes", {"body": ""}),
        ("PATCH /v1/missions/m/work/w", {"status": "finished"}),
        ("GET /v1/missions/m/events?limit=101", None),
        ("GET /v1/missions/m/work?status=Done", None),
        ("GET /v1/missions?cursor=WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwieCJd", None),
    ],
)
def test_what_makes_no_sense_is_refused(call: str, body: object, client: TestClient) -> None:
    expect_problem(ask(client, call, body), 422, "validation")


def test_a_plan_is_shown_and_nothing_is_begun(town: Rehearsal, client: TestClient) -> None:
    add_issue(town, 1)
    add_issue(town, 2, "Depends on #1 and acme/tools#9.")

    plan = ask(client, "POST /v1/missions/plan", {"objectives": [issue(2), issue(1)]}).json

    assert [(item["key"], item["step"], item["depends_on"]) for item in plan["items"]] == [
        ("acme/shop#1", 1, []), ("acme/shop#2", 2, ["acme/shop#1"])
    ]  # fmt: skip
    assert plan["items"][1]["externals"] == [{"ref": "acme/tools#9", "url": "https://github.com/acme/tools/issues/9"}]
    assert plan["mermaid"].startswith("flowchart TD")
    assert ask(client, "GET /v1/missions?active_only=false").json["count"] == 0


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../plan.md", "docs/../../plan.md", "~/plan.md", ".env", "docs/.hidden/plan.md", "link.md", "a\0b", "."]
)
def test_no_document_elsewhere_is_read(path: str, town: Rehearsal, client: TestClient, tmp_path: Path) -> None:
    town.root = tmp_path / "town"
    (town.root / "docs").mkdir(parents=True)
    (town.root / ".env").write_text("SECRET=1", encoding="utf-8")
    (tmp_path / "plan.md").write_text("# Somebody else's", encoding="utf-8")
    (town.root / "link.md").symlink_to(tmp_path / "plan.md")

    for call in ("POST /v1/missions/plan", "POST /v1/missions"):
        problem = expect_problem(ask(client, call, {"objectives": [{"type": "doc", "path": path}]}), 422, "plan_refused")
        assert "below the town's folder" in problem["detail"]
        assert "else's" not in str(problem)


def test_a_document_of_the_town_is_read(town: Rehearsal, client: TestClient, tmp_path: Path) -> None:
    town.root = tmp_path
    (tmp_path / "plan.md").write_text("# Plan\n\n- [ ] Paint the door\n- [ ] Mend the lock\n", encoding="utf-8")

    begun = ask(client, "POST /v1/missions", {"objectives": [{"type": "doc", "path": "plan.md"}]}).json

    assert begun["work_item_count"] == 2
    shown = ask(client, f"GET /v1/missions/{begun['mission_id']}").json
    assert shown["mission"]["objective_refs"] == [{"type": "doc", "path": "plan.md"}]


def test_missions_are_listed_newest_first_and_in_pages(town: Rehearsal, client: TestClient) -> None:
    begun = []
    for _ in range(3):
        begun.append(begin(town, client, ""))
        town.clock.at += timedelta(seconds=1)
    ask(client, f"POST /v1/missions/{begun[1]}/fail")

    active = ask(client, "GET /v1/missions").json
    first = ask(client, "GET /v1/missions?active_only=false&limit=2").json
    rest = ask(client, f"GET /v1/missions?active_only=false&limit=2&cursor={first['next_cursor']}").json

    assert [one["id"] for one in active["missions"]] == [begun[2], begun[0]]
    assert [one["id"] for page in (first, rest) for one in page["missions"]] == begun[::-1]
    assert (first["count"], rest["count"], rest["next_cursor"]) == (2, 1, None)
    assert active["missions"][0] == {
        "id": begun[2], "state": "running", "hold": None, "objective_count": 1, "work_item_count": 1, "completed_count": 0,
        "failed_count": 0, "waiting_count": 0, "blocked_reason": None, "created_at": "2026-01-01T00:00:02Z",
        "updated_at": "2026-01-01T00:00:02Z", "mission": None,
    }  # fmt: skip


def test_a_mission_is_shown_with_as_much_as_is_asked_for(town: Rehearsal, client: TestClient, mission: str) -> None:
    plain = ask(client, f"GET /v1/missions/{mission[:8]}")
    whole = ask(client, f"GET /v1/missions/{mission}?include_work=true&include_watches=true&include_events=true&include_notes=true").json

    assert plain.headers["etag"] == f'"{plain.json["version"]}"'
    assert [plain.json[name] for name in ("work_items", "watches", "events", "notes")] == [None] * 4
    assert plain.json["mission"]["policy"] == {**plain.json["mission"]["policy"], "max_attempts": 5, "dependency": "merged"}
    assert plain.json["summary"] == {
        "total_work_items": 2, "pending": 1, "ready": 1, "assigned": 0, "running": 0, "blocked": 0, "done": 0, "failed": 0,
        "cancelled": 0, "active_watches": 0,
    }  # fmt: skip
    assert [item["source_ref"] for item in whole["work_items"]] == ["acme/shop#1", "acme/shop#2"]
    assert whole["events"][-1] == "[2026-01-01 00:00:00] begun with 2 items"
    assert (whole["watches"], whole["notes"]) == ([], [])


def test_a_mission_that_waits_for_help_says_since_when(town: Rehearsal, client: TestClient, mission: str) -> None:
    town.spawn("ada", cli="shell")
    town.hub.pulls.clear()
    submit(town, mission)  # there is no such pull request

    shown = ask(client, f"GET /v1/missions/{mission}").json["mission"]

    assert shown["help"]["reason"] == shown["dispatcher_last_help_request_reason"]
    assert shown["help"]["sent_at"] == shown["dispatcher_last_help_request_at"] == "2026-01-01T00:00:00Z"
    assert shown["help"]["attempts"] == shown["dispatcher_help_request_attempts"] == 1
    assert shown["last_tick_at"] is not None


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    for operation in [*missions.operations, *watches.operations, *work_items.operations]:
        if "{mission_id}" in operation.path and operation.signature.body is None:
            path = operation.path.replace("{mission_id}", new_id()).replace("{work_item_id}", "none").replace("{watch_id}", "none")
            expect_problem(ask(client, f"{operation.method} {path}"), 404, "mission_not_found")
    expect_problem(ask(client, "GET /v1/missions/abc"), 404, "mission_not_found")
