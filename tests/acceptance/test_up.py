"""`tt up` and `tt down`: a whole town on this machine."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.acceptance.household import Household
from tests.installed import Installed
from tests.redis_server.processes import is_running, kill
from tests.waiting import wait_until
from tinytown.domain.task import TaskState
from tinytown.errors import RedisUnavailable
from tinytown.runtime import Holder, ensure_up, holder_of


def test_a_town_in_the_background_works_until_it_is_told_to_end(homestead: Household) -> None:
    up = homestead.tt("up", "--detach", "--concurrency", "2")
    started = up.status()
    (worker,) = homestead.town.workers.all()
    homestead.spawn("ada")
    task = homestead.town.wait(homestead.town.assign("ada", "echo done").id, 10)
    holder = _holder(homestead)

    down = homestead.tt("down")
    ended = down.status()

    assert (started, ended) == (0, 0), up.output + down.output
    assert "runs in the background" in up.output
    assert worker.concurrency == 2
    assert task.result == "done\n"
    assert holder_of(homestead.folder) is None
    assert not any(is_running(pid) for pid in (holder.pid, *holder.processes.values()))
    assert homestead.town.agents.find("ada").tasks_completed == 1, "Redis is left running"
    assert {"clock.log", "up.log", "worker.log"} <= {path.name for path in (homestead.folder / ".tt" / "logs").iterdir()}


def test_redis_ends_with_the_town_when_that_is_wanted(homestead: Household) -> None:
    homestead.tt("up", "--detach").status()

    down = homestead.tt("down", "--redis")

    assert down.status() == 0
    assert "Its Redis is stopped." in down.output
    assert not (homestead.folder / ".tt" / "redis.sock").exists()


def test_a_worker_that_was_started_otherwise_goes_on_and_is_named(homestead: Household) -> None:
    other = homestead.worker()

    down = homestead.tt("down")

    assert down.status() == 0
    assert f"1 worker started otherwise: process {other.pid} on " in down.output
    assert other.terminated() == 0


def test_a_full_disk_under_the_logs_ends_nothing(homestead: Household) -> None:
    logs = homestead.folder / ".tt" / "logs"
    logs.mkdir(parents=True)
    for name in ("up", "clock", "worker"):
        (logs / f"{name}.log").symlink_to("/dev/full")

    up = homestead.tt("up", "--detach")
    status = up.status()
    homestead.spawn("ada")

    assert status == 0, up.output
    assert homestead.town.wait(homestead.town.assign("ada", "echo done").id, 10).result == "done\n"
    assert homestead.tt("down").status() == 0


def test_nothing_to_end_is_no_error(homestead: Household) -> None:
    down = homestead.tt("down")

    assert down.status() == 0
    assert "Nothing of town quick runs" in down.output


def test_of_two_at_the_same_time_one_says_that_the_other_runs(homestead: Household) -> None:
    both = [homestead.tt("up", "--detach") for _ in range(2)]
    statuses = sorted(each.status(40) for each in both)

    third = homestead.tt("up")

    assert statuses == [0, 4], "".join(each.output for each in both)
    assert third.status() == 4
    assert "already running" in third.output
    assert len(homestead.town.workers.all()) == 1


def test_ctrl_c_drains_a_town_in_the_foreground(homestead: Household) -> None:
    up = homestead.tt("up")
    up.says("serves control and agents")
    homestead.spawn("ada")
    task = homestead.gated("ada")

    up.signal(signal.SIGINT)
    up.says("SIGTERM: draining, turns that run: 1")
    homestead.open()
    status = up.status()

    assert status == 0, up.output
    assert homestead.task(task).state is TaskState.COMPLETED
    assert all(line.lstrip().startswith(("up ", "clock ", "worker ", "townhall ")) for line in up.output.splitlines()), up.output


def test_ending_it_now_puts_the_mail_back(homestead: Household) -> None:
    settings = homestead.folder / "tinytown.toml"
    settings.write_text(settings.read_text().replace("shutdown_grace_secs = 2", "shutdown_grace_secs = 600"))
    homestead.tt("up", "--detach").status()
    homestead.spawn("ada")
    task = homestead.gated("ada")
    (child,) = homestead.runs_of()

    down = homestead.tt("down", "--now")

    assert down.status(15) == 0
    assert not is_running(child)
    assert (homestead.task(task).state, homestead.task(task).attempt) == (TaskState.ASSIGNED, 0)


def test_a_process_that_crashes_is_started_again(homestead: Household) -> None:
    homestead.tt("up", "--detach").status()
    homestead.spawn("ada")
    before = _holder(homestead)

    for pid in before.processes.values():
        kill(pid)
    wait_until(lambda: set(_holder(homestead).processes.values()).isdisjoint(before.processes.values()), 20)

    assert homestead.town.wait(homestead.town.assign("ada", "echo done").id, 20).result == "done\n"
    assert "worker was ended by SIGKILL; it starts again in 1 s" in (homestead.folder / ".tt" / "logs" / "up.log").read_text()


def test_a_redis_that_died_is_started_again(homestead: Household) -> None:
    homestead.tt("up", "--detach").status()
    homestead.spawn("ada")
    wait_until(lambda: homestead.town.desk.store.connection.call("INFO", "persistence").find(b"aof_pending_bio_fsync:0") > 0)

    kill(int((homestead.folder / ".tt" / "redis" / "redis.pid").read_text()))
    wait_until(lambda: _knows_ada(homestead), 20)

    assert homestead.town.wait(homestead.town.assign("ada", "echo done").id, 20).result == "done\n"


def test_nothing_goes_on_when_the_supervisor_is_killed(homestead: Household) -> None:
    homestead.tt("up", "--detach").status()
    holder = _holder(homestead)

    kill(holder.pid)
    wait_until(lambda: not any(is_running(pid) for pid in holder.processes.values()), 10)
    again = homestead.tt("up", "--detach")

    assert again.status() == 0, again.output


def test_what_an_agent_starts_in_its_turn_outlives_the_turn(homestead: Household) -> None:
    """A turn's processes are known by their environment and ended with it; the town's own are not its."""
    of_turn = {
        "TINYTOWN_RUN": "abc.1",
        "TINYTOWN_AGENT_ID": "x",
        "TINYTOWN_AGENT_NAME": "ada",
        "TINYTOWN_TASK_ID": "y",
        "TINYTOWN_TURN_EPOCH": "1",
    }

    up = homestead.tt("up", "--detach", env=of_turn)
    status = up.status()
    holder = _holder(homestead)
    environments = [Path(f"/proc/{pid}/environ").read_bytes() for pid in (holder.pid, *holder.processes.values())]

    assert status == 0, up.output
    assert not [name for name in of_turn for environment in environments if name.encode() + b"=" in environment]


def test_a_folder_of_the_users_own_named_tinytown_is_left_alone(homestead: Household) -> None:
    for name in ("tinytown", "actors", "cli", "scheduler"):
        (homestead.folder / name).mkdir()
        (homestead.folder / name / "__init__.py").write_text("raise SystemExit('the wrong one')\n")

    up = homestead.tt("up", "--detach")

    assert up.status() == 0, up.output


def test_it_works_as_installed(homestead: Household, installed: Installed) -> None:
    up = homestead.run(str(installed.tt), "up", "--detach")
    status = up.status()
    commands = [Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0] for pid in _holder(homestead).processes.values()]
    homestead.spawn("ada")
    task = homestead.town.wait(homestead.town.assign("ada", "tt task current || command -v tt").id, 10)

    down = homestead.run(str(installed.tt), "down")

    assert status == 0, up.output
    assert commands == [str(installed.python).encode()] * 3
    assert task.state is TaskState.COMPLETED, task.result
    assert down.status() == 0, down.output


def test_a_local_town_is_started_once_when_it_is_needed(homestead: Household) -> None:
    """`tt spawn` asks for this."""
    first = ensure_up(homestead.town)
    second = ensure_up(homestead.town)

    assert (first, second) == (True, False)
    assert len(homestead.town.workers.all()) == 1


def test_a_worker_that_was_just_killed_does_not_count(homestead: Household) -> None:
    """It is still on the list, for three heartbeats."""
    killed = homestead.worker()
    killed.kill()
    listed = homestead.town.workers.all()

    started = ensure_up(homestead.town)

    assert [worker.pid for worker in listed] == [killed.pid]
    assert started


def test_a_town_on_somebody_elses_redis_is_not_started(household: Household) -> None:
    """Its workers may be anywhere."""
    assert not ensure_up(household.town)


def test_a_town_that_cannot_start_says_why(homestead: Household) -> None:
    settings = homestead.folder / "tinytown.toml"
    settings.write_text(settings.read_text() + '\n[redis]\nserver = "/no/such/program"\n')

    up = homestead.tt("up", "--detach")
    status = up.status()
    settings.write_text(settings.read_text().replace('server = "/no/such/program"', ""))

    assert status == 5
    assert "/no/such/program" in up.output


def _holder(household: Household) -> Holder:
    """Who holds the town."""
    holder = wait_until(lambda: holder_of(household.folder))
    assert holder is not None
    return holder


def _knows_ada(household: Household) -> bool:
    """Whether Redis answers, with what it knew before."""
    try:
        return household.town.agents.find("ada").name == "ada"
    except RedisUnavailable:
        return False
