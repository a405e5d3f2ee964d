"""What the body of an issue says about when it is done."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.planning.acceptance import criteria


@pytest.mark.parametrize(
    "head",
    ["## Acceptance criteria", "### Acceptance Criteria:", "## Definition of done", "**Acceptance criteria**", "Done when:\n", "## DoD"],
)
def test_the_items_of_a_section_are_the_criteria(head: str) -> None:
    assert criteria(f"- [ ] before\n\n{head}\n- it is `quick`\n- [x] it is *safe*\n\n## Notes\n- other") == (
        "it is `quick`",
        "it is *safe*",
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## Acceptance criteria\n- a\n  - b\n\n### More\n1. c", ("a\n- b", "c")),
        ("## Definition of done\n\nIt works.\n\nIt stays.", ("It works.", "It stays.")),
        ("- [ ] #3\n- [ ] make it\n- [x] o/r#4\n- [ ] https://github.com/o/r/issues/5\n- plain", ("make it",)),
        ("## Acceptance criteria\n\n## Next\n- [ ] make it", ("make it",)),
        ("**Done when:**\n- a\n\nText\n- b", ("a",)),
        ("The acceptance criteria are unknown.\n- a", ()),
        ("```\n## Acceptance criteria\n- a\n```", ()),
        ("> ## Acceptance criteria\n> - a", ()),
        ("", ()),
    ],
)
def test_criteria_are_found_where_people_put_them(body: str, expected: tuple[str, ...]) -> None:
    assert criteria(body) == expected


@given(st.text(alphabet="#-* []xDone when\n123.>`", max_size=200))
def test_any_body_can_be_read(body: str) -> None:
    assert all(criteria(body)) or criteria(body) == ()
