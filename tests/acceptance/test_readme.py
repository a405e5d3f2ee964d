"""The README's tour of the REST API, word for word: its commands run in a shell, and its answers have the shape that it shows."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.household import QUICK, Household
from tests.acceptance.townhall import free_port
from tests.rules.project import ROOT

SECTION = "## Over HTTP"
PORT = "8080"


def console_blocks(text: str) -> Iterator[list[tuple[str, str]]]:
    """Each console block of a text: its commands, each with the answer that is shown below it."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        steps: list[tuple[str, str]] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], ""))
            elif line.startswith("> "):
                steps[-1] = (f"{steps[-1][0]}\n{line[2:]}", "")
            else:
                steps[-1] = (steps[-1][0], f"{steps[-1][1]}{line}\n")
        yield steps


def tour() -> list[tuple[str, str]]:
    """The steps of the section, in order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.split(f"{SECTION}\n", 1)[1].split("\n## ", 1)[0]
    return [step for block in console_blocks(section) for step in block]


def check_shape(shown: Any, got: Any, where: str = "$") -> None:
    """Fail unless everything that is shown is there, of the same kind; words and `true` are the same, ids and numbers may differ."""
    assert type(shown) is type(got) or None in (shown, got), f"{where}: {shown!r} is shown, {got!r} came"
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in got, f"{where}: no {name!r} in {got}"
            check_shape(value, got[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) <= len(got), where
        for number, value in enumerate(shown):
            check_shape(value, got[number], f"{where}[{number}]")
    elif isinstance(shown, bool) or (isinstance(shown, str) and re.fullmatch(r"[a-z_.]+", shown)):
        assert shown == got, where


@pytest.fixture
def shell(homestead: Household) -> Household:
    """A town of its own with a shell in it, on another port than the README's."""
    (homestead.folder / "tinytown.toml").unlink()
    return homestead


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_tour_works_word_for_word(shell: Household, home: Path) -> None:
    port = str(free_port())
    settings = {"TINYTOWN_TOWNHALL__REST_PORT": port, "TINYTOWN_AGENT__LEASE_SECS": "2", "TINYTOWN_CLOCK__SWEEP_SECS": "1"}
    env = {**shell.env, **settings, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{shell.env['PATH']}", "PORT": port}
    assert "lease_secs" in QUICK
    script = "set -o pipefail\n"
    for number, (command, _) in enumerate(tour()):
        script += f"\n{command.replace(PORT, port)}\nstatus=$?; printf '\\n<<<%d %d>>>\\n' {number} $status\n"

    run = subprocess.run(["bash", "-c", script], cwd=shell.folder, env=env, capture_output=True, text=True, check=False, timeout=110)

    answers = re.split(r"\n<<<\d+ (\d+)>>>\n", run.stdout)
    assert len(answers) == 2 * len(tour()) + 1, run.stdout + run.stderr
    for (command, shown), got, status in zip(tour(), answers[::2], answers[1::2], strict=False):
        assert status == "0", f"$ {command}\n{got}\n{run.stderr}"
        if shown.lstrip().startswith(("{", "[")):
            check_shape(json.loads(shown), json.loads(got), command)
        elif shown.strip():
            assert re.sub(r"\s+", " ", shown).strip() in re.sub(r"\s+", " ", got), f"$ {command}\n{got}"
