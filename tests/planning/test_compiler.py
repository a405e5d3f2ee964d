"""From issues, documents and a manifest to one plan."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.world import HOME, issue, item_of, keys, ref
from tinytown.domain.objective import GITHUB, DocObjective
from tinytown.domain.pull_request import IssueState
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused
from tinytown.planning.compiler import compiled
from tinytown.planning.documents import document
from tinytown.planning.graph import Plan, PlannedItem, layers, ordered
from tinytown.planning.manifest import Manifest, manifest, tables_of


def told(text: str) -> Manifest:
    return manifest("m.toml", tables_of("m.toml", text), HOME, host=GITHUB)


def test_an_issue_becomes_an_item_with_all_that_it_says() -> None:
    body = "Do it.\n\n## Acceptance criteria\n- it works\n"

    plan = compiled([issue("#4", body, title="Add tests\n for x", labels=("area/backend",))])

    assert plan.objectives == (ref("#4"),)
    assert plan.items == (
        PlannedItem(
            key="acme/shop#4",
            title="Add tests for x",
            kind=WorkKind.TEST,
            role="backend",
            source_ref="acme/shop#4",
            url="https://github.com/acme/shop/issues/4",
            body=body,
            acceptance=("it works",),
        ),
    )


def test_the_source_is_named_once() -> None:
    """Defect 56: the reference repeats the number."""
    (item,) = compiled([issue("#4")]).items

    assert item.source_ref == item.key == "acme/shop#4"


def test_dependencies_inside_are_edges_and_others_are_shown() -> None:
    """Defect 53: what is outside is not dropped."""
    plan = compiled([issue("#1", "after #2, #9 and o/r#2"), issue("#2")])

    assert keys(plan) == ["acme/shop#2", "acme/shop#1"]
    assert item_of(plan, "#1").depends_on == ("acme/shop#2",)
    assert item_of(plan, "#1").externals == (ref("#9"), ref("o/r#2"))


def test_the_same_number_in_two_repositories_is_two_issues() -> None:
    """Defect 53: issues do not collide."""
    plan = compiled([issue("#7", "after o/r#7"), issue("o/r#7", "after #8"), issue("o/r#8")])

    assert keys(plan) == ["o/r#8", "o/r#7", "acme/shop#7"]


def test_the_same_issue_twice_is_one_item() -> None:
    """Defect 53: the same issue twice."""
    plan = compiled([issue("#2"), issue("#1", "after #2"), issue("ACME/Shop#2"), issue("#1")])

    assert keys(plan) == ["acme/shop#2", "acme/shop#1"]
    assert plan.objectives == (ref("#2"), ref("#1"))


def test_a_parent_waits_for_its_children() -> None:
    parent = issue("#1", "- [ ] #2\n- [x] #3\n- [ ] #4\n- [x] #7", sub_issues=(ref("#5"), ref("o/r#6")))

    plan = compiled([parent, issue("#2"), issue("#5"), issue("#7")])

    assert item_of(plan, "#1").depends_on == ("acme/shop#5", "acme/shop#2", "acme/shop#7")
    assert item_of(plan, "#1").externals == (ref("o/r#6"), ref("#4"))


@pytest.mark.parametrize(
    ("bodies", "path"),
    [
        ({1: "after #1"}, "acme/shop#1 -> acme/shop#1"),
        ({1: "after #2", 2: "after #1"}, "acme/shop#1 -> acme/shop#2 -> acme/shop#1"),
        (
            {5: "after #3", 4: "", 3: "after #2 and #4", 2: "after #1", 1: "after #3"},
            "acme/shop#3 -> acme/shop#2 -> acme/shop#1 -> acme/shop#3",
        ),
    ],
)
def test_a_circle_is_refused_by_its_path(bodies: dict[int, str], path: str) -> None:
    """Defect 56: the path, and nobody who is merely downstream."""
    with pytest.raises(PlanRefused) as caught:
        compiled([issue(f"#{number}", body) for number, body in bodies.items()])

    assert str(caught.value).endswith(f": {path}")


def test_the_order_is_by_priority_and_then_as_given() -> None:
    """Defect 56: the order is always the same."""
    manifest = told("[[items]]\nissue = 3\npriority = 9\n[[items]]\nissue = 4\npriority = 1")

    plan = compiled([issue("#5"), issue("#1"), issue("#3", "after #2"), issue("#2"), issue("#4")], manifest=manifest)

    assert [key.partition("#")[2] for key in keys(plan)] == ["4", "5", "1", "2", "3"]


def test_documents_are_read_after_the_issues() -> None:
    roadmap = document("road.md", "- [ ] Build it, after #1\n- [ ] Design the rest", HOME)
    whole = document("idea.md", "# Idea\nKind: test", HOME)

    plan = compiled([issue("#1")], [roadmap, whole], home=HOME)

    assert keys(plan) == ["acme/shop#1", "road.md#build-it-after-1", "road.md#design-the-rest", "idea.md#idea"]
    assert item_of(plan, "road.md#build-it-after-1").depends_on == ("acme/shop#1",)
    assert [item.kind for item in plan.items[2:]] == [WorkKind.DESIGN, WorkKind.DESIGN]
    assert plan.objectives == (ref("#1"), DocObjective("road.md"), DocObjective("idea.md"))


def test_a_manifest_overrides_what_was_found() -> None:
    """Defect 55: it clears dependencies, and adds items."""
    given = told("""
        [[items]]
        issue = 1
        kind = "mergegate"
        role = "astronaut"
        depends_on = []
        [[items]]
        issue = 2
        depends_on = ["write the notes", "road.md#part", 1, "o/r#9"]
        [[items]]
        doc = "road.md"
        role = "docs"
        priority = 2
        [[items]]
        doc = "road.md#part"
        role = ""
        [[items]]
        title = "Write the notes"
        kind = "followup"
        depends_on = [1]
        [policy]
        max_parallel_items = 4
    """)
    road = document("road.md", "- [ ] Part\n- [ ] Other", HOME)

    plan = compiled([issue("#1", "after #2 and #8"), issue("#2")], [road], given, home=HOME)

    assert keys(plan) == ["road.md#part", "road.md#other", "acme/shop#1", "m.toml#write-the-notes", "acme/shop#2"]
    first, second, notes = item_of(plan, "#1"), item_of(plan, "#2"), item_of(plan, "m.toml#write-the-notes")
    assert (first.kind, first.role, first.depends_on, first.externals) == (WorkKind.MERGE_GATE, "astronaut", (), ())
    assert second.depends_on == ("m.toml#write-the-notes", "road.md#part", "acme/shop#1")
    assert second.externals == (ref("o/r#9"),)
    assert (notes.kind, notes.depends_on) == (WorkKind.FOLLOWUP, ("acme/shop#1",))
    assert [item.role for item in plan.items[:2]] == [None, "docs"]
    assert plan.policy == {"max_parallel_items": 4}
    assert DocObjective("m.toml") in plan.objectives


def test_an_entry_without_dependencies_keeps_those_that_were_found() -> None:
    plan = compiled([issue("#1", "after #2"), issue("#2")], manifest=told("[[items]]\nissue = 1\npriority = 3"))

    assert item_of(plan, "#1").depends_on == ("acme/shop#2",)


def test_what_is_left_out_is_waited_for_and_said() -> None:
    given = told(
        "[[items]]\nissue = 2\nskip = true\n[[items]]\ndoc = 'r.md#b'\nskip = true\n[[items]]\ndoc = 'r.md#a'\ndepends_on = ['r.md#b']"
    )

    plan = compiled([issue("#1", "after #2"), issue("#2")], [document("r.md", "- [ ] A\n- [ ] B", HOME)], given)

    assert keys(plan) == ["acme/shop#1", "r.md#a"]
    assert plan.objectives == (ref("#1"), DocObjective("r.md"))
    assert item_of(plan, "#1").externals == (ref("#2"),)
    assert plan.warnings == ("acme/shop#1 waits for acme/shop#2, which the manifest leaves out",)


def test_own_work_of_the_same_name_is_kept_apart() -> None:
    plan = compiled([], manifest=told("[[items]]\ntitle = 'Tidy up'\n[[items]]\ntitle = 'Tidy up!'\n[[items]]\ntitle = '?'"))

    assert keys(plan) == ["m.toml#tidy-up", "m.toml#tidy-up-1", "m.toml#item"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[[items]]\nissue = 1\ndepends_on = ['part too']",
            "m.toml: item 1 (1): depends_on: there is no item 'part too'; did you mean acme/shop#2?",
        ),
        ("[[items]]\nissue = 9\nkind = 'test'", "m.toml: item 1 (9): that issue is not in the mission"),
        ("[[items]]\ndoc = 'r.md#x'", "m.toml: item 1 (r.md#x): there is no such part"),
    ],
)
def test_an_entry_that_is_for_nothing_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(PlanRefused) as caught:
        compiled([issue("#1"), issue("#2", title="Part two")], manifest=told(text))

    assert sentence in caught.value.problems


def test_a_pull_request_is_no_objective() -> None:
    with pytest.raises(PlanRefused, match="acme/shop#1 is a pull request"):
        compiled([issue("#1", is_pull_request=True)])


@pytest.mark.parametrize(("documents", "text"), [([], ""), ([document("a.md", "- [x] done", HOME)], "[[items]]\nissue = 3\nskip = true")])
def test_a_plan_of_nothing_is_refused(documents: list[object], text: str) -> None:
    with pytest.raises(PlanRefused, match="there is nothing to do"):
        compiled([], documents, told(text))  # type: ignore[arg-type]


def test_oddities_are_warned_about() -> None:
    closed = [issue("#1", state=IssueState.CLOSED), issue("#2", state=IssueState.NOT_PLANNED), issue("#3")]

    plan = compiled(closed, [document("a.md", "- [x] done", HOME)])

    assert plan.warnings == ("acme/shop#1 is closed already", "acme/shop#2 is closed already, as not planned", "a.md has no open task")


def test_layers_are_what_can_be_done_at_the_same_time() -> None:
    plan = compiled([issue("#1"), issue("#2", "after #1"), issue("#3", "after #1"), issue("#4", "after #2 and #3"), issue("#5")])

    assert [[item.key[-1] for item in layer] for layer in layers(plan.items)] == [["1", "5"], ["2", "3"], ["4"]]


graphs = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.lists(st.lists(st.integers(0, size - 1), max_size=3), min_size=size, max_size=size),
        st.lists(st.integers(-2, 2), min_size=size, max_size=size),
    )
)


@given(graphs, st.randoms())
def test_nothing_comes_before_what_it_depends_on(graph: tuple[list[list[int]], list[int]], chance: random.Random) -> None:
    """Defect 56: and the order is the same however the dependencies are listed."""
    edges, priorities = graph
    items = [
        PlannedItem(key=f"k{at}", title="t", priority=priority, depends_on=tuple(dict.fromkeys(f"k{to}" for to in needs if to < at)))
        for at, (needs, priority) in enumerate(zip(edges, priorities, strict=True))
    ]
    shuffled = [
        PlannedItem(key=item.key, title="t", priority=item.priority, depends_on=tuple(chance.sample(item.depends_on, len(item.depends_on))))
        for item in items
    ]

    order = [item.key for item in ordered(items)]

    assert sorted(order) == sorted(item.key for item in items)
    assert all(order.index(need) < order.index(item.key) for item in items for need in item.depends_on)
    assert [item.key for item in ordered(shuffled)] == order


@given(graphs)
def test_a_circle_that_is_named_is_one(graph: tuple[list[list[int]], list[int]]) -> None:
    edges, _ = graph
    items = [
        PlannedItem(key=f"k{at}", title="t", depends_on=tuple(dict.fromkeys(f"k{to}" for to in needs))) for at, needs in enumerate(edges)
    ]
    needs = {item.key: item.depends_on for item in items}

    try:
        ordered(items)
    except PlanRefused as error:
        path = str(error).rpartition(": ")[2].split(" -> ")
        assert path[0] == path[-1]
        assert all(after in needs[before] for before, after in itertools.pairwise(path))


def test_a_thousand_items_are_planned_at_once() -> None:
    plan: Plan = compiled([issue(f"#{number}", f"after #{number - 1}" if number > 1 else "") for number in range(1000, 0, -1)])

    assert keys(plan) == [f"acme/shop#{number}" for number in range(1, 1001)]
    assert len(layers(plan.items)) == 1000
