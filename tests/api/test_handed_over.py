"""Missions of somebody elsewhere, who sends documents and a manifest along."""

from __future__ import annotations

from pathlib import Path

import pytest
from falcon.testing import TestClient

from tests.api.asking import ask, expect_problem
from tests.api.missioning import add_issue, issue
from tinytown.testing import Rehearsal

MANIFEST = """\
[[items]]
doc = "./notes/plan.md"
role = "backend"

[[items]]
issue = 7
priority = 3

[policy]
max_attempts = 2
"""


def test_all_that_is_sent_along_is_planned_and_nothing_else_is_needed(town: Rehearsal, client: TestClient) -> None:
    add_issue(town, 7)
    wanted = {
        "objectives": [
            {"type": "doc", "path": "notes/plan.md", "text": "# Plan\n\n- [ ] Paint the door\n"},
            {"type": "text", "text": "#7"},
        ],
        "manifest": {"path": "mission.toml", "text": MANIFEST},
        "home": {"owner": "acme", "repo": "shop"},
    }

    plan = ask(client, "POST /v1/missions/plan", wanted).json
    begun = ask(client, "POST /v1/missions", wanted, idempotency_key="k").json

    assert [(item["key"], item["role"]) for item in plan["items"]] == [("acme/shop#7", None), ("notes/plan.md#paint-the-door", "backend")]
    assert (plan["manifest_policy"], plan["policy"]["max_attempts"]) == ({"max_attempts": 2}, 2)
    assert begun["work_item_count"] == 2
    assert ask(client, f"GET /v1/missions/{begun['mission_id']}").json["mission"]["policy"]["max_attempts"] == 2


@pytest.mark.parametrize("doc", ["/etc/passwd", "../secret.md", "secret.md", "~/secret.md", "notes/../secret.md", ".env"])
def test_a_manifest_has_no_file_read_that_was_not_sent_along(doc: str, town: Rehearsal, client: TestClient, tmp_path: Path) -> None:
    town.root = tmp_path / "town"
    town.root.mkdir()
    for folder in (town.root, tmp_path):
        (folder / "secret.md").write_text("- [ ] hunter2\n", encoding="utf-8")
    add_issue(town, 1)
    manifest = {"path": "mission.toml", "text": f'[[items]]\ndoc = "{doc}"\n'}

    for call in ("POST /v1/missions/plan", "POST /v1/missions"):
        problem = expect_problem(ask(client, call, {"objectives": [issue(1)], "manifest": manifest}), 422, "plan_refused")
        assert "was not sent along" in problem["detail"]
        assert "hunter2" not in str(problem)


def test_a_manifest_alone_is_a_mission(town: Rehearsal, client: TestClient) -> None:
    manifest = {"path": "mission.toml", "text": '[[items]]\ntitle = "Paint the door"\n'}

    plan = ask(client, "POST /v1/missions/plan", {"objectives": [], "manifest": manifest}).json

    assert [item["title"] for item in plan["items"]] == ["Paint the door"]
