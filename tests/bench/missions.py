"""What it takes to drive missions: one of a thousand items, in an empty and in a crowded town, and two hundred at once."""

from __future__ import annotations

import time
from datetime import timedelta

import msgspec

from tests.bench.crowd import fill
from tests.bench.figure import Figure, percentile
from tests.bench.place import Place
from tinytown.domain.ids import SUPERVISOR_ID, AgentId, MissionId, TaskId, WatchId, derived_id, new_mission_id
from tinytown.domain.mission import Mission, Policy
from tinytown.domain.objective import DocObjective, PullRef
from tinytown.domain.watch import Watch, WatchKind
from tinytown.domain.work_item import Waiting, WorkItem, WorkKind, WorkStatus
from tinytown.missions.beginning import begin
from tinytown.missions.snapshot import Decision, Snapshot
from tinytown.planning.graph import Plan, PlannedItem
from tinytown.town import Town

__all__ = ["measure"]

ITEMS = 1000
WAITING = 100
AT_WORK = 20
AGENTS = 30
TICKS = 41
MISSIONS = 200
CROWDS = (10_000, 100_000)
TICK_INTERVAL = 30
BODY = "What is to be done, in the words of an issue of the usual length. " * 12


def measure() -> list[Figure]:
    """Ticks in one town, which grows; then a round of many missions in another."""
    with Place() as place, place.town() as town:
        large = _large(town)
        figures = [*_ticks(town, large), *_busy(town, large)]
        known = 0
        alone = figures[0].value
        for crowd in CROWDS:
            fill(town, agents=100, tasks=crowd - known, called=f"crowd-{crowd}")
            known = crowd
            among = _ticks(town, large, f", among {crowd:,} other tasks")[0]
            figures += [
                among,
                _figure(f"that, as a multiple of the first{'' if crowd < 100_000 else ' (100,000)'}", among.value / alone, "x", 1.2),
            ]
    with Place() as place, place.town() as town:
        figures += _rounds(town)
    return figures


def _ticks(town: Town, mission: MissionId, where: str = "") -> list[Figure]:
    """The mission is driven again and again, and nothing has happened in between."""
    spans = []
    for count in range(TICKS + 3):
        began = time.perf_counter()
        assert town.mission_ticks.tick(mission).driven
        if count >= 3:
            spans.append((time.perf_counter() - began) * 1000)
    note = f"{TICKS} ticks, p99 {percentile(spans, 99):.3g} ms"
    return [_figure(f"a tick of {ITEMS:,} items{where}, p50", percentile(spans, 50), "ms", 100, note)]


def _busy(town: Town, mission: MissionId) -> list[Figure]:
    """A task has ended before every tick, so that its item is done and others begin."""
    spans = []
    for _ in range(21):
        snapshot = town.desk.store.missions.load(mission)
        assert snapshot is not None
        item = next(item for item in snapshot.items.values() if item.task_id is not None)
        assert item.task_id is not None
        town.tasks.complete(item.task_id, "done")
        began = time.perf_counter()
        assert town.mission_ticks.tick(mission).moved
        spans.append((time.perf_counter() - began) * 1000)
    return [_figure("that, when a task has ended and another begins, p50", percentile(spans, 50), "ms", None, f"{len(spans)} ticks")]


def _rounds(town: Town) -> list[Figure]:
    """Every mission of many is rung for by the clock, and driven once."""
    for number in range(AGENTS):
        town.spawn(f"agent-{number}", cli="noop")
    for number in range(MISSIONS):
        _begin(town, [_planned(number * 100 + place, (number * 100 + place - 1,) if place else ()) for place in range(10)])
    town.mission_ticks.tick_all()
    store = town.desk.store
    store.connection.calls([("ZADD", store.keys.missions_due, "XX", 1, mission) for mission in store.missions.active()])
    store.connection.call("DEL", store.keys.mission_bells)
    began = time.perf_counter()
    rung = town.mission_ticks.ring_due()
    ringing = time.perf_counter() - began
    assert rung == MISSIONS
    began = time.perf_counter()
    driven = sum(ticked.driven for ticked in town.mission_ticks.tick_all())
    driving = time.perf_counter() - began
    assert driven == MISSIONS
    return [
        _figure(f"the clock rings for {MISSIONS} missions that are due", ringing * 1000, "ms"),
        _figure(f"one round of {MISSIONS} missions of 10 items", driving, "s", TICK_INTERVAL, "one process drives all"),
        Figure(section="missions", name="that, in ticks a second", value=driven / driving, unit="/s", better="more"),
    ]


def _large(town: Town) -> MissionId:
    """A mission in full swing: some items done, some with agents, some that wait for pull requests, most for others."""
    agents = [town.spawn(f"agent-{number}", cli="noop").id for number in range(AGENTS)]
    planned = [_planned(number, tuple(range(max(0, number - 300), number, 100)) if number >= 300 else ()) for number in range(ITEMS)]
    decision = _begun(town, planned, Policy(max_parallel_items=AT_WORK))
    mission = decision.after.mission
    items = {item.id: _as_it_stands(town, mission, item, agents) for item in decision.after.items.values()}
    watches = {watch.id: watch for item in items.values() if item.pull is not None for watch in _watches(town, mission, item)}
    _store(town, Decision(before=None, after=Snapshot(mission=mission, items=items, watches=watches, notes={}), events=()))
    town.mission_ticks.tick(mission.id)
    snapshot = town.desk.store.missions.load(mission.id)
    assert snapshot is not None
    assert sum(item.task_id is not None for item in snapshot.items.values()) == AT_WORK
    assert sum(item.waiting_on is Waiting.CI for item in snapshot.items.values()) == WAITING
    return mission.id


def _as_it_stands(town: Town, mission: Mission, item: WorkItem, agents: list[AgentId]) -> WorkItem:
    if item.index < 100:
        return msgspec.structs.replace(item, status=WorkStatus.DONE)
    if item.index < 100 + WAITING:
        pull = PullRef("acme", "app", 10_000 + item.index)
        return msgspec.structs.replace(
            item, status=WorkStatus.BLOCKED, pull=pull, head=f"{item.index:040x}", author=agents[item.index % AGENTS],
            reviewer_approved=True, approved_commit=f"{item.index:040x}", waiting_on=Waiting.CI, waiting_for="checks",
            waiting_since=town.desk.now(), past_tasks=(TaskId(derived_id(mission.id, item.id, "task")),), attempts=1,
        )  # fmt: skip
    return item


def _watches(town: Town, mission: Mission, item: WorkItem) -> list[Watch]:
    assert item.pull is not None
    later = town.desk.now() + timedelta(hours=10)
    return [
        Watch(
            id=WatchId(derived_id(mission.id, item.id, kind)), mission_id=mission.id, work_item_id=item.id, kind=kind, target=item.pull,
            interval_secs=180, next_due_at=later, head=item.head, finding="1 of 3 checks have not finished",
        )
        for kind in WatchKind
    ]  # fmt: skip


def _planned(number: int, before: tuple[int, ...]) -> PlannedItem:
    return PlannedItem(
        key=f"acme/app#{number + 1}", title=f"thing {number + 1} of many", kind=WorkKind.IMPLEMENT if number < 200 else WorkKind.DESIGN,
        depends_on=tuple(f"acme/app#{other + 1}" for other in before), source_ref=f"acme/app#{number + 1}", body=BODY,
    )  # fmt: skip


def _begun(town: Town, planned: list[PlannedItem], policy: Policy) -> Decision:
    plan = Plan(objectives=(DocObjective("plan.md"),), items=tuple(planned))
    return begin(plan, policy, new_mission_id(), SUPERVISOR_ID, town.desk.now())


def _begin(town: Town, planned: list[PlannedItem]) -> None:
    _store(town, _begun(town, planned, Policy()))


def _store(town: Town, decision: Decision) -> None:
    assert town.desk.store.missions.store(decision, within=timedelta(seconds=TICK_INTERVAL)) == "changed"


def _figure(name: str, value: float, unit: str, goal: float | None = None, note: str = "") -> Figure:
    return Figure(section="missions", name=name, value=value, unit=unit, goal=goal, note=note)
