"""What a document asks for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.world import HOME
from tinytown.errors import PlanRefused
from tinytown.planning.documents import document

ROADMAP = """# Roadmap

Some words.

## First

- [ ] Make the **store**, with `locks`
  that lasts
  - [ ] it is quick
  - it is safe

    really
- [x] Old work
- [ ] #4 the parser
* plain

### Later

1. [ ] Make the store, with locks
"""


def test_the_open_tasks_of_a_document_are_its_parts() -> None:
    read = document("docs/plan.md", ROADMAP, HOME)

    assert [part.key for part in read.parts] == ["docs/plan.md#make-the-store-with-locks", "docs/plan.md#make-the-store-with-locks-1"]
    assert [part.title for part in read.parts] == ["Make the store, with locks"] * 2
    assert [str(ref) for ref in read.issues] == ["acme/shop#4"]


def test_what_is_nested_in_a_task_is_its_body_and_when_it_is_done() -> None:
    first, second = document("docs/plan.md", ROADMAP, HOME).parts

    assert first.acceptance == ("it is quick", "it is safe")
    assert (
        first.body
        == "Make the **store**, with `locks`\nthat lasts\n\n- [ ] it is quick\n- it is safe\n\n  really\n\nUnder: Roadmap > First"
    )
    assert second.body == "Under: Roadmap > First > Later"


def test_without_tasks_the_sections_of_the_second_level_are_the_parts() -> None:
    text = "# All\nIntro\n\n## Store\n\nKeep things.\n\n### How\nSo.\n\n## Definition of done\n- x\n\n"
    text += "## Shop\n\nAcceptance criteria:\n- it sells\n"

    parts = document("plan.md", text, None).parts

    assert [part.key for part in parts] == ["plan.md#store", "plan.md#definition-of-done", "plan.md#shop"]
    assert parts[0].body == "Keep things.\n\n### How\nSo."
    assert parts[2].acceptance == ("it sells",)


@pytest.mark.parametrize(
    ("text", "title"),
    [("Words\n\n# The shop\nMore", "The shop"), ("### Small head", "Small head"), ("Words only", "idea.md"), ("", "idea.md")],
)
def test_a_document_without_either_is_one_whole(text: str, title: str) -> None:
    (part,) = document("docs/idea.md", text, None).parts

    assert part.is_whole
    assert (part.title, part.body) == (title, text)


def test_tasks_in_code_and_quotes_are_none() -> None:
    (part,) = document("a.md", "# A\n\n```\n- [ ] no\n```\n\n> - [ ] nor this", None).parts

    assert part.is_whole


def test_a_document_whose_tasks_are_all_done_asks_for_nothing() -> None:
    assert document("a.md", "## A\n- [x] done", None).parts == ()


def test_an_issue_in_a_document_needs_a_repository() -> None:
    with pytest.raises(PlanRefused, match=r"a.md: #4 does not say of which repository: write owner/repo#4"):
        document("a.md", "- [ ] #4", None)


def test_a_title_is_one_line_and_not_endless() -> None:
    (part,) = document("a.md", f"- [ ] a\ab {'long ' * 100}", None).parts

    assert part.title.startswith("a b long")
    assert len(part.title) <= 200
    assert part.title.endswith("…")
    assert part.body.startswith("a\ab long")


@pytest.mark.parametrize("entry", ["## A\n\n- b\n", "- [ ] a\n", "## A\n- [ ] a\n  - b\n"])
def test_a_long_document_does_not_hold_up(entry: str) -> None:
    read = document("a.md", entry * 5000, None)

    assert len({part.key for part in read.parts}) == 5000


@given(st.text(alphabet="#-* []xab\n1.>`\t\r\x0b", max_size=200))
def test_any_document_can_be_read(text: str) -> None:
    read = document("a.md", text, HOME)

    assert len({part.key for part in read.parts}) == len(read.parts)
    assert all(part.title for part in read.parts)
