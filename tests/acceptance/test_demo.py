"""`tt demo` as a newcomer sees it: from an installed wheel, with an empty home."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installed import Installed
from tests.waiting import wait_until
from tinytown.cli.app import run
from tinytown.cli.demo import play
from tinytown.cli.demo.play import Step

pytestmark = pytest.mark.timeout(150)


class Show:
    """A running `tt demo`, and what it has printed."""

    def __init__(self, tt: Path, folder: Path, home: Path, *options: str, **variables: str) -> None:
        self.path = folder / "show"
        environment = {"HOME": str(home), "PATH": os.defpath + ":/usr/local/bin:/usr/sbin", **variables}
        with self.path.open("wb") as out:
            self.process = subprocess.Popen([tt, "demo", *options], cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def root(self) -> Path:
        found = re.search(r"a town in (\S+),", self.text)
        assert found is not None, self.text
        return Path(found[1])

    def status(self) -> int:
        return self.process.wait(100)


Begin = Callable[..., Show]


@pytest.fixture
def begin(installed: Installed, place: Path, home: Path) -> Iterator[Begin]:
    """Begins a show; what a failed test leaves is ended."""
    begun: list[Show] = []

    def begin(*options: str, **variables: str) -> Show:
        begun.append(Show(installed.tt, place, home, *options, **variables))
        return begun[-1]

    yield begin

    for show in begun:
        if show.process.poll() is None:
            show.process.kill()
            show.process.wait()


def living_in(root: Path) -> list[str]:
    """The processes that know of that folder."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            line = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes() if folder.name.isdigit() else b""
        except OSError:
            continue
        if os.fsencode(root) in line:
            found.append(f"{folder.name} {line[:200]!r}")
    return found


def test_the_demo_finishes_all_its_tasks_though_a_worker_is_killed(begin: Begin, home: Path) -> None:
    began = time.monotonic()

    show = begin()
    status = show.status()

    assert status == 0, show.text
    assert time.monotonic() - began < 60
    assert "is killed with SIGKILL" in show.text
    assert "its worker was lost, so the task is back" in show.text
    assert f"all {len(play.PLAY)} tasks are completed, each once" in show.text
    assert re.search(rf"^{play.SLOW}\s+otto\s+2\s.*completed", show.text, re.MULTILINE)
    assert "\x1b" not in show.text
    assert not show.root.exists()
    assert living_in(show.root) == []
    assert list(home.iterdir()) == []


def test_a_kept_demo_can_be_looked_into(begin: Begin, installed: Installed, home: Path) -> None:
    show = begin("--keep", REDIS_URL="unix:///somebody/elses.sock", TINYTOWN_TOWN="/elsewhere", TINYTOWN_TOWN_NAME="other")
    assert show.status() == 0, show.text

    assert living_in(show.root) == []
    environment = {"HOME": str(home), "PATH": os.defpath}
    listed = subprocess.run(
        [installed.tt, "task", "list", "--json"], cwd=show.root, env=environment, capture_output=True, text=True, check=True
    )
    subprocess.run([installed.tt, "down", "--redis"], cwd=show.root, env=environment, capture_output=True, check=True)
    kept = sorted(path.name for path in show.root.iterdir())
    subprocess.run(["rm", "-r", show.root], check=True)

    assert {task["state"] for task in json.loads(listed.stdout)} == {"completed"}
    assert {"prices.py", "slugs.py", "test_slugs.py", "REVIEW-slugs.md"} <= set(kept)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
@pytest.mark.parametrize("moment", ["a town in", "here we go", "is killed"])
def test_a_demo_that_is_broken_off_tidies_up(number: signal.Signals, moment: str, begin: Begin) -> None:
    show = begin()
    wait_until(lambda: moment in show.text, timeout=60)

    show.process.send_signal(number)

    assert show.status() == 130
    assert "Traceback" not in show.text
    assert not show.root.exists()
    assert living_in(show.root) == []


def test_a_demo_that_is_killed_leaves_no_worker(begin: Begin) -> None:
    show = begin()
    wait_until(lambda: "here we go" in show.text, timeout=60)

    show.process.kill()

    def workers() -> list[str]:
        return [process for process in living_in(show.root) if "tinytown" in process]

    wait_until(lambda: not workers(), timeout=20)
    pid = int((show.root / ".tt" / "redis" / "redis.pid").read_text())
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: not Path(f"/proc/{pid}").exists())
    subprocess.run(["rm", "-r", show.root], check=True)


def test_a_demo_in_which_something_fails_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: Path) -> None:
    monkeypatch.setattr(play, "PLAY", (Step(name="sulk", agent="tess", text="echo no; exit 3", expects="yes"),))

    status = run(["demo"])

    printed = capsys.readouterr()
    assert status == 1
    assert "tt: sulk: is failed" in printed.err
    assert re.search(r"^sulk\s+tess\s+3\s.*failed", printed.out, re.MULTILINE)


def test_without_a_server_the_demo_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], place: Path
) -> None:
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.setattr("tinytown.redis_server.binary.program_of_the_wheel", lambda: None)

    status = run(["demo"])

    assert status == 5
    assert "tt bootstrap" in capsys.readouterr().err
