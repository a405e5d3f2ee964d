"""What a manifest may say, and how it is told what is wrong with it."""

from __future__ import annotations

import pytest

from tests.planning.world import HOME, ref
from tinytown.domain.objective import GITHUB
from tinytown.domain.work_item import WorkKind
from tinytown.errors import PlanRefused
from tinytown.planning.manifest import Manifest, manifest, tables_of

TOML = """
[[items]]
issue = 12
kind = "mergegate"
owner_role = "backend"
depends_on = [11, "#13", "o/r#3", "Write the notes"]
priority = 5

[[items]]
issue = "o/r#3"
skip = true

[[items]]
title = "Write the notes"
body = "All of them."
kind = "merge_gate"
role = "docs"
depends_on = []

[[items]]
doc = "docs/plan.md"

[policy]
max_parallel_items = 3
auto_merge = true
"""

YAML = """
work_items:
  - issue: 12
    kind: mergegate
    owner_role: backend
    depends_on: [11, "#13", o/r#3, Write the notes]
    priority: 5
  - {issue: o/r#3, skip: true}
  - title: Write the notes
    body: All of them.
    kind: Merge-Gate
    role: docs
    depends_on: []
  - doc: docs/plan.md
policy: {max_parallel_items: 3, auto_merge: true}
"""


def read(text: str, name: str = "m.toml") -> Manifest:
    return manifest(name, tables_of(name, text), HOME, host=GITHUB)


@pytest.mark.parametrize(("name", "text"), [("m.toml", TOML), ("m.yaml", YAML), ("M.YML", YAML)])
def test_a_manifest_says_more_of_items_and_adds_some(name: str, text: str) -> None:
    """Defect 55: by whole names, with work of its own, and dependencies that can be cleared."""
    given = read(text, name)

    first, second, notes, doc = given.entries
    assert (first.issue, first.kind, first.role, first.priority) == (ref("#12"), WorkKind.MERGE_GATE, "backend", 5)
    assert first.depends_on == (ref("#11"), ref("#13"), ref("o/r#3"), "Write the notes")
    assert (second.issue, second.skip, second.depends_on) == (ref("o/r#3"), True, None)
    assert (notes.title, notes.body, notes.kind, notes.depends_on) == ("Write the notes", "All of them.", WorkKind.MERGE_GATE, ())
    assert doc.doc == "docs/plan.md"
    assert given.policy == {"max_parallel_items": 3, "auto_merge": True}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[[items]]\nissue = 1\nkidn = 'test'", "m.toml: item 1 (1): kidn: there is no such key; did you mean kind?"),
        pytest.param(
            "[[items]]\nissue = 'o/r#1'\nkind = 'tset'",
            "m.toml: item 1 (o/r#1): kind: there is no kind 'tset', only design, implement, test, review, merge_gate, followup; "
            "did you mean test?",
            id="Defect 55: a bad kind",
        ),
        ("[[items]]\nissue = 1\n[[items]]\nissue = 'x'", "m.toml: item 2 (x): issue: 'x' names no issue"),
        ("[[items]]\nissue = 'https://github.com/o/r/pull/1'", "is a pull request"),
        ("[[items]]\nissue = 1\ndepends_on = ['#x', 0]", "m.toml: item 1 (1): depends_on: '0' names no issue"),
        ("[[items]]\nissue = 1\npriority = 'high'", "m.toml: item 1 (1): priority: must be a whole number, got text"),
        ("[[items]]\nissue = 1\ndepends_on = 2", "m.toml: item 1 (1): depends_on:"),
        ("[[items]]\nkind = 'test'", "m.toml: item 1: give one of issue, doc and title"),
        ("[[items]]\nissue = 1\ntitle = 'x'", "m.toml: item 1 (1): give one of issue, doc and title"),
        ('[[items]]\ntitle = " \\u0007"', "title: it is empty"),
        ("[[items]]\nissue = 1\nbody = 'x'", "body: only work with a title has one"),
        ("[[items]]\nissue = 1\nrole = 'a'\nowner_role = 'b'", "role and owner_role mean the same"),
        ("[[items]]\nissue = 1\n[[items]]\nissue = 'Acme/Shop#1'", "m.toml: item 2 (Acme/Shop#1): the same as item 1 (1)"),
        ("[[items]]\nissue = 1\n[[work_items]]\nissue = 2", "items and work_items mean the same"),
        ("[[item]]\nissue = 1", "m.toml: item: there is no such key; did you mean items?"),
        ("[policy]\nmax_paralel_items = 1", "m.toml: policy: max_paralel_items: there is no such key; did you mean max_parallel_items?"),
        ("[policy]\nmax_parallel_items = 0", "m.toml: policy: max_parallel_items:"),
        ("items = 3", "m.toml: items: must be a list"),
        ("= 3", "m.toml is not valid TOML"),
    ],
)
def test_a_mistake_is_named_by_file_item_and_key(text: str, sentence: str) -> None:
    with pytest.raises(PlanRefused) as caught:
        read(text)

    assert sentence in str(caught.value)


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PlanRefused) as caught:
        read("[[items]]\nissue = 1\nkind = 'x'\n[[items]]\nissue = 2\nfoo = 1\n[policy]\nbar = 1")

    assert len(caught.value.problems) == 3


@pytest.mark.parametrize(
    "text", ["- 1", "3", "a: [", "a: !!python/object:os.system {}", "[" * 5000, "a: 2026-99-99", "1: 2", "items: &a [*a]", "\x00"]
)
def test_what_is_no_manifest_in_yaml_is_refused(text: str) -> None:
    with pytest.raises(PlanRefused, match=r"m\.yaml"):
        read(text, "m.yaml")


def test_an_empty_file_is_an_empty_manifest() -> None:
    assert read("", "m.yaml").entries == read("").entries == ()


def test_a_name_says_which_of_the_two_it_is() -> None:
    with pytest.raises(PlanRefused, match=r"m.json is no manifest: its name must end in .toml, .yaml or .yml"):
        read("{}", "m.json")


def test_a_number_needs_a_repository() -> None:
    with pytest.raises(PlanRefused, match=r"item 1 \(4\): issue: '4' does not say of which repository"):
        manifest("m.toml", {"items": [{"issue": 4}]}, None, host=GITHUB)


@pytest.mark.parametrize("key", ["agent", "parent", "status", "id"])
def test_nothing_that_a_plan_file_says_is_ignored(key: str) -> None:
    """Defect 75: who should do a task, and below which, were read and forgotten, and pushing a file twice made all of it twice."""
    tables = tables_of("m.toml", f'[[items]]\ntitle = "Draw the door"\n{key} = "x"\n')

    with pytest.raises(PlanRefused, match=key):
        manifest("m.toml", tables, None, host="github.com")
