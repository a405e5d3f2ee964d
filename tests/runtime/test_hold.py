"""One `tt up` at a time has a town, and others can tell who."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tinytown.errors import AlreadyRunning
from tinytown.runtime import Hold, Holder, holder_of
from tinytown.runtime.detached import own_environment


def test_nobody_holds_a_new_town(place: Path) -> None:
    assert holder_of(place) is None


def test_who_holds_a_town_says_what_runs(place: Path) -> None:
    hold = Hold(place)

    hold.note({"clock": 12, "worker": 34})
    seen = holder_of(place)
    hold.release()

    assert seen == Holder(pid=os.getpid(), processes={"clock": 12, "worker": 34})
    assert holder_of(place) is None


def test_a_second_one_is_refused_and_told_who_has_it(place: Path) -> None:
    hold = Hold(place)

    with pytest.raises(AlreadyRunning) as refused:
        Hold(place)
    hold.release()

    assert f"process {os.getpid()}" in str(refused.value)
    Hold(place).release()


def test_what_a_killed_process_left_is_not_believed(place: Path) -> None:
    """The file names a process whose number may be another's by now; nobody has it locked."""
    (place / ".tt").mkdir()
    (place / ".tt" / "up.lock").write_text('{"pid":1,"processes":{"worker":1}}')

    assert holder_of(place) is None


def test_looking_does_not_keep_others_from_holding(place: Path) -> None:
    for _ in range(50):
        assert holder_of(place) is None
        Hold(place).release()


def test_what_marks_a_turn_is_not_passed_on() -> None:
    env = {"PATH": "/bin", "TINYTOWN_TOWN": "/town", "TINYTOWN_RUN": "x", "TINYTOWN_AGENT_ID": "y", "TINYTOWN_TURN_EPOCH": "3"}
    env |= {"TINYTOWN_AGENT_CLI": "codex"}  # of the worker that runs the turn: it would make an agent of its own

    assert own_environment(env) == {"PATH": "/bin", "TINYTOWN_TOWN": "/town"}
