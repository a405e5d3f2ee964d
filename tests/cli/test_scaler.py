"""`tt scaler` called once: what it is told, what its commands are told, and what becomes of those that fail."""

from __future__ import annotations

import shlex
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.cli.test_workers import _there
from tinytown.domain.worker import Drain
from tinytown.town import Town

ENDS = "sh -c 'exit 3'"


def _writes(file: Path, text: str) -> str:
    """A command that appends a line to a file."""
    return shlex.join(["sh", "-c", f"echo {text} >> {file}"])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--command-up", "no-such-program --now"], "there is no program 'no-such-program' on PATH"),
        (["--command-up", "sh -c 'half"], "no closing quotation"),
        (["--command-up", " "], "is empty"),
        (["--command-up", "echo {worker}"], "{worker} is known of a worker that goes"),
        (["--command-up", "true", "--command-down", "no-such-program"], "--command-down"),
        (["--command-up", "true", "--min", "3", "--max", "2"], "3 is more than --max 2"),
        (["--command-up", "true", "--poll", "0"], "--poll"),
        ([], "--command-up"),
    ],
)
def test_a_command_line_that_makes_no_sense_is_refused(tt: Tt, town: Town, options: list[str], said: str) -> None:
    answer = tt("scaler", "--once", *options)

    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_each_worker_that_lacks_is_started_and_not_again_while_it_is_under_way(tt: Tt, town: Town, place: Path) -> None:
    up = _writes(place / "up", "{town} {wanted} {present} $TINYTOWN_SCALER_ACTION $TINYTOWN_SCALER_WANTED")

    codes = [tt("scaler", "--once", "--min", 2, "--command-up", up).code for _ in range(2)]

    assert codes == [0, 0]
    assert (place / "up").read_text().splitlines() == ["shop 2 0 up 2"] * 2


def test_a_command_that_fails_is_reported_and_counts_as_nothing_done(tt: Tt, town: Town) -> None:
    failed = tt("scaler", "--once", "--min", 1, "--command-up", ENDS)
    hung = tt("scaler", "--once", "--min", 1, "--command-up", "sleep 60", "--command-timeout", 0.1)

    assert failed.code == 1
    assert "the command sh -c 'exit 3' failed: exit status 3" in failed.err
    assert town.desk.store.scaler.memory().starting == ()
    assert hung.code == 0  # for it is not yet time to try again

    town.desk.store.connection.call("DEL", town.desk.store.keys.scaler_memory)
    hung = tt("scaler", "--once", "--min", 1, "--command-up", "sleep 60", "--command-timeout", 0.1)
    assert hung.code == 1
    assert "ended after 0.1 s" in hung.err
    assert "setsid --fork" in hung.err


def test_an_idle_worker_is_asked_and_what_it_left_is_removed_once_it_is_off_the_list(tt: Tt, town: Town, place: Path) -> None:
    _there(town)
    call = (
        "scaler",
        "--once",
        "--down-after",
        0,
        "--command-up",
        "true",
        "--command-down",
        _writes(place / "down", "{worker} {host} {pid}"),
    )

    asked = tt(*call)
    waiting = tt(*call)
    drain = town.workers.asked_to_drain("castle:47:ab")
    town.workers.withdraw("castle:47:ab")
    gone = [tt(*call).code for _ in range(2)]

    assert (asked.code, waiting.code, drain, gone) == (0, 0, Drain.IDLE, [0, 0])
    assert (place / "down").read_text() == "castle:47:ab castle 47\n"


def test_a_removal_that_failed_is_not_forgotten(tt: Tt, town: Town, place: Path) -> None:
    _there(town)
    tt("scaler", "--once", "--down-after", 0, "--command-up", "true", "--command-down", ENDS)
    town.workers.withdraw("castle:47:ab")

    failed = tt("scaler", "--once", "--command-up", "true", "--command-down", ENDS)

    assert failed.code == 1
    assert [worker.id for worker in town.desk.store.scaler.memory().leaving] == ["castle:47:ab"]


def test_a_dry_run_tells_and_does_nothing(tt: Tt, town: Town, place: Path) -> None:
    _there(town)

    up = tt("scaler", "--once", "--dry-run", "--min", 2, "--command-up", _writes(place / "up", "{wanted}"))
    down = tt("scaler", "--once", "--dry-run", "--down-after", 0, "--command-up", "true")

    assert "would start a worker: sh -c" in up.err
    assert "would ask worker castle:47:ab to go" in down.err
    assert not (place / "up").exists()
    assert town.workers.asked_to_drain("castle:47:ab") is None


def test_a_dry_run_knows_what_has_been_started_already(tt: Tt, town: Town) -> None:
    tt("scaler", "--once", "--min", 1, "--command-up", "true")

    said = tt("scaler", "--once", "--dry-run", "--min", 1, "--command-up", "true")

    assert "would do nothing" in said.err


def test_while_one_scaler_is_at_work_another_stands_by(tt: Tt, town: Town) -> None:
    leadership = town.desk.store.scaler.leadership
    leadership.take("another", timedelta(seconds=30))

    said = tt("scaler", "--once", "--min", 1, "--command-up", ENDS)

    assert said.code == 0
    assert "another scaler of this town is at work" in said.err
    assert not town.desk.store.scaler.keep("not the one", town.desk.store.scaler.memory())
    leadership.leave("another")


def test_without_redis_it_says_so(tt: Tt, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")

    said = tt("scaler", "--once", "--command-up", "true")

    assert said.code == 5
    assert "Traceback" not in said.err
