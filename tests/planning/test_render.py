"""A plan before anything runs: for people, for Mermaid, for programs."""

from __future__ import annotations

import msgspec

from tests.planning.world import issue, ref
from tinytown.domain.work_item import WorkKind
from tinytown.planning.compiler import compiled
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.planning.render import to_json, to_mermaid, to_text

PLAN = Plan(
    objectives=(ref("#1"), ref("#2")),
    items=(
        PlannedItem(key="acme/shop#1", title='Say "hi" <b>', kind=WorkKind.DESIGN, url="https://github.com/acme/shop/issues/1"),
        PlannedItem(key="m.toml#notes", title="Notes", kind=WorkKind.MERGE_GATE, priority=3),
        PlannedItem(key="acme/shop#2", title="Make", role="backend", depends_on=("acme/shop#1", "m.toml#notes"), externals=(ref("o/r#9"),)),
    ),
    warnings=("acme/shop#1 is closed already",),
    policy={"max_parallel_items": 3, "auto_merge": True},
)


def test_people_see_the_steps_and_what_each_waits_for() -> None:
    assert to_text(PLAN).splitlines() == [
        "3 items in 2 steps, waiting for 1 issue outside of the mission",
        "",
        "Step 1",
        '  acme/shop#1   Say "hi" <b>',
        "                design",
        "  m.toml#notes  Notes",
        "                merge gate, priority 3",
        "",
        "Step 2",
        "  acme/shop#2   Make",
        "                implement, for backend",
        "                after acme/shop#1, m.toml#notes",
        "                waits for o/r#9 (outside of the mission)",
        "",
        "Policy: max_parallel_items = 3, auto_merge = true",
        "",
        "Warning: acme/shop#1 is closed already",
    ]


def test_mermaid_draws_edges_in_the_order_of_work() -> None:
    assert to_mermaid(PLAN).splitlines() == [
        "flowchart TD",
        '    n1(["acme/shop#35;1<br/>Say #quot;hi#quot; #lt;b#gt;<br/>(design)"])',
        '    n2{{"m.toml#35;notes<br/>Notes<br/>(merge_gate)"}}',
        '    n3["acme/shop#35;2<br/>Make<br/>(implement, backend)"]',
        '    x1["o/r#35;9"]:::external',
        "    n1 --> n3",
        "    n2 --> n3",
        "    x1 -.-> n3",
        "    classDef external stroke-dasharray: 5 5",
    ]


def test_programs_get_everything() -> None:
    shown = msgspec.json.decode(msgspec.json.encode(to_json(PLAN)))

    assert shown["objectives"] == ["acme/shop#1", "acme/shop#2"]
    assert [item["step"] for item in shown["items"]] == [1, 1, 2]
    assert shown["items"][2]["depends_on"] == ["acme/shop#1", "m.toml#notes"]
    assert shown["items"][2]["externals"] == [{"ref": "o/r#9", "url": "https://github.com/o/r/issues/9"}]
    assert shown["items"][0]["kind"] == "design"
    assert shown["warnings"] == list(PLAN.warnings)
    assert shown["policy"] == PLAN.policy


def test_a_title_cannot_steer_the_terminal() -> None:
    plan = compiled([issue("#1", title="\x1b[31mred\r\n\u202eevil")])

    assert to_text(plan).splitlines()[3].split() == ["acme/shop#1", "[31mred", "evil"]


def test_one_of_a_kind_is_not_many() -> None:
    assert to_text(compiled([issue("#1")])).startswith("1 item in 1 step\n")
