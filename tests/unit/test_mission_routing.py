"""Which agent suits which work item."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.agent import Agent, AgentState
from tinytown.domain.ids import AgentId
from tinytown.domain.work_item import WorkKind
from tinytown.missions.routing import Lane, best, is_reviewer, lane_of, matches, score

NOW = datetime(2026, 1, 1, tzinfo=UTC)
K = WorkKind
LANES = ["backend", "frontend", "devops", "ruth", "researcher", "runner", "tester", "reviewer"]


def agent(name: str, role: str | None = None, state: AgentState = AgentState.IDLE, **members: Any) -> Agent:
    return Agent(
        id=AgentId(name), name=name, role_id=role, state=state, cli="x", created_at=NOW, last_heartbeat=NOW, last_active_at=NOW, **members
    )


@pytest.mark.parametrize(
    ("name", "role", "lane"),
    [
        ("ruth", None, Lane.GENERALIST),
        ("ruth", "backend", Lane.BACKEND),
        ("ruth", "Frontend", Lane.FRONTEND),
        ("ruth", "test", Lane.TESTER),
        ("ruth", "audit", Lane.REVIEWER),
        ("ruth", "infra", Lane.DEVOPS),
        ("ruth", "runner", Lane.RUNNER),
        ("ruth", "researcher", Lane.RESEARCHER),
        ("backend-1", "default", Lane.GENERALIST),
        ("backend-1", "worker", Lane.GENERALIST),
        ("backend-1", "reviewer", Lane.REVIEWER),
        ("backend-1", "astronaut", Lane.BACKEND),
        ("backend-1", " ", Lane.BACKEND),
        ("ruth", "Senior QA engineer", Lane.TESTER),
        ("api-reviewer", None, Lane.REVIEWER),
        ("web2", None, Lane.FRONTEND),
        ("deploy.bot", None, Lane.DEVOPS),
        ("ci-1", None, Lane.RUNNER),
        ("explore_2", None, Lane.RESEARCHER),
        pytest.param("quinn", None, Lane.GENERALIST, id="Defect 62: quinn is no frontend"),
        pytest.param("francis", None, Lane.GENERALIST, id="Defect 62: francis is no runner"),
        pytest.param("latest-1", None, Lane.GENERALIST, id="Defect 62: latest-1 is no tester"),
        pytest.param("rapid", None, Lane.GENERALIST, id="Defect 62: rapid is no backend"),
        pytest.param("previewer", None, Lane.GENERALIST, id="Defect 62: previewer is no reviewer"),
    ],
)
def test_the_lane_is_told_by_the_role_and_then_by_whole_words_of_the_name(name: str, role: str | None, lane: Lane) -> None:
    assert lane_of(agent(name, role)) is lane


@pytest.mark.parametrize(
    ("name", "role", "wanted", "expected"),
    [
        ("ruth", "backend", "backend", True),
        ("ruth", "test", "tester", True),
        ("ruth", "tester", "Test", True),
        ("ruth", "review", "audit", True),
        ("ruth", "infra", "devops", True),
        ("ruth", "Senior QA engineer", "tester", True),
        ("ruth", "astronaut", "Astronaut ", True),
        ("backend-1", "tester", "backend", False),
        ("backend-1", "worker", "backend", False),
        ("api-1", None, "backend", True),
        ("latest-1", None, "tester", False),
        ("docs-1", None, "docs", True),
        ("docks-1", None, "docs", False),
        ("senior-cook", None, "senior cook", True),
        ("cook", None, "senior cook", False),
        ("cook", None, "42", False),
    ],
)
def test_a_role_matches_whole(name: str, role: str | None, wanted: str, expected: bool) -> None:
    """Defect 62."""
    assert matches(agent(name, role), wanted) is expected


@pytest.mark.parametrize(
    ("kind", "scores"),
    [
        (K.IMPLEMENT, [60, 60, 60, 60, 35, 35, 5, 0]),
        (K.TEST, [45, 45, 45, 45, 30, 30, 85, 10]),
        (K.REVIEW, [5, 5, 5, 20, 35, 5, 5, 120]),
        (K.DESIGN, [55, 55, 55, 55, 75, 20, 10, 30]),
        (K.MERGE_GATE, [35, 35, 35, 35, 20, 80, 10, 50]),
        (K.FOLLOWUP, [50, 50, 50, 50, 50, 35, 20, 10]),
    ],
)
def test_without_a_role_the_kind_decides(kind: WorkKind, scores: list[int]) -> None:
    assert [score(kind, None, agent(lane)) for lane in LANES] == scores
    assert [score(kind, " ", agent(lane)) for lane in LANES] == scores
    assert [score(kind, "astronaut", agent(lane)) for lane in LANES] == scores


@pytest.mark.parametrize(
    ("kind", "role", "scores"),
    [
        (K.IMPLEMENT, "backend", [100, 35, 35, 55, 20, 20, 5, 0]),
        (K.DESIGN, "frontend", [35, 100, 35, 55, 20, 20, 15, 0]),
        (K.TEST, "infra", [35, 35, 100, 55, 20, 20, 15, 0]),
        (K.TEST, "test", [30, 30, 30, 45, 20, 20, 100, 5]),
        (K.IMPLEMENT, "audit", [0, 0, 0, 10, 20, 0, 0, 100]),
        (K.REVIEW, "backend", [100, 35, 35, 55, 20, 20, 15, 120]),
        (K.IMPLEMENT, "runner", [60, 60, 60, 60, 35, 100, 5, 0]),
    ],
)
def test_with_a_role_whoever_has_it_comes_first(kind: WorkKind, role: str, scores: list[int]) -> None:
    assert [score(kind, role, agent(lane)) for lane in LANES] == scores


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("ruth", "review", True), ("ruth", "Code reviewer", True), ("audit-2", None, True), ("reviewer-1", "backend", False),
        ("reviewer-1", "worker", False), ("reviewer-1", "astronaut", False), ("previewer", None, False), ("ruth", None, False),
    ],
)  # fmt: skip
def test_a_reviewer_is_one_by_role_and_then_by_name(name: str, role: str | None, expected: bool) -> None:
    """Defect 62: the same rule wherever a reviewer is sought."""
    assert is_reviewer(agent(name, role)) is expected


def test_load_counts() -> None:
    busy, free = agent("backend-1"), agent("ruth")

    assert best(K.IMPLEMENT, "backend", [(busy, 1), (free, 0)]) is busy
    assert best(K.IMPLEMENT, "backend", [(busy, 2), (free, 0)]) is free
    assert best(K.IMPLEMENT, "backend", [(busy, 4), (free, 2)]) is None


def test_whom_it_does_not_suit_at_all_gets_nothing() -> None:
    assert best(K.IMPLEMENT, None, [(agent("reviewer"), 0)]) is None
    assert best(K.IMPLEMENT, None, []) is None


def test_ties_go_to_the_idle_then_to_the_name() -> None:
    """Defect 63."""
    cold, bob, ada = agent("aaron", state=AgentState.COLD), agent("bob"), agent("ada")

    assert best(K.IMPLEMENT, None, [(cold, 0), (bob, 0), (ada, 0)]) is ada


def test_of_the_same_total_the_one_with_less_to_do_comes_first() -> None:
    """Defect 63."""
    loaded, free = agent("ada-reviewer"), agent("bob-tester")

    assert score(K.MERGE_GATE, None, loaded) - 30 == 20
    assert best(K.MERGE_GATE, None, [(loaded, 1), (agent("zoe-research"), 0)]) == agent("zoe-research")
    assert best(K.MERGE_GATE, None, [(loaded, 1), (free, 0)]) is loaded


names = st.sampled_from(["ada", "bob", "backend-1", "ui", "qa", "ci", "audit", "research"])
candidates = st.lists(
    st.tuples(names, st.integers(0, 4), st.sampled_from([AgentState.IDLE, AgentState.COLD, AgentState.WORKING])),
    unique_by=lambda each: each[0],
)


@given(st.sampled_from(list(K)), st.sampled_from([None, "backend", "tester", "reviewer", "cook"]), candidates, st.randoms())
def test_the_choice_does_not_hang_on_the_order_of_the_list(
    kind: WorkKind, role: str | None, listed: list[tuple[str, int, AgentState]], chance: random.Random
) -> None:
    """Defect 63."""
    agents = [(agent(name, state=state), open_tasks) for name, open_tasks, state in listed]

    chosen = best(kind, role, agents)

    assert best(kind, role, chance.sample(agents, len(agents))) == chosen
    totals = [score(kind, role, each) - 30 * open_tasks for each, open_tasks in agents]
    assert (chosen is None) == (max(totals, default=0) <= 0)
