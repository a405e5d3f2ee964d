"""The kind of a piece of work, and whose it is: labels, then whole words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.work_item import WorkKind
from tinytown.planning.inference import inferred, kind_named

K = WorkKind
INNOCENT = [
    "latest",
    "specific",
    "prefix",
    "fixture",
    "preview",
    "emerge",
    "build",
    "guide",
    "suite",
    "rapid",
    "requires",
    "merged",
    "contest",
    "webster",
]


@pytest.mark.parametrize("word", INNOCENT)
def test_a_piece_of_a_word_decides_nothing(word: str) -> None:
    """Defect 52."""
    assert inferred((), f"Take the {word} one", f"It is {word}.") == (K.IMPLEMENT, None)
    assert inferred([word], word.upper(), word) == (K.IMPLEMENT, None)


@pytest.mark.parametrize(
    ("labels", "kind", "role"),
    [
        (["kind:design"], K.DESIGN, None),
        (["type: test"], K.TEST, "tester"),
        (["Type/Review"], K.REVIEW, "reviewer"),
        (["kind: merge-gate"], K.MERGE_GATE, None),
        (["kind/follow up"], K.FOLLOWUP, None),
        (["rfc"], K.DESIGN, None),
        (["bug", "enhancement"], K.IMPLEMENT, None),
        (["documentation"], K.IMPLEMENT, "docs"),
        (["type: documentation"], K.IMPLEMENT, "docs"),
        (["enhancement", "test"], K.TEST, "tester"),
        (["test", "kind:design"], K.DESIGN, None),
        (["role:backend"], K.IMPLEMENT, "backend"),
        (["area/frontend"], K.IMPLEMENT, "frontend"),
        (["role: astronaut", "area/ui"], K.IMPLEMENT, "astronaut"),
        (["team:ops", "bug"], K.IMPLEMENT, "devops"),
        (["type: test", "area/api"], K.TEST, "backend"),
        (["needs-review", "needs design", "area/parser", "priority: 1", "good first issue", ""], K.IMPLEMENT, None),
    ],
)
def test_labels_decide(labels: list[str], kind: WorkKind, role: str | None) -> None:
    assert inferred(labels, "Part one", "") == (kind, role)
    assert inferred(labels[::-1], "Part one", "") == (kind, role)


@pytest.mark.parametrize(
    ("title", "kind", "role"),
    [
        ("Design the store", K.DESIGN, None),
        ("RFC: locks", K.DESIGN, None),
        ("Add tests for the parser", K.TEST, "tester"),
        ("test_login fails", K.TEST, "tester"),
        ("Review the design", K.REVIEW, "reviewer"),
        ("Merge gate", K.MERGE_GATE, None),
        ("Follow-up: tidy", K.FOLLOWUP, None),
        ("Fix the crash", K.IMPLEMENT, None),
        ("feat(ui): preview of the design", K.IMPLEMENT, "frontend"),
        ("Implement the test runner", K.IMPLEMENT, None),
        ("Write tests for the API", K.TEST, "backend"),
        ("Deploy the shop", K.IMPLEMENT, "devops"),
        ("QA of the basket", K.IMPLEMENT, "tester"),
        ("Update the README", K.IMPLEMENT, "docs"),
        ("Rename `design.test`", K.IMPLEMENT, None),
        ("Basket, requires acme/frontend#4", K.IMPLEMENT, None),
        ("Basket (https://api.example/server)", K.IMPLEMENT, None),
    ],
)
def test_then_the_whole_words_of_the_title(title: str, kind: WorkKind, role: str | None) -> None:
    assert inferred((), title, "") == (kind, role)


def test_labels_outweigh_the_title_and_the_title_the_body() -> None:
    assert inferred(["enhancement"], "Test the API", "Kind: design")[0] is K.IMPLEMENT
    assert inferred((), "Test the basket", "Kind: design\nRole: backend") == (K.TEST, "backend")
    assert inferred(["role:frontend"], "Test the API", "Role: devops") == (K.TEST, "frontend")


@pytest.mark.parametrize(
    "body",
    [
        "Write tests. See the design and the spec.",
        "This needs a review before the merge.",
        "```\nKind: test\n```",
        "Kind: nonsense",
        "The kind: test of it all",
    ],
)
def test_a_body_that_mentions_tests_or_designs_is_still_to_be_implemented(body: str) -> None:
    """Defect 52: nothing escapes its review for a word in its body."""
    assert inferred((), "The basket", body) == (K.IMPLEMENT, None)


@pytest.mark.parametrize(
    ("body", "role"),
    [
        ("The server must answer; so must the API.", "backend"),
        ("The server and the UI.", None),
        ("Depends on acme/frontend#3. Nothing else.", None),
        ("Role: Senior cook.", "senior cook"),
        ("Owner: QA", "tester"),
        ("The guide requires a rapid build.", None),
    ],
)
def test_a_body_names_a_role_if_it_names_one_only(body: str, role: str | None) -> None:
    assert inferred((), "The basket", body) == (K.IMPLEMENT, role)


@pytest.mark.parametrize("text", ["merge_gate", "mergegate", "MergeGate", "merge-gate", "merge gate"])
def test_a_kind_may_be_spelt_in_several_ways(text: str) -> None:
    assert kind_named(text) is K.MERGE_GATE
    assert kind_named(f"{text}s") is None


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=50), st.text(max_size=100))
def test_anything_has_a_kind(labels: list[str], title: str, body: str) -> None:
    kind, role = inferred(labels, title, body)

    assert kind in K
    assert role != ""
