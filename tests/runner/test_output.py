"""Output: kept within limits, heard as it comes, and never the death of a turn."""

from __future__ import annotations

import os
import resource
import threading
from pathlib import Path

import pytest

from tests.runner.programs import python, shell
from tests.waiting import wait_until
from tinytown.errors import InvalidName
from tinytown.runner import Outcome, log_path, run
from tinytown.runner.log import RoundLog, Tail


def test_the_log_holds_what_the_program_said(place: Path) -> None:
    log = log_path(place / "logs", "ada", 3)

    outcome = run(shell("echo one; echo two >&2", log=log))

    assert log == place / "logs" / "ada" / "3.log"
    assert log.read_text() == "one\ntwo\n"
    assert log.stat().st_mode & 0o777 == 0o600
    assert outcome.notes == ()


@pytest.mark.parametrize("name", ["../../x", "a/b", "", ".", "..", "supervisor"])
def test_no_name_leads_out_of_the_folder_of_logs(place: Path, name: str) -> None:
    with pytest.raises(InvalidName):
        log_path(place, name, 1)


def test_the_log_and_the_listener_have_output_while_the_program_still_runs(place: Path) -> None:
    heard: list[bytes] = []
    log = place / "1.log"
    go_on = place / "go-on"
    outcomes: list[Outcome] = []
    spec = shell(f"echo begun; while [ ! -e {go_on} ]; do sleep 0.02; done; echo done", log=log)
    turn = threading.Thread(target=lambda: outcomes.append(run(spec, on_output=heard.append)))

    turn.start()
    wait_until(lambda: log.exists() and log.read_text() == "begun\n" and heard == [b"begun\n"])
    go_on.touch()
    turn.join(10)

    assert b"".join(heard) == b"begun\ndone\n"
    assert outcomes[0].tail == "begun\ndone\n"


def test_a_gigabyte_of_output_costs_neither_memory_nor_disk(place: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    log = place / "1.log"

    outcome = run(shell("echo begin; head -c 1000000000 /dev/zero; echo end", log=log, log_bytes=1_000_000))

    assert outcome.succeeded
    assert outcome.output_bytes == 1_000_000_010
    assert outcome.tail.endswith("\0end\n")
    assert len(outcome.tail) <= 64 * 1024
    assert log.stat().st_size <= 1_000_000
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000  # kilobytes


def test_a_log_that_is_too_long_keeps_its_beginning_and_its_end(place: Path) -> None:
    log = place / "1.log"

    outcome = run(shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done", log=log, log_bytes=50_000))

    text = log.read_text()
    assert text.startswith("line 0\nline 1\n")
    assert text.endswith("line 19998\nline 19999\n")
    assert text.count("bytes left out to keep this log within its limit") == 1
    assert len(text) <= 50_000
    assert "left out of the log" in outcome.notes[0]


def test_the_count_of_what_was_left_out_is_right(place: Path) -> None:
    said = b"".join(b"%07d\n" % number for number in range(50_000))
    log = RoundLog(place / "log", 40_000)

    for start in range(0, len(said), 777):
        log.write(said[start : start + 777])
    log.close()

    head, rest = (place / "log").read_bytes().split(b"\n[... ")
    note, tail = rest.split(b" ...]\n")
    assert said.startswith(head)
    assert said.endswith(tail)
    assert len(tail) >= 10_000
    assert int(note.split()[0]) == log.dropped == len(said) - len(head) - len(tail)


def test_one_piece_larger_than_the_whole_log_is_kept_within_the_limit(place: Path) -> None:
    log = RoundLog(place / "log", 10_000)

    log.write(os.urandom(1_000_000))
    log.close()

    assert (place / "log").stat().st_size <= 10_000


def test_a_round_that_is_run_again_adds_to_its_log(place: Path) -> None:
    run(shell("echo first", log=place / "log"))

    run(shell("echo second", log=place / "log"))

    assert (place / "log").read_text() == "first\nsecond\n"


def test_bytes_that_are_no_utf_8_do_no_harm(place: Path) -> None:
    outcome = run(shell(r"printf 'a\377\376b\303\n'", log=place / "log"))

    assert outcome.tail == "a��b�\n"
    assert (place / "log").read_bytes() == b"a\xff\xfeb\xc3\n"


def test_the_cut_through_a_character_is_not_shown() -> None:
    tail = Tail(10)

    tail.add("ääääääääää".encode() + b"x")

    assert tail.text() == "ääääx"


def test_the_last_bytes_are_kept_however_they_come() -> None:
    tail = Tail(100)
    said = bytes(range(32, 127)) * 50

    for start in range(0, len(said), 7):
        tail.add(said[start : start + 7])

    assert tail.text().encode() == said[-100:]


def test_a_full_disk_does_not_end_the_turn() -> None:
    outcome = run(shell("echo on; echo and on", log=Path("/dev/full")))

    assert (outcome.succeeded, outcome.tail) == (True, "on\nand on\n")
    assert "No space left" in outcome.notes[0]


def test_a_folder_of_logs_that_cannot_be_written_does_not_end_the_turn(place: Path) -> None:
    (place / "logs").write_text("a file where the folder should be")

    outcome = run(shell("echo on", log=log_path(place / "logs", "ada", 1)))

    assert (outcome.succeeded, outcome.tail) == (True, "on\n")
    assert str(place / "logs") in outcome.notes[0]


def test_a_listener_that_fails_costs_no_turn() -> None:
    calls: list[bytes] = []

    def fails(chunk: bytes) -> None:
        calls.append(chunk)
        raise ConnectionError("Redis is away")

    outcome = run(shell("echo a; sleep 0.1; echo b; sleep 1; echo c"), on_output=fails)

    assert (outcome.succeeded, outcome.tail) == (True, "a\nb\nc\n")
    assert calls == [b"a\n", b"c\n"]  # left alone for a second after the failure
    assert outcome.notes == ("output could not be passed on: Redis is away",)


def test_output_that_comes_faster_than_it_is_heard_waits_in_the_program() -> None:
    never = threading.Event()

    outcome = run(python("import sys; sys.stdout.write('x' * 1_000_000)"), on_output=lambda _: never.wait(0.005))

    assert outcome.output_bytes == 1_000_000
