"""What an issue's text says that it depends on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.planning.world import HOME
from tinytown.planning.phrases import dependencies, tracked, without_references


def found(text: str) -> list[str]:
    return [str(ref).removeprefix("acme/shop") for ref in dependencies(text, HOME)]


@pytest.mark.parametrize(
    "phrase",
    [
        "depend on",
        "depends on",
        "after",
        "blocked by",
        "require",
        "requires",
        "Depends On",
        "BLOCKED  BY",
        "dependent on",
        "must come after",
        "is blocked by",
    ],
)
def test_each_phrase_names_a_dependency(phrase: str) -> None:
    assert found(f"This {phrase} #4.") == ["#4"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("depends on #1, #2 and #3", ["#1", "#2", "#3"]),
        ("depends on #3 & #1", ["#3", "#1"]),
        ("requires #2, #2 and after #2", ["#2"]),
        ("after #2, blocked by #1", ["#2", "#1"]),
        ("requires\n#3", ["#3"]),
        ("after (#3)", ["#3"]),
        ("after issues #1 and #2, PR #3", ["#1", "#2"]),
        pytest.param("Depends on #1, and #2", ["#1", "#2"], id="Defect 54: Oxford comma"),
        pytest.param("depends on: #4", ["#4"], id="Defect 54: colon"),
        pytest.param("**Depends on:** #4, #5", ["#4", "#5"], id="Defect 54: bold and colon"),
        pytest.param("depends on #1 #2", ["#1", "#2"], id="Defect 54: spaces"),
        pytest.param("depends on #1/#2; #3", ["#1", "#2", "#3"], id="Defect 54: slash and semicolon"),
        pytest.param(
            "Depends on:\n- #1 the parser\n* [ ] #2\n+ other things\n1. o/r#3\n\nSee #9",
            ["#1", "#2", "o/r#3"],
            id="Defect 54: bullets of all kinds",
        ),
        pytest.param(
            "Depends on:\n- #1 the parser\n- [ ] #2\n- other things\n- o/r#3\n\nSee #9", ["#1", "#2", "o/r#3"], id="Defect 54: bullets"
        ),
        pytest.param("## Blocked by\n\n1. #5\n2. #6", ["#5", "#6"], id="Defect 54: heading and list"),
        pytest.param("not blocked by #7", [], id="Defect 54: negated"),
        pytest.param("no longer depends on #7", [], id="Defect 54: no longer"),
        pytest.param("It does not require #7.", [], id="Defect 54: does not"),
        pytest.param("It doesn't really depend on #7.", [], id="Defect 54: n't"),
        pytest.param("isn’t blocked by #7", [], id="Defect 54: curly apostrophe"),
        pytest.param("never after #7, nor blocked by #8", [], id="Defect 54: never, nor"),
        pytest.param("not only requires #7, but after #8", ["#7", "#8"], id="Defect 54: not only"),
        pytest.param("Does not work until after #7. It is not done. After #8.", ["#7", "#8"], id="Defect 54: another sentence"),
        pytest.param("```\ndepends on #1\n```", [], id="Defect 54: fenced code"),
        pytest.param("~~~text\ndepends on #1\n~~~", [], id="Defect 54: fence of tildes"),
        pytest.param("    depends on #1", [], id="Defect 54: indented code"),
        pytest.param("`depends on #1` and ``after `#2` ``", [], id="Defect 54: inline code"),
        pytest.param("depends on `#1`", [], id="Defect 54: code after the phrase"),
        pytest.param("<code>after #1</code> after #2", ["#2"], id="Defect 54: HTML code"),
        pytest.param("hereafter #9, thereafter #8, xrequires #7", [], id="Defect 54: left boundary"),
        pytest.param("depending on #3, look-after #4, required by #5", [], id="Defect 54: other words"),
        pytest.param("depends on owner/repo#5", ["owner/repo#5"], id="Defect 53: another repository"),
        pytest.param(
            "after https://github.com/o/r/issues/4#issuecomment-1, git.corp.example/o/r#5.",
            ["o/r#4", "git.corp.example/o/r#5"],
            id="Defect 53: pages",
        ),
        ("after [the parser](https://github.com/o/r/issues/4)", ["o/r#4"]),
        ("after [#4](https://github.com/o/r/issues/4)", ["o/r#4"]),
        ("after https://github.com/o/r/pull/4, which is open", ["o/r#4"]),
        ("<!-- depends on #1 -->\n\nText <!-- after #2 --> goes on", []),
        ("<!--\ndepends on #1\n\nafter #2", []),
        ("> depends on #1\n\nafter #2", ["#2"]),
        ("~~depends on #1~~ <del>after #2</del>", []),
        ("<details>\n<summary>More</summary>\nafter #8\n</details>", ["#8"]),
        ("| task | needs |\n|---|---|\n| a | after #8 |", ["#8"]),
        ("after 5 minutes, requires 3 people", []),
        ("after #0", []),
        ("", []),
    ],
)
def test_dependencies_are_read_as_people_mean_them(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_without_a_repository_only_whole_references_count() -> None:
    assert [str(ref) for ref in dependencies("after #1 and o/r#2", None)] == ["o/r#2"]


def test_task_lists_name_issues_and_say_which_are_settled() -> None:
    text = "- [ ] #12\n- [x] owner/repo#3 done\n- [ ] Fix what #12 broke\n- #5\n  1. [X] https://github.com/o/r/issues/4\n\n"
    text += "> - [ ] #6\n\n```\n- [ ] #7\n```\n- [ ] #12"

    assert [(str(ref), settled) for ref, settled in tracked(text, HOME)] == [
        ("acme/shop#12", False),
        ("owner/repo#3", True),
        ("o/r#4", True),
    ]


def test_words_are_read_without_references() -> None:
    words = without_references("Make it. Depends on o/frontend#3, and #4; see https://api.example/server in a/api#4.").split()

    assert words == ["Make", "it.", ";", "see", "in", "."]


@given(st.text(alphabet="depnso after:blockdyrqui#123,& \n-*`>[]x<!~|/.", max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert all(ref.number > 0 for ref in dependencies(text, HOME))
    assert all(ref.number > 0 for ref, _ in tracked(text, HOME))


@given(
    st.lists(st.integers(1, 99), min_size=1, max_size=6),
    st.sampled_from([", ", " & ", " and ", ", and ", " "]),
    st.text("abc .,:-*#\n", max_size=60),
)
def test_a_list_is_found_whatever_stands_before_it(numbers: list[int], between: str, before: str) -> None:
    text = f"{before}\n\n## Needs\n\ndepends on {between.join(f'#{number}' for number in numbers)}"

    assert found(text) == [f"#{number}" for number in dict.fromkeys(numbers)]


@pytest.mark.parametrize(
    "text", ["after " * 20_000, "not " * 20_000 + "after #1", "> " * 5_000, "- " * 5_000, "#1 " * 20_000, "[" * 20_000]
)
def test_a_long_text_does_not_hold_up(text: str) -> None:
    assert len(dependencies(text, HOME)) <= 1
