"""Which pull requests the result of a task names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.world import HOME
from tinytown.planning.references import pulls_in
from tinytown.planning.repository import Repository


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Opened https://github.com/o/r/pull/5.", ["o/r#5"]),
        ("See (https://github.com/o/r/pull/5/files), please", ["o/r#5"]),
        ("[#5](https://github.com/o/r/pull/5/commits/abc123?w=1#diff-0)", ["o/r#5"]),
        ("http://git.corp.example:8443/o/r/pull/5", ["git.corp.example:8443/o/r#5"]),
        ("github.com/o/r/pull/5", ["o/r#5"]),
        ("https://api.github.com/repos/o/r/pulls/5", ["o/r#5"]),
        ("https://github.com/o/r/pull/9 and https://github.com/o/r/pull/5", ["o/r#9", "o/r#5"]),
        pytest.param(
            "https://github.com/O/R/pull/5, https://github.com/o/r/pull/5/files and o/r#5", ["O/R#5"], id="Defect 38: one under two names"
        ),
        pytest.param("Fixed https://github.com/o/r/issues/5", [], id="Defect 38: a page of an issue"),
        pytest.param("https://github.com/o/r/pull/8 for o/r#5", ["o/r#8"], id="Defect 38: an issue beside a page"),
        pytest.param("Closes o/r#5, resolves #6, issue o/r#7", [], id="Defect 38: issues that are closed"),
        ("o/r#8", ["o/r#8"]),
        ("Pushed as o/r#8, which closes o/r#5", ["o/r#8"]),
        ("PR: #12", ["acme/shop#12"]),
        ("Done.\n\n**PR:** #12 (closes #7)", ["acme/shop#12"]),
        ("pull request #12 and #13, for #4", ["acme/shop#12", "acme/shop#13"]),
        ("The pull request is o/r#12, for o/r#4", ["o/r#12"]),
        ("PR [#12]", ["acme/shop#12"]),
        ("PR: https://github.com/o/r/issues/5", []),
        ("#12", []),
        ("a PR of mine", []),
        ("To create one, visit https://github.com/o/r/pull/new/my-branch", []),
        ("https://github.com/o/r/pull/5x", []),
        ("https://github.com/o/r/pull/0", []),
        ("", []),
    ],
)
def test_a_result_names_its_pull_requests(text: str, expected: list[str]) -> None:
    assert [str(pull) for pull in pulls_in(text, HOME)] == expected


def test_a_number_without_a_repository_is_no_pull_request() -> None:
    assert pulls_in("PR: #12") == ()


def test_short_forms_are_of_the_host_of_the_repository() -> None:
    pulls = pulls_in("PR #3, o/r#4", Repository("a", "b", "git.corp.example"))

    assert [str(pull) for pull in pulls] == ["git.corp.example/a/b#3", "git.corp.example/o/r#4"]


@given(st.text(alphabet="PR#:/. 123aohtpsgiubcml\n", max_size=200))
def test_any_result_can_be_read(text: str) -> None:
    pulls = pulls_in(text, HOME)

    assert len({pull.key for pull in pulls}) == len(pulls)


@pytest.mark.parametrize("text", ["a" * 200_000, "a/" * 100_000, "PR " * 60_000, "https://" * 30_000, "o/r#" * 50_000, "#1," * 60_000])
def test_a_long_result_does_not_hold_up(text: str) -> None:
    assert pulls_in(text, HOME) == ()
