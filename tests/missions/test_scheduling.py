"""Who is given what: the choice, as a table."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.missions.scene import issue, planned
from tinytown.domain.agent import Agent, AgentState, StopReason
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MissionId, WorkItemId, derived_id
from tinytown.domain.mission import Policy
from tinytown.domain.work_item import WorkItem, WorkKind, WorkStatus
from tinytown.missions.beginning import begin
from tinytown.missions.commands import Hand
from tinytown.missions.schedule import assign, promote
from tinytown.missions.snapshot import Draft
from tinytown.planning.graph import Plan, PlannedItem

NOW = datetime(2026, 1, 1, tzinfo=UTC)
S = AgentState
WAKEABLE = [(S.IDLE, None), (S.COLD, None), (S.STARTING, None), (S.STOPPED, StopReason.IDLE_TIMEOUT)]
UNAVAILABLE = [
    (S.WORKING, None),
    (S.PAUSED, None),
    (S.DRAINING, None),
    (S.ERROR, None),
    (S.STOPPED, StopReason.REQUESTED),
    (S.STOPPED, StopReason.MAX_ROUNDS),
]


def hand(
    name: str,
    role: str | None = "backend",
    state: AgentState = S.IDLE,
    why: StopReason | None = None,
    *,
    cli: str = "claude",
    open_tasks: int = 0,
    engaged: str | None = None,
) -> Hand:
    """An agent of the town."""
    agent = Agent(
        id=AgentId(derived_id("agent", name)),
        name=name,
        role_id=role,
        state=state,
        stop_reason=why,
        cli=cli,
        created_at=NOW,
        last_heartbeat=NOW,
        last_active_at=NOW,
    )
    return Hand(agent=agent, open_tasks=open_tasks, engaged=None if engaged is None else WorkItemId(engaged))


def laid_out(*items: PlannedItem, **policy: Any) -> Draft:
    """A mission that has just begun."""
    plan = Plan(objectives=(issue(1),), items=items)
    begun = begin(plan, Policy(**{"max_parallel_items": 99} | policy), MissionId(derived_id("mission", "one")), SUPERVISOR_ID, NOW)
    return Draft(begun.after, NOW)


def number_of(item: WorkItem) -> int:
    """The number of its issue."""
    return int(str(item.source_ref).rsplit("#", 1)[1])


def given(draft: Draft, *hands: Hand) -> dict[int, str]:
    """Who is given which item."""
    names = {each.agent.id: each.agent.name for each in hands}
    assign(draft, {each.agent.id: each for each in hands})
    return {number_of(item): names[item.assigned_to] for item in draft if item.assigned_to is not None}


@pytest.mark.parametrize(("state", "why"), WAKEABLE)
def test_whoever_a_message_wakes_is_given_work(state: AgentState, why: StopReason | None) -> None:
    """Defect 58: agents without a worker, stopped for want of work, or starting, count."""
    assert given(laid_out(planned(1)), hand("ada", state=state, why=why)) == {1: "ada"}


@pytest.mark.parametrize(("state", "why"), UNAVAILABLE)
def test_nobody_else_is(state: AgentState, why: StopReason | None) -> None:
    """Defect 58: what works is not given more, what somebody stopped stays stopped."""
    assert given(laid_out(planned(1)), hand("ada", state=state, why=why)) == {}


@pytest.mark.parametrize(("state", "why"), WAKEABLE)
def test_reviewers_are_woken_too(state: AgentState, why: StopReason | None) -> None:
    """Defects 17 and 58."""
    draft = laid_out(planned(1))
    draft.change_item(next(iter(draft)), status=WorkStatus.BLOCKED, author=AgentId("ada"))

    assert given(draft, hand("rex", "reviewer", state, why)) == {1: "rex"}


def test_people_are_given_nothing() -> None:
    assert given(laid_out(planned(1)), hand("ada", cli="manual")) == {}


def test_nobody_is_given_two_items() -> None:
    """Defect 59: in one tick."""
    items = [planned(number) for number in range(1, 6)]

    assert sorted(given(laid_out(*items), hand("ada"), hand("bob"), hand("cy")).values()) == ["ada", "bob", "cy"]


def test_who_has_an_item_of_another_mission_is_given_none() -> None:
    """Defect 59."""
    assert given(laid_out(planned(1)), hand("ada", engaged="some-item"), hand("bob")) == {1: "bob"}


def test_open_tasks_of_any_kind_are_a_load() -> None:
    """Defect 59, §12.4: 30 for each; what is left must be above 0."""
    assert given(laid_out(planned(1)), hand("ada", open_tasks=1), hand("bob", "frontend")) == {1: "bob"}
    assert given(laid_out(planned(1)), hand("ada", open_tasks=2)) == {}
    assert given(laid_out(planned(1, role="backend")), hand("ada", open_tasks=2), hand("bob", "frontend")) == {1: "ada"}


@pytest.mark.parametrize("order", [("ada", "bob", "cy"), ("cy", "bob", "ada")])
def test_ties_are_broken_by_name(order: tuple[str, ...]) -> None:
    """Defect 63: not by the order in which a database lists them."""
    assert given(laid_out(planned(1)), *(hand(name) for name in order)) == {1: "ada"}


def test_the_longest_chain_goes_first() -> None:
    """Defect 60: then what matters more, then the order of the plan."""
    items = [planned(1), planned(2), planned(3, priority=5), planned(4), planned(5, 4), planned(6, 5)]

    assert given(laid_out(*items), *(hand(name) for name in "abcd")) == {4: "a", 3: "b", 1: "c", 2: "d"}


def test_work_that_nobody_can_do_wastes_no_slot() -> None:
    """Defect 60."""
    items = [planned(1, kind=WorkKind.REVIEW, role="reviewer", priority=9), planned(2)]

    assert given(laid_out(*items, max_parallel_items=1), hand("ada")) == {2: "ada"}


def test_fixes_and_reviews_take_slots_and_go_first() -> None:
    """Defect 61: what is under way is finished before something new is begun."""
    draft = laid_out(planned(1), planned(2), planned(3), max_parallel_items=2)
    first, second, third = draft
    draft.change_item(second, status=WorkStatus.BLOCKED, author=hand("bob").agent.id)
    draft.change_item(third, artifact_refs=("x",), fix="mend it", author=hand("ada").agent.id)

    assert given(draft, hand("ada"), hand("bob"), hand("rex", "reviewer")) == {2: "rex", 3: "ada"}
    assert draft.items[first.id].status is WorkStatus.READY


def test_a_fix_waits_for_its_author() -> None:
    """Defect 28: as long as the author can be waited for; else the best takes it."""

    def mending() -> Draft:
        draft = laid_out(planned(1))
        draft.change_item(next(iter(draft)), artifact_refs=("x",), fix="mend it", author=hand("ada").agent.id)
        return draft

    assert given(mending(), hand("ada"), hand("bob")) == {1: "ada"}
    assert given(mending(), hand("ada", state=S.WORKING), hand("bob")) == {}
    assert given(mending(), hand("ada", state=S.ERROR), hand("bob")) == {1: "bob"}
    assert given(mending(), hand("ada", "reviewer"), hand("bob")) == {1: "ada"}
    assert given(mending(), hand("bob")) == {1: "bob"}


def test_the_author_is_no_reviewer() -> None:
    """Defect 33."""
    draft = laid_out(planned(1))
    draft.change_item(next(iter(draft)), status=WorkStatus.BLOCKED, author=hand("rex").agent.id)

    assert given(draft, hand("rex", "reviewer")) == {}
    assert given(draft, hand("rex", "reviewer"), hand("roy", "reviewer")) == {1: "roy"}


@pytest.mark.parametrize(
    ("agent", "reviews"),
    [
        (("rex", "reviewer"), True), (("rex", "review"), True), (("rex", "audit"), True), (("code-reviewer", None), True),
        (("rex", "backend"), False), (("reviewer-1", "backend"), False), (("preview-1", None), False), (("rex", None), False),
    ],
)  # fmt: skip
def test_a_reviewer_is_one_by_role_before_name(agent: tuple[str, str | None], reviews: bool) -> None:
    """Defect 62: and by whole words."""
    draft = laid_out(planned(1))
    draft.change_item(next(iter(draft)), status=WorkStatus.BLOCKED, author=hand("ada").agent.id)

    assert given(draft, hand(*agent)) == ({1: agent[0]} if reviews else {})


@pytest.mark.parametrize(
    ("item", "chosen"),
    [
        (planned(1), "ada"),
        (planned(1, kind=WorkKind.TEST), "tom"),
        (planned(1, kind=WorkKind.REVIEW, role="backend"), "rex"),
        (planned(1, kind=WorkKind.DESIGN), "ren"),
        (planned(1, kind=WorkKind.MERGE_GATE), "ron"),
        (planned(1, role="test"), "tom"),
        (planned(1, role="frontend"), "quinn"),
    ],
    ids=["implement", "test", "review", "design", "merge gate", "for a tester", "for frontend"],
)  # fmt: skip
def test_who_is_best_for_what(item: PlannedItem, chosen: str) -> None:
    """§22, Scheduler: implementing avoids the tester; a review goes to who has an alias of the role, whatever the owner."""
    town = [hand("ada"), hand("quinn", None), hand("tom", "test"), hand("rex", "audit"), hand("ren", "researcher"), hand("ron", "runner")]

    assert given(laid_out(item), *town) == {1: chosen}


def test_what_is_done_has_its_dependants_begun_and_what_is_gone_is_told() -> None:
    """Defect 27, §11.3."""
    draft = laid_out(planned(1), planned(2, 1), planned(3))
    first, second, third = draft
    draft.change_item(first, status=WorkStatus.DONE)
    draft.change_item(third, status=WorkStatus.PENDING, depends_on=(WorkItemId("gone"),))
    promote(draft)

    assert draft.items[second.id].status is WorkStatus.READY
    assert draft.items[third.id].waiting_for == "an item that is gone (gone)"
