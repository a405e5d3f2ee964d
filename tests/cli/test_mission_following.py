"""Following a mission: a line for each change on a pipe, a graph drawn in place on a terminal."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.cli.mission_work import begun, tick, work_done, write_manifest
from tests.waiting import wait_until
from tinytown.services.mission_reading import MissionView
from tinytown.town import Town

TT = [sys.executable, "-m", "tinytown.cli.main"]
MOVES = re.compile(r"\x1b\[[0-9]+A")


@pytest.fixture
def view(town: Town, place: Path) -> MissionView:
    """A mission of two items, one after the other, that nobody reviews."""
    town.spawn("ada", cli="shell")
    return begun(town, place, {"Design it": ("design", ()), "Make it": ("implement", ("Design it",))}, reviewer_required=False)


class Screen:
    """A `tt` on a terminal of a certain size, and what it wrote there."""

    def __init__(self, folder: Path, *arguments: str, columns: int = 60, rows: int = 20, **env: str) -> None:
        self._ours, theirs = pty.openpty()
        self.resize(columns, rows)
        environment = {**os.environ, "TERM": "xterm", **env}
        self.process = subprocess.Popen(
            [*TT, *arguments], cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        )
        os.close(theirs)
        os.set_blocking(self._ours, False)
        self.text = ""

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def shows(self, text: str) -> bool:
        with suppress(OSError):
            self.text += os.read(self._ours, 65536).decode(errors="replace")
        return text in self.text

    def end(self) -> int:
        wait_until(lambda: self.shows("\0") or self.process.poll() is not None)
        self.shows("")
        os.close(self._ours)
        return self.process.wait()


def test_a_line_for_each_change_until_it_is_completed(place: Path, town: Town, view: MissionView) -> None:
    follower = Follower(place, "mission", "status", view.mission.short_id, "--follow")
    follower.wait_until_it_waits(town)

    for _ in range(2):
        work_done(town, tick(town, view))
        view = town.missions.view(view.mission.id)

    follower.process.communicate(timeout=20)
    assert follower.process.returncode == 0
    assert follower.lines[0] == f"Mission {view.mission.short_id} is running: 0 of 2 items done"
    assert re.fullmatch(rf"Mission {view.mission.short_id} is completed after \S+: 2 of 2 items done", follower.lines[-1])
    events = [event.message for _, event in reversed(town.missions.events(view.mission.id, 100))]
    seen = [line.split(maxsplit=2)[2] for line in follower.lines[1:-1] if line.split()[1] != "running"]
    assert seen == events[-len(seen) :]
    assert len(set(seen)) == len(seen) >= 6


def test_a_mission_that_fails_is_a_failure(place: Path, town: Town, view: MissionView) -> None:
    follower = Follower(place, "mission", "status", view.mission.short_id, "--follow")
    follower.wait_until_it_waits(town)

    town.missions.fail(view.mission.id, "no use", by="operator")

    follower.process.communicate(timeout=20)
    assert follower.process.returncode == 1
    assert follower.lines[-1].endswith("0 of 2 items done (no use)")


def test_a_mission_that_has_ended_is_shown_at_once(tt: Tt, town: Town, view: MissionView) -> None:
    town.missions.complete(view.mission.id, by="operator")

    said = tt("mission", "status", view.mission.short_id, "--follow")
    data = tt("mission", "status", view.mission.short_id, "--follow", "--json")

    assert (said.code, len(said.lines)) == (0, 1)
    assert (data.code, data.json["mission"]["state"]) == (0, "completed")


def test_ctrl_c_leaves_the_mission_running_and_says_so(place: Path, town: Town, view: MissionView) -> None:
    follower = Follower(place, "mission", "status", view.mission.short_id, "--follow")
    follower.wait_until_it_waits(town)

    follower.process.send_signal(signal.SIGINT)
    _, errors = follower.process.communicate(timeout=10)

    assert follower.process.returncode == 130
    assert errors.decode().startswith("note: the mission goes on: ")
    assert not town.missions.find(view.mission.id).state.is_terminal


def test_a_follower_of_a_deleted_mission_ends(place: Path, town: Town, view: MissionView) -> None:
    follower = Follower(place, "mission", "status", view.mission.short_id, "--follow")
    follower.wait_until_it_waits(town)

    town.missions.delete(view.mission.id, force=True)

    follower.process.communicate(timeout=20)
    assert follower.process.returncode in {1, 3}


def test_start_and_watch(place: Path, town: Town) -> None:
    write_manifest(place, {"Design it": ("design", ())})
    follower = Follower(place, "mission", "start", "-f", "mission.toml", "--watch")
    follower.wait_until_it_waits(town)
    mission = follower.lines[0]

    town.missions.complete(mission, by="operator")

    follower.process.communicate(timeout=20)
    assert follower.process.returncode == 0
    assert follower.lines[-1].startswith(f"Mission {mission[:8]} is completed")


def test_start_and_watch_for_programs_prints_the_end(place: Path, town: Town) -> None:
    write_manifest(place, {"Design it": ("design", ())})
    follower = Follower(place, "mission", "start", "-f", "mission.toml", "--watch", "--json")
    follower.wait_until_it_waits(town)

    town.missions.fail(town.missions.list()[0].mission.id, "no use", by="operator")

    follower.process.communicate(timeout=20)
    assert follower.process.returncode == 1
    assert json.loads("\n".join(follower.lines))["mission"]["state"] == "failed"


def test_a_terminal_gets_the_graph_drawn_in_place(place: Path, town: Town, view: MissionView) -> None:
    screen = Screen(place, "mission", "status", view.mission.short_id, "--follow")
    wait_until(lambda: screen.shows("Ctrl-C"))

    tick(town, view)
    wait_until(lambda: screen.shows("assigned"))
    town.missions.complete(view.mission.id, by="operator")

    assert screen.end() == 0
    assert MOVES.search(screen.text)
    assert "\x1b[36m" in screen.text
    assert f"Mission {view.mission.short_id} is" in screen.text


def test_no_color_is_heeded(place: Path, town: Town, view: MissionView) -> None:
    screen = Screen(place, "mission", "status", view.mission.short_id, "--follow", NO_COLOR="1")
    wait_until(lambda: screen.shows("Ctrl-C"))
    town.missions.complete(view.mission.id, by="operator")

    assert screen.end() == 0
    assert not re.search(r"\x1b\[[0-9;]*m", screen.text)
    assert MOVES.search(screen.text)


def test_a_dumb_terminal_gets_lines(place: Path, town: Town, view: MissionView) -> None:
    screen = Screen(place, "mission", "status", view.mission.short_id, "--follow", TERM="dumb")
    wait_until(lambda: screen.shows("0 of 2 items done"))
    town.missions.complete(view.mission.id, by="operator")

    assert screen.end() == 0
    assert not MOVES.search(screen.text)


def test_a_narrow_terminal_that_is_resized(place: Path, town: Town, view: MissionView) -> None:
    screen = Screen(place, "mission", "status", view.mission.short_id, "--follow", columns=24, rows=6, NO_COLOR="1")
    wait_until(lambda: screen.shows("…"))
    screen.resize(16, 5)
    seen = len(screen.text)
    wait_until(lambda: screen.shows("\0") or MOVES.search(screen.text[seen:]))
    screen.process.send_signal(signal.SIGINT)

    assert screen.end() == 130
    drawn = re.sub(r"\x1b\[[0-9?]*[A-Za-z]", "", screen.text[:seen]).replace("\r", "")
    assert max(len(line) for line in drawn.splitlines()) <= 24
    assert "the mission goes on" in screen.text
