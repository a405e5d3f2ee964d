"""Turns that are ended: by a limit, by a wish, by what the program leaves behind."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.runner.programs import is_alive, python, shell, started
from tests.waiting import wait_until
from tinytown.domain.turn import TurnReason
from tinytown.runner import Outcome, RunSpec, Stop, run

SOON = timedelta(seconds=0.3)
DEAF = "trap '' TERM INT HUP; echo $$ > {file}; while :; do sleep 0.1; done"


def in_background(spec: RunSpec, stop: Stop) -> tuple[threading.Thread, list[Outcome]]:
    outcomes: list[Outcome] = []
    turn = threading.Thread(target=lambda: outcomes.append(run(spec, stop=stop)))
    turn.start()
    return turn, outcomes


def test_a_turn_over_its_time_limit_is_ended() -> None:
    outcome = run(shell("echo begun; sleep 60", timeout=SOON))

    assert (outcome.reason, outcome.tail) == (TurnReason.TIMEOUT, "begun\n")
    assert outcome.elapsed < timedelta(seconds=3)


def test_a_silent_program_is_ended() -> None:
    outcome = run(shell("sleep 60", no_output_timeout=SOON))

    assert outcome.reason is TurnReason.NO_OUTPUT


def test_a_program_that_keeps_talking_is_not_silent() -> None:
    outcome = run(shell("for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done", no_output_timeout=timedelta(seconds=0.4)))

    assert outcome.succeeded


def test_a_silent_program_that_closed_its_output_is_ended_too() -> None:
    outcome = run(shell("exec >&- 2>&-; sleep 60", no_output_timeout=SOON))

    assert outcome.reason is TurnReason.NO_OUTPUT


def test_a_program_that_closed_its_output_is_waited_for() -> None:
    outcome = run(shell("exec >&- 2>&-; sleep 0.3; exit 4"))

    assert outcome.exit_status == 4


def test_a_program_may_tidy_up_within_the_grace_period() -> None:
    outcome = run(shell("trap 'echo tidied; exit 0' TERM; sleep 60 & wait", timeout=SOON))

    assert outcome.tail == "tidied\n"
    assert outcome.reason is TurnReason.TIMEOUT


def test_a_program_that_ignores_sigterm_is_killed_after_the_grace_period(place: Path) -> None:
    outcome = run(shell(DEAF.format(file=place / "pid"), timeout=SOON, grace=0.4))

    assert (outcome.reason, outcome.exit_status) == (TurnReason.TIMEOUT, -9)
    assert timedelta(seconds=0.6) < outcome.elapsed < timedelta(seconds=4)
    assert not is_alive(started(place / "pid"))


def test_a_suspended_program_is_ended() -> None:
    outcome = run(shell("kill -STOP $$; echo woken", timeout=SOON))

    assert outcome.reason is TurnReason.TIMEOUT
    assert outcome.elapsed < timedelta(seconds=3)


@pytest.mark.parametrize("reason", [TurnReason.CANCELLED, TurnReason.LOST_LEASE, TurnReason.WORKER_LOST])
def test_a_wish_to_stop_is_heard_at_once(place: Path, reason: TurnReason) -> None:
    stop = Stop()
    turn, outcomes = in_background(shell(f"echo $$ > {place}/pid; exec sleep 60"), stop)
    wait_until(lambda: started(place / "pid"))
    asked = time.monotonic()

    stop.request(reason)
    turn.join(5)

    assert outcomes[0].reason is reason
    assert time.monotonic() - asked < 0.5


def test_a_wish_spoken_before_the_turn_begins_counts() -> None:
    stop = Stop()
    stop.request(TurnReason.CANCELLED)

    assert run(shell("sleep 60"), stop=stop).reason is TurnReason.CANCELLED


def test_of_two_wishes_the_first_is_the_reason_and_the_second_may_hurry_it(place: Path) -> None:
    stop = Stop()
    turn, outcomes = in_background(shell(DEAF.format(file=place / "pid"), grace=60), stop)
    wait_until(lambda: started(place / "pid"))

    stop.request(TurnReason.WORKER_LOST)
    stop.request(TurnReason.CANCELLED, at_once=True)
    turn.join(5)

    assert outcomes[0].reason is TurnReason.WORKER_LOST


def test_a_wish_after_the_end_changes_nothing() -> None:
    stop = Stop()

    outcome = run(shell("true"), stop=stop)
    stop.request(TurnReason.CANCELLED)

    assert outcome.succeeded


def test_a_program_that_forks_and_exits_does_not_hold_up_its_turn(place: Path) -> None:
    outcome = run(shell(f"sleep 60 & echo $! > {place}/pid; echo over"))

    assert (outcome.succeeded, outcome.tail) == (True, "over\n")
    assert outcome.elapsed < timedelta(seconds=3)
    assert not is_alive(started(place / "pid"))
    assert "left behind" in outcome.notes[0]


def test_what_is_said_just_after_the_program_ended_is_still_heard() -> None:
    outcome = run(shell("(sleep 0.1; echo late) & exit 0"))

    assert outcome.tail == "late\n"


def test_a_chatterbox_left_behind_does_not_hold_up_the_turn() -> None:
    outcome = run(shell("yes & exit 0"))

    assert outcome.succeeded
    assert outcome.elapsed < timedelta(seconds=5)


def test_a_daemon_in_a_session_of_its_own_is_ended_with_its_turn(place: Path) -> None:
    daemon = f"""
import os, signal, time
if os.fork():
    while not os.path.exists({str(place / "pid")!r}):
        time.sleep(0.01)
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.dup2(os.open(os.devnull, os.O_RDWR), 1)
os.dup2(1, 2)
with open({str(place / "new")!r}, "w") as file:
    print(os.getpid(), file=file)
os.rename({str(place / "new")!r}, {str(place / "pid")!r})
time.sleep(60)
"""

    outcome = run(python(daemon))

    assert outcome.succeeded
    assert not is_alive(started(place / "pid"))


def test_a_process_that_sheds_the_mark_and_leaves_may_outlive_its_turn(place: Path) -> None:
    outcome = run(shell(f"env -u TINYTOWN_RUN setsid sh -c 'echo $$ > {place}/pid; exec sleep 2' >/dev/null 2>&1 & sleep 0.3"))

    assert outcome.succeeded
    assert is_alive(started(place / "pid"))
    wait_until(lambda: not is_alive(started(place / "pid")))


def test_an_exception_in_the_running_thread_ends_the_group(place: Path) -> None:
    def interrupted(chunk: bytes) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(shell(f"echo $$ > {place}/pid; echo said; exec sleep 60"), on_output=interrupted)

    assert not is_alive(started(place / "pid"))


def test_waiting_costs_no_processor_time() -> None:
    before = time.process_time()

    run(shell("exec 0<&-; exec >&-; exec 2>&-; sleep 1", stdin=b"x" * 1_000_000))

    assert time.process_time() - before < 0.1


@pytest.mark.parametrize("missing", [["pidfd_open"], ["pidfd_open", "waitid"]])
def test_turns_end_on_systems_that_can_tell_less(monkeypatch: pytest.MonkeyPatch, place: Path, missing: list[str]) -> None:
    for name in missing:
        monkeypatch.delattr(os, name)

    plain, failed = run(shell("echo hi")), run(shell("sleep 0.2; exit 3"))
    forked = run(shell(f"sleep 60 & echo $! > {place}/pid"))
    late = run(shell("trap '' TERM; while :; do sleep 0.1; done", timeout=SOON, grace=0.2))

    assert (plain.tail, failed.exit_status) == ("hi\n", 3)
    assert forked.succeeded
    wait_until(lambda: not is_alive(started(place / "pid")))
    assert (late.reason, late.exit_status) == (TurnReason.TIMEOUT, -9)


def test_without_a_list_of_processes_the_group_still_ends(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr("tinytown.runner.process.marked", lambda value: set())

    outcome = run(shell(f"sleep 60 & echo $! > {place}/pid"))

    assert outcome.succeeded
    wait_until(lambda: not is_alive(started(place / "pid")))
