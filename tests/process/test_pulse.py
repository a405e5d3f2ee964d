"""The pulse of a process is a file that its jobs touch."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tinytown.actors.timetable import Timetable
from tinytown.errors import RedisUnavailable, SettingsError
from tinytown.process import Outage, Pulse
from tinytown.process.pulse import VARIABLE, NoPulse

MINUTE = timedelta(minutes=1)


def test_jobs_beat_even_while_redis_is_away(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(place / "pulse"))

    def fail() -> None:
        raise RedisUnavailable("redis://nowhere", "nobody there")

    timetable = Timetable({"rest": 1}, Outage(fail))
    timetable.every(timedelta(milliseconds=50), fail, lane="rest")
    timetable.start()

    wait_until((place / "pulse").exists)
    timetable.stop()
    assert Pulse({VARIABLE: str(place / "pulse")}).check(MINUTE) < MINUTE


def test_a_process_that_has_been_silent_for_long_has_no_pulse(place: Path) -> None:
    (place / "pulse").touch()
    os.utime(place / "pulse", (0, 1_000_000_000))

    with pytest.raises(NoPulse, match="the last beat was"):
        Pulse({VARIABLE: str(place / "pulse")}).check(MINUTE)


def test_a_process_that_never_began_has_no_pulse(place: Path) -> None:
    with pytest.raises(NoPulse, match="No such file"):
        Pulse({VARIABLE: str(place / "pulse")}).check(MINUTE)


def test_without_a_file_nothing_is_written_and_nothing_can_be_asked() -> None:
    pulse = Pulse({})
    pulse.beat()

    with pytest.raises(SettingsError, match="is not set"):
        pulse.check(MINUTE)


def test_a_pulse_that_cannot_be_shown_is_an_error_at_once(place: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written"):
        Pulse({VARIABLE: str(place / "nowhere" / "pulse")}).beat()
