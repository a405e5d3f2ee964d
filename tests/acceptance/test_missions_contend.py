"""Two clocks, three workers and drivers that freeze or die: a mission goes on, and nothing of it happens twice."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.household import QUICK, TT, Household, Program
from tests.missions.books import Books, tasks_of
from tests.missions.driver import MOMENTS
from tests.server import Server
from tests.waiting import wait_until
from tinytown.domain.ids import MissionId
from tinytown.domain.mission import Mission, MissionState
from tinytown.domain.objective import DocObjective
from tinytown.domain.work_item import WorkKind, WorkStatus
from tinytown.planning.graph import Plan, PlannedItem

MISSIONS = """
[mission]
tick_interval_secs = 1
lock_ttl_secs = 5
max_parallel_items = 3

[agent_clis.scripted]
command = "sh agent.sh"
input = "prompt"
completes = "report"
"""
SCRIPT = f"""
verdict=
case $(cat) in *'[Mission Review]'*) verdict='--verdict approve';; esac
echo "$TINYTOWN_TASK_ID" >> tasks.reported
exec {" ".join(TT)} task complete "$TINYTOWN_TASK_ID" --result made $verdict
"""
MAKE, FIND_OUT = WorkKind.IMPLEMENT, WorkKind.DESIGN


@pytest.fixture
def office(place: Path, home: Path, server: Server) -> Iterator[Household]:
    """A town with missions, whose agents report as coding programs do."""
    (place / "agent.sh").write_text(SCRIPT)
    household = Household(place, home, server.url, QUICK + MISSIONS)
    yield household
    household.close()


def test_two_clocks_and_three_workers_do_each_thing_of_a_mission_once(office: Household) -> None:
    town = office.town
    for name, role in (("ada", "backend"), ("bob", "backend"), ("rev", "reviewer"), ("rex", "reviewer")):
        town.spawn(name, cli="scripted", role=role)
    leader = office.clock()
    leader.says("leading")
    office.clock()
    victim, *_ = [office.worker("--queues", queues) for queues in ("agents,control", "agents,control", "agents,control")]
    mission = _start(office, a=(FIND_OUT, ()), b=(MAKE, ("a",)), c=(MAKE, ("a",)), d=(FIND_OUT, ("b", "c")))

    wait_until(lambda: _done(office, mission) >= 1, 30)
    leader.signal(signal.SIGSTOP)  # past its lease: the other one leads
    victim.kill()
    wait_until(lambda: _done(office, mission) >= 2, 30)
    leader.signal(signal.SIGCONT)
    wait_until(lambda: _mission(office, mission).state.is_terminal, 40)

    assert _mission(office, mission).state is MissionState.COMPLETED
    assert _made(office, mission) == {
        ("a", "work"): 1,
        ("b", "work"): 1,
        ("b", "review"): 1,
        ("c", "work"): 1,
        ("c", "review"): 1,
        ("d", "work"): 1,
    }
    _check_books(office, mission)


def test_a_driver_that_is_frozen_past_its_lease_or_killed_in_mid_tick_does_nothing_twice(office: Household) -> None:
    """Before its commit it changes nothing any more; after it, others do its errands, and it does them again without effect."""
    town = office.town
    for number in range(6):
        town.spawn(f"maker-{number}", cli="shell", role="backend")
    fates = {
        _start(office, x=(FIND_OUT, ()), y=(FIND_OUT, ("x",))): (moment, deed)
        for moment in MOMENTS
        for deed in (signal.SIGSTOP, signal.SIGKILL)
    }
    drivers = {mission: _driver(office, mission, moment) for mission, (moment, _) in fates.items()}

    for mission, driver in drivers.items():
        wait_until((office.folder / f"{mission}.waits").exists, 20)
        driver.signal(fates[mission][1])
    busy = [town.mission_ticks.tick(mission).driven for mission in drivers]
    wait_until(lambda: not any(_is_leased(office, mission) for mission in drivers), 10)
    for _ in range(6):
        for mission in drivers:
            town.mission_ticks.tick(mission)
        for task in town.tasks.matching():
            if not task.state.is_terminal:
                town.tasks.complete(task.id, "made")
    before = {mission: Books(town, mission).read() for mission in drivers}
    for mission, driver in drivers.items():
        (office.folder / f"{mission}.gate").touch()
        if driver.is_running:
            driver.signal(signal.SIGCONT)
            assert driver.status() == 0, driver.output

    assert busy == [False] * 4
    for mission, (_, deed) in fates.items():
        assert _mission(office, mission).state is MissionState.COMPLETED
        assert _made(office, mission) == {("x", "work"): 1, ("y", "work"): 1}
        assert Books(town, mission).read() == before[mission]
        assert ("driven=False" in drivers[mission].output) == (deed == signal.SIGSTOP)
        _check_books(office, mission)


def _start(office: Household, **items: tuple[WorkKind, tuple[str, ...]]) -> MissionId:
    planned = [PlannedItem(key=key, title=key, kind=kind, depends_on=before) for key, (kind, before) in items.items()]
    return office.town.missions.start(Plan(objectives=(DocObjective("plan.md"),), items=tuple(planned))).mission.id


def _driver(office: Household, mission: MissionId, moment: str) -> Program:
    root = Path(__file__).resolve().parents[2]
    return office.run(sys.executable, "-m", "tests.missions.driver", mission, moment, env={"PYTHONPATH": str(root)})


def _mission(office: Household, mission: MissionId) -> Mission:
    return office.town.missions.find(mission)


def _done(office: Household, mission: MissionId) -> int:
    return sum(item.status is WorkStatus.DONE for item in office.town.missions.view(mission).items)


def _is_leased(office: Household, mission: MissionId) -> bool:
    store = office.town.desk.store
    return bool(store.connection.call("EXISTS", store.keys.dispatch_lock(mission)))


def _made(office: Household, mission: MissionId) -> dict[tuple[str, str], int]:
    """How many tasks were made for each item, by what they do."""
    titles: dict[str, str] = {item.id: item.title for item in office.town.missions.view(mission).items}
    tasks = [task for task in tasks_of(office.town) if task.mission_id == mission]
    return dict(Counter((titles[str(task.work_item_id)], str(task.mission_task)) for task in tasks))


def _check_books(office: Household, mission: MissionId) -> None:
    """No task is left, no errand, no hand, and each event was told once."""
    books = Books(office.town, mission)
    wait_until(lambda: books.read().mission.errands == ())
    books.check(tasks_of(office.town))
    books.check_events()
