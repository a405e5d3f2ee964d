"""When the worker is killed, nothing that it started may go on working."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.runner.programs import is_alive, shell, started
from tests.waiting import wait_until
from tinytown.runner import run
from tinytown.runner.guardian import Guardian, guardian

WORKER = """
import sys, threading
from tests.runner.programs import shell
from tinytown.runner import run
turns = [threading.Thread(target=run, args=(shell(script),)) for script in sys.argv[1:]]
for turn in turns:
    turn.start()
for turn in turns:
    turn.join()
"""


@pytest.fixture
def worker(place: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Workers that the test started; whatever is left of them is ended."""
    workers: list[subprocess.Popen[bytes]] = []
    yield workers
    for one in workers:
        one.kill()
        one.wait()


def hired(workers: list[subprocess.Popen[bytes]], *scripts: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    one = subprocess.Popen([sys.executable, "-c", WORKER, *scripts], env=environment, cwd="/")
    workers.append(one)
    return one


def test_a_killed_worker_takes_its_turns_along(worker: list[subprocess.Popen[bytes]], place: Path) -> None:
    deaf = f"trap '' TERM HUP; echo $$ > {place}/deaf; while :; do sleep 0.1; done"
    family = f"sleep 60 & echo $! > {place}/grandchild; echo $$ > {place}/child; wait"
    runaway = f"setsid sh -c 'echo $$ > {place}/runaway; exec sleep 60' & sleep 60"
    one = hired(worker, deaf, family, runaway)
    pids = [wait_until(partial(started, place / name)) for name in ("deaf", "grandchild", "child", "runaway")]

    one.kill()

    wait_until(lambda: not any(is_alive(pid) for pid in pids), timeout=5)


def test_a_turn_that_is_just_being_started_does_not_get_away(worker: list[subprocess.Popen[bytes]], place: Path) -> None:
    """The worker dies between starting a program and telling its guard."""
    program = f"""
import os, signal
from pathlib import Path
from tests.runner.programs import shell, started
from tests.waiting import wait_until
from tinytown.runner import run
from tinytown.runner.guardian import guardian

def die(group):
    wait_until(lambda: started(Path("{place}/pid")))
    os.kill(os.getpid(), signal.SIGKILL)

guardian.watch = die
run(shell("echo $$ > {place}/pid; exec sleep 60"))
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    worker.append(subprocess.Popen([sys.executable, "-c", program], env=environment, cwd="/"))

    assert worker[0].wait(10) == -signal.SIGKILL
    wait_until(lambda: not is_alive(started(place / "pid")), timeout=5)


def test_turns_that_are_over_are_forgotten_by_the_guard(worker: list[subprocess.Popen[bytes]], place: Path) -> None:
    kept = f"env -u TINYTOWN_RUN setsid sh -c 'echo $$ > {place}/kept; exec sleep 3' >/dev/null 2>&1 & sleep 0.2"
    one = hired(worker, f"{kept}; touch {place}/over", f"while [ ! -e {place}/over ]; do sleep 0.02; done; sleep 60")
    wait_until((place / "over").exists)

    one.kill()
    one.wait()

    assert is_alive(started(place / "kept"))
    wait_until(lambda: not is_alive(started(place / "kept")))


def test_the_guard_is_replaced_when_somebody_kills_it(worker: list[subprocess.Popen[bytes]], place: Path) -> None:
    one = hired(
        worker,
        f"echo $$ > {place}/long; exec sleep 60",
        f"while [ ! -e {place}/go-on ]; do sleep 0.02; done",
        f"while [ ! -e {place}/go-on ]; do sleep 0.02; done; sleep 0.2; echo $$ > {place}/other; exec sleep 60",
    )
    long = wait_until(lambda: started(place / "long"))
    os.kill(wait_until(lambda: guard_of(one.pid)), signal.SIGKILL)
    (place / "go-on").touch()  # the turn that ends is told to the guard, which shows that there is none
    other = wait_until(lambda: started(place / "other"))
    wait_until(lambda: guard_of(one.pid))

    one.kill()

    wait_until(lambda: not is_alive(long) and not is_alive(other), timeout=5)


def test_a_worker_that_ends_by_itself_leaves_no_guard(worker: list[subprocess.Popen[bytes]], place: Path) -> None:
    one = hired(worker, f"echo $$ > {place}/pid; sleep 0.5")
    guard = wait_until(lambda: guard_of(one.pid))

    assert one.wait(10) == 0

    wait_until(lambda: not is_alive(guard), timeout=5)


def test_one_guard_serves_all_turns_of_a_process() -> None:
    run(shell("true"))
    first = guard_of(os.getpid())

    run(shell("true"))

    assert first != 0
    assert guard_of(os.getpid()) == first


def test_a_guard_that_does_not_start_fails_the_turn_and_not_the_worker(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr("tinytown.runner.guardian._SCRIPT", place / "missing.py")
    monkeypatch.setattr("tinytown.runner.process.guardian", Guardian())

    outcome = run(shell(f"touch {place}/ran"))

    assert not outcome.succeeded
    assert not (place / "ran").exists()


def test_a_forked_process_has_a_guard_of_its_own() -> None:
    guardian.mark()
    read, write = os.pipe()

    child = os.fork()
    if child == 0:
        os.write(write, guardian.mark().partition(".")[0].encode())
        os._exit(0)
    os.waitpid(child, 0)

    token = os.read(read, 64).decode()
    os.close(read)
    os.close(write)
    assert token != guardian.mark().partition(".")[0]


def guard_of(worker: int) -> int:
    """The guard that reads what the worker holds the other end of; 0 if there is none."""
    pipes = {fd.readlink() for fd in Path(f"/proc/{worker}/fd").iterdir() if fd.is_symlink()}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if b"guard.py" in (folder / "cmdline").read_bytes() and (folder / "fd" / "0").readlink() in pipes:
                    return int(folder.name)
            except OSError:
                continue
    return 0
