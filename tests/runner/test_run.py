"""A turn of a program that behaves, and of programs that cannot even start."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from tests.runner.programs import python, shell
from tinytown.domain.turn import TurnReason
from tinytown.runner import Outcome, run


def test_a_program_that_ends_well_leaves_its_output() -> None:
    outcome = run(shell("echo one; echo two >&2"))

    assert outcome.succeeded
    assert outcome.exit_status == 0
    assert outcome.tail == "one\ntwo\n"
    assert outcome.notes == ()


def test_a_status_other_than_zero_is_a_reason() -> None:
    outcome = run(shell("echo no; exit 3"))

    assert (outcome.reason, outcome.exit_status, outcome.tail) == (TurnReason.EXIT_STATUS, 3, "no\n")
    assert "status 3" in outcome.detail


def test_a_program_ended_by_a_signal_says_which() -> None:
    outcome = run(shell("kill -SEGV $$"))

    assert (outcome.reason, outcome.exit_status) == (TurnReason.EXIT_STATUS, -11)
    assert "SIGSEGV" in outcome.detail


def test_the_prompt_arrives_whole_and_standard_input_is_closed_behind_it() -> None:
    prompt = os.urandom(3_000_000)

    outcome = run(python("import hashlib,sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())", stdin=prompt))

    import hashlib

    assert outcome.tail.strip() == hashlib.sha256(prompt).hexdigest()


def test_a_program_that_answers_while_it_is_fed_does_not_lock_up() -> None:
    prompt = b"x" * 2_000_000

    outcome = run(shell("cat", stdin=prompt))

    assert outcome.output_bytes == len(prompt)


def test_a_program_that_reads_no_input_is_not_waited_for() -> None:
    outcome = run(shell("exit 0", stdin=b"y" * 5_000_000))

    assert outcome.succeeded


def test_a_program_that_closes_its_input_goes_on() -> None:
    outcome = run(shell("exec 0<&-; sleep 0.2; echo still here", stdin=b"y" * 5_000_000))

    assert (outcome.succeeded, outcome.tail) == (True, "still here\n")


def test_without_a_prompt_there_is_nothing_to_read() -> None:
    assert run(shell("cat; echo end")).tail == "end\n"


def test_the_program_finds_out_whose_turn_it_is() -> None:
    outcome = run(shell("env | grep ^TINYTOWN_ | grep -v RUN= | sort"))

    assert outcome.tail.splitlines() == [
        "TINYTOWN_AGENT_ID=4f2c",
        "TINYTOWN_AGENT_NAME=ada",
        "TINYTOWN_TASK_ID=9b1d",
        "TINYTOWN_TOWN=/towns/one",
        "TINYTOWN_TURN_EPOCH=7",
    ]


def test_the_program_does_not_get_what_people_reach_other_towns_by() -> None:
    """Its `tt` would speak to another town, or approve its own work with the key of a person."""
    theirs = {f"TINYTOWN_TOWNHALL_{name}": "x" for name in ("URL", "API_KEY", "API_KEY_PATH", "CA_CERT")}
    spec = shell("env | grep -c TOWNHALL")

    assert run(msgspec.structs.replace(spec, env={**spec.env, **theirs})).tail == "0\n"


def test_a_turn_without_a_task_does_not_inherit_one() -> None:
    spec = shell("echo ${TINYTOWN_TASK_ID-none}")
    spec = msgspec.structs.replace(
        spec, env={**spec.env, "TINYTOWN_TASK_ID": "old"}, identity=msgspec.structs.replace(spec.identity, task_id=None)
    )

    assert run(spec).tail == "none\n"


def test_our_own_command_is_on_the_path_but_shadows_nothing() -> None:
    spec = msgspec.structs.replace(shell("echo $PATH"), env={"PATH": "/usr/bin:/bin"})

    assert run(spec).tail.strip() == f"/usr/bin:/bin:{Path(sys.executable).parent}"


def test_the_program_runs_in_its_folder(place: Path) -> None:
    assert run(shell("pwd", cwd=place)).tail.strip() == str(place)


def test_the_program_has_a_session_of_its_own_and_no_terminal() -> None:
    outcome = run(python("import os; print(os.getsid(0) == os.getpid() == os.getpgid(0))"))

    assert outcome.tail == "True\n"


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("no-such-program-here",), "no program 'no-such-program-here'"),
        (("./nothing",), "no program './nothing'"),
        (("./plain",), "cannot be executed"),
        (("./folder",), "cannot be executed"),
        (("./garbage",), "cannot be executed"),
    ],
)
def test_a_program_that_is_not_there_is_told_apart_from_one_that_fails(place: Path, argv: tuple[str, ...], words: str) -> None:
    (place / "plain").write_text("#!/bin/sh\n")
    (place / "folder").mkdir()
    (place / "garbage").write_bytes(b"\x00\x01\x02")
    (place / "garbage").chmod(0o755)

    outcome = run(msgspec.structs.replace(shell("", cwd=place), argv=argv))

    assert outcome.reason is TurnReason.NOT_FOUND
    assert outcome.exit_status is None
    assert words in outcome.detail


def test_a_missing_folder_is_named_and_not_the_program(place: Path) -> None:
    outcome = run(shell("true", cwd=place / "gone"))

    assert outcome.reason is TurnReason.NOT_FOUND
    assert str(place / "gone") in outcome.detail


def test_arguments_that_are_too_long_fail_the_turn_but_not_the_program() -> None:
    outcome = run(msgspec.structs.replace(shell(""), argv=("echo", "x" * 3_000_000)))

    assert outcome.reason is TurnReason.EXIT_STATUS
    assert "too long" in outcome.detail


def test_many_turns_run_at_the_same_time_and_leave_no_file_open() -> None:
    run(shell("true"))
    before = len(list(Path("/proc/self/fd").iterdir()))
    outcomes: list[Outcome] = []
    turns = [threading.Thread(target=lambda: outcomes.append(run(shell("sleep 0.3; echo done", stdin=b"x")))) for _ in range(64)]

    for turn in turns:
        turn.start()
    for turn in turns:
        turn.join()

    assert [outcome.tail for outcome in outcomes] == ["done\n"] * 64
    assert len(list(Path("/proc/self/fd").iterdir())) == before
