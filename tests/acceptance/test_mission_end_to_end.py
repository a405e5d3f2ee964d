"""A mission from six issues to six merged pull requests, with every process a real one, and what it survives on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.acceptance.mission_crew import FAULT, LIBRARY, LOG, MERGED, OBJECTIVES, REMARK, Crew, GitHub, after_work
from tests.notify.receiver import Receiver, receiving
from tests.redis_server.processes import is_running
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.watch import Watch
from tinytown.domain.work_item import Waiting, WorkStatus

LONG = 60.0  # two cores, other tests
GATED = "acme/shop#2"
HELD = "acme/shop#9"


@pytest.fixture
def github() -> Iterator[GitHub]:
    """GitHub, as far as these tests go."""
    with GitHub() as github:
        yield github


@pytest.fixture
def phone() -> Iterator[Receiver]:
    """Where people are told."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_right")  # for this process; the others have it from the crew


@pytest.fixture
def crew(place: Path, home: Path, server: Server, github: GitHub, phone: Receiver) -> Iterator[Crew]:
    """A town with a crew, in which nothing runs yet."""
    crew = Crew(place, home, server.url, github, phone.url)
    yield crew
    crew.close()


def test_six_issues_become_merged_work(crew: Crew, phone: Receiver) -> None:
    crew.clock()
    crew.worker("--queues", "agents")
    crew.begin(OBJECTIVES)

    _come_to_the_fork(crew)
    _close_the_library_issue(crew)
    _check_the_end(crew, phone)


def test_the_same_comes_of_it_when_a_worker_and_the_leading_clock_are_killed(crew: Crew, github: GitHub, phone: Receiver) -> None:
    """The worker within a turn whose pull request is open already, the clock within a merge that GitHub has made."""
    github.held = HELD
    crew.gate({GATED: "gate"})
    leader = crew.clock()
    leader.says("leading")
    victim = crew.worker("--queues", "agents")
    crew.begin(OBJECTIVES)

    _come_to_the_fork(crew)
    _await(crew, lambda: len(_pids(crew)) == 1, "the turn")
    (child,) = _pids(crew)
    victim.kill()
    crew.worker("--queues", "agents")
    _await(crew, lambda: len(_pids(crew)) == 2, "the turn to be made again")
    assert not is_running(child)
    _close_the_library_issue(crew)
    crew.open()

    _await(crew, github.holds.is_set, "the merge")
    standby = crew.clock()
    leader.kill()
    assert (github.merges[HELD], crew.item("acme/shop#4").waiting_on) == (1, Waiting.MERGE)
    github.let_go.set()
    standby.says("leading")
    _check_the_end(crew, phone)


def test_github_may_be_away_for_a_while(crew: Crew, github: GitHub, phone: Receiver) -> None:
    """Nobody has failed for that: agents go on, looks become rare, and news brings them back at once."""
    crew.gate({"acme/shop#1": "gate"})
    crew.clock()
    crew.worker("--queues", "agents")
    crew.begin(["acme/shop#1", "acme/lib#7"])
    _await(crew, lambda: len(_pids(crew)) == 1, "the turn")
    _await(crew, lambda: crew.item("acme/lib#7").waiting_for == "the checks of acme/lib#8", "the review")

    github.fail("^/(graphql|repos)", 502, times=1_000_000)
    crew.open()
    _await(crew, lambda: [watch.consecutive_failures for watch in crew.view.watches] == 8 * [1], "looks in vain")
    during, asked = crew.view, github.asked()
    for _ in range(2):
        _await_tick(crew)
    rested = github.asked()
    github.limits.troubles.clear()
    github.fail("/merge$", 502, times=1)
    for pull in ("acme/shop#7", "acme/lib#8"):
        github.check(github.found(pull), "unit", conclusion="success")
    for ref in {watch.target for watch in during.watches}:
        crew.town.missions.pull_moved(ref)
    _await(crew, lambda: crew.view.mission.state.is_terminal, "the mission to end")

    assert {item.status for item in during.items} == {WorkStatus.BLOCKED}
    assert {(watch.next_due_at - _checked(watch)).total_seconds() for watch in during.watches} == {60}
    assert all("502" in str(watch.last_error) for watch in during.watches)
    assert rested == asked
    assert crew.outcome()["mission"] == "completed"
    assert [line for line in crew.log if "fail" in line] == []
    assert [item.attempts for item in crew.view.items] == [1, 1]
    _check_told(crew, phone, items=2)
    after_work(crew)


def _come_to_the_fork(crew: Crew) -> None:
    """The first issue's checks end after its review."""
    _await(crew, lambda: crew.item("acme/shop#1").reviewer_approved and crew.item("acme/shop#1").waiting_on is Waiting.CI, "the review")
    crew.github.check(crew.github.found("acme/shop#7"), "unit", conclusion="success")
    _await(crew, lambda: crew.item("acme/api#1").waiting_for == "acme/lib#7 (open)", "the fork")


def _close_the_library_issue(crew: Crew) -> None:
    crew.github.close_issue(crew.github.issues[LIBRARY])


def _await(crew: Crew, predicate: Callable[[], bool], what: str) -> None:
    try:
        wait_until(predicate, LONG, every=0.05, message=what)
    except AssertionError as error:
        raise AssertionError("\n".join((str(error), *crew.log))) from None


def _check_the_end(crew: Crew, phone: Receiver) -> None:
    _await(crew, lambda: crew.view.mission.state.is_terminal, "the mission to end")
    after_work(crew)
    assert crew.outcome() == {
        "mission": "completed",
        "items": {"done"},
        "pulls": MERGED,
        "open": set(),
        "merges": {pull: 1 for _, pull in MERGED},
        "tasks": {},
        "errands": (),
        "hands": {},
        "mail": [],
        "dead": [],
    }
    _check_told(crew, phone, items=6)
    fixes = {issue: crew.told(issue, "Fix") for issue, _ in MERGED}
    assert {issue: len(texts) for issue, texts in fixes.items() if texts} == dict.fromkeys(
        ("acme/shop#2", "acme/api#1", "acme/shop#4", "acme/shop#5"), 1
    )
    assert "unit: failure" in fixes["acme/shop#2"][0]
    assert LOG in fixes["acme/shop#2"][0]
    assert f"rita wants changes:\n{FAULT}" in fixes["acme/api#1"][0]
    assert "conflicts with its base main" in fixes["acme/shop#4"][0]
    assert f"maria on shop/orders.py:12:\n{REMARK}" in fixes["acme/shop#5"][0]


def _check_told(crew: Crew, phone: Receiver, items: int) -> None:
    """People were told of the end, once, and of nothing else."""
    store = crew.town.desk.store
    wait_until(lambda: phone.posted and not store.connection.call("ZCARD", store.keys.notifications_due), LONG, message="the news")
    (posted,) = phone.posted
    assert (posted.json["event"], posted.json["mission_id"]) == ("mission.completed", crew.mission)
    assert posted.json["body"].startswith(f"{items} of {items} items are done.")


def _await_tick(crew: Crew) -> None:
    last = crew.view.last_tick_at
    _await(crew, lambda: crew.view.last_tick_at != last, "a tick")


def _checked(watch: Watch) -> datetime:
    assert watch.last_check_at is not None
    return watch.last_check_at


def _pids(crew: Crew) -> list[int]:
    return crew.runs_of() if (crew.folder / "gate.started").exists() else []
