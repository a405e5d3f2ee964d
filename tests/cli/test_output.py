"""What results look like on a terminal, in a pipe, and as JSON."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime, timedelta

import click
import msgspec
import pytest

from tests.waiting import wait_until
from tinytown.cli.output import age, clean, duration, echo_json, echo_table, wants_colour
from tinytown.cli.progress import progress

Captured = pytest.CaptureFixture[str]
ROWS = [("ada", "idle", "x" * 100), ("grace hopper", None, "short")]


def test_a_table_has_aligned_columns_and_shows_what_is_absent(capsys: Captured) -> None:
    echo_table([("ada", "idle"), ("grace hopper", None)], headers=("NAME", "STATE"))

    assert capsys.readouterr().out == "NAME          STATE\nada           idle\ngrace hopper  -\n"


def test_a_pipe_gets_everything_a_terminal_gets_what_fits(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.get_terminal_size", lambda: os.terminal_size((40, 24)))
    echo_table(ROWS, headers=("NAME", "STATE", "TASK"))
    piped = capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    echo_table(ROWS, headers=("NAME", "STATE", "TASK"))

    shown = capsys.readouterr().out
    assert "x" * 100 in piped
    assert max(len(line) for line in shown.splitlines()) == 40
    assert shown.splitlines()[1].endswith("…")


def test_colours_do_not_disturb_the_columns(capsys: Captured) -> None:
    echo_table([(click.style("idle", fg="green"), "a"), ("working", "b")], headers=("STATE", "X"))

    assert capsys.readouterr().out == "STATE    X\nidle     a\nworking  b\n"


@pytest.mark.parametrize(
    ("terminal", "environment", "wanted"),
    [(True, {}, True), (True, {"NO_COLOR": "1"}, False), (True, {"NO_COLOR": ""}, True), (False, {}, False)],
)
def test_colour_is_for_terminals_whose_user_wants_it(
    terminal: bool, environment: dict[str, str], wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal)

    assert wants_colour(environment) is wanted


def test_json_is_for_programs(capsys: Captured) -> None:
    class Row(msgspec.Struct):
        name: str
        at: datetime

    echo_json([Row(name="ädä", at=datetime(2026, 1, 2, tzinfo=UTC))])

    assert json.loads(capsys.readouterr().out) == [{"name": "ädä", "at": "2026-01-02T00:00:00Z"}]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0.0s"), (0.42, "0.4s"), (1, "1s"), (59.9, "59s"), (60, "1m 00s"), (3605, "1h 00m"), (86399, "23h 59m"), (273600, "3d 4h")],
)
def test_durations_have_at_most_two_units(seconds: float, text: str) -> None:
    assert duration(timedelta(seconds=seconds)) == text


def test_an_age_is_absent_when_the_moment_is() -> None:
    now = datetime(2026, 1, 2, tzinfo=UTC)

    assert age(None, now) is None
    assert age(now - timedelta(minutes=3, seconds=5), now) == "3m 05s"


def test_what_agents_write_cannot_command_the_terminal() -> None:
    assert clean("\x1b[2Jgone\x07\nsecond line") == "\\x1b[2Jgone\\x07"
    assert clean("  naïve – fine  ") == "naïve – fine"
    assert clean("") == ""


def test_progress_is_silent_in_a_pipe(capsys: Captured) -> None:
    with progress("thinking"):
        pass

    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_progress_shows_a_line_on_a_terminal_and_wipes_it(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr("tinytown.cli.progress.PATIENCE", 0.0)
    written = ""

    def says(text: str) -> bool:
        nonlocal written
        written += capsys.readouterr().err
        return text in written

    with progress("thinking") as shown:
        wait_until(lambda: says("thinking"))
        shown.say("nearly done")
        wait_until(lambda: says("nearly done"))

    written += capsys.readouterr().err
    assert written.endswith("\r\x1b[K")


def test_a_quick_step_shows_no_progress(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    with progress("thinking"):
        pass

    assert capsys.readouterr().err == ""
