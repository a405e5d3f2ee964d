"""Which work suits which agent."""

from __future__ import annotations

import pytest

from tinytown.domain.role import ROLES, fits, hint, specialty


def kind(role: str | None, name: str) -> str | None:
    known = specialty(role, name)
    return None if known is None else known.name


@pytest.mark.parametrize("name", ["builder", "observer", "rebuilder-2", "webster", "latest", "opsin", "backer", "guide", "apiary"])
def test_a_piece_of_a_word_is_no_specialty(name: str) -> None:
    assert kind(None, name) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("frontend-1", "frontend"),
        ("ui", "frontend"),
        ("api-dev", "backend"),
        ("backend2", "backend"),
        ("qa", "tester"),
        ("ui-tester", "tester"),
        ("api.reviewer", "reviewer"),
        ("docs_writer", "docs"),
        ("ops", "devops"),
        ("sec", "security"),
        ("ruth", None),
    ],
)
def test_a_name_says_what_an_agent_is_for(name: str, expected: str | None) -> None:
    assert kind(None, name) == expected


def test_the_role_counts_before_the_name() -> None:
    assert kind("reviewer", "backend-1") == "reviewer"
    assert kind("Senior QA engineer", "ruth") == "tester"


@pytest.mark.parametrize("role", ["default", "worker", "astronaut", None])
def test_a_role_that_says_nothing_leaves_it_to_the_name(role: str | None) -> None:
    assert kind(role, "docs") == "docs"
    assert kind(role, "ruth") is None


def test_every_role_that_is_built_in_has_a_meaning() -> None:
    assert {role: kind(role, "ruth") for role in ROLES} == {
        "default": None,
        "worker": None,
        "reviewer": "reviewer",
        "researcher": "researcher",
        "runner": "runner",
    }


@pytest.mark.parametrize(
    ("name", "description", "tags", "expected"),
    [
        ("ui", "Build the guide", [], False),
        ("ui", "Make the UI quicker", [], True),
        ("ops", "Decide on prices", [], False),
        ("ops", "Speed up CI.", [], True),
        ("backend", "Tidy the database's tables", [], True),
        ("backend", "Add two APIs", [], True),
        ("backend", "Update the dataset", [], False),
        ("tester", "Take the latest version", [], False),
        ("tester", "Repair test_login", [], True),
        ("tester", "Improve it", ["QA "], True),
        ("tester", "Improve it", ["aqua"], False),
        ("docs", "Dock the boat", ["docks"], False),
        ("ruth", "Anything", [], True),
        ("docs", "Anything", ["docs"], True),
    ],
)
def test_a_task_fits_by_its_whole_words_and_tags(name: str, description: str, tags: list[str], expected: bool) -> None:
    assert fits(None, name, description, tags) is expected


def test_a_task_tagged_with_the_agents_own_name_or_role_fits() -> None:
    assert fits("astronaut", "ui-1", "Fly", ["Astronaut"])
    assert fits(None, "ui-1", "Fly", ["ui-1"])
    assert not fits("", "ui", "Fly", [""])


def test_everybody_gets_a_hint() -> None:
    assert "users see" in hint(None, "frontend")
    assert "any kind" in hint(None, "ruth")
