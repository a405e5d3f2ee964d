"""The README's tours, word for word: their commands run in a shell, and their answers have the shape that it shows."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.acceptance.household import QUICK, Household
from tests.acceptance.tour import expect_tour, tour
from tests.acceptance.townhall import free_port
from tests.github.standin import StandIn
from tests.rules.project import ROOT

PORT = "8080"
SETTINGS = {"TINYTOWN_AGENT__LEASE_SECS": "2", "TINYTOWN_CLOCK__SWEEP_SECS": "1"}
CLAUDE = f"""\
#!/bin/sh
PYTHONPATH={ROOT} exec {sys.executable} -m tests.acceptance.mission_agents
"""
"""Takes the place of the coding program: it opens pull requests and gives verdicts at the stand-in's doors."""


@pytest.fixture
def shell(homestead: Household) -> Household:
    """A folder without a town, in which a shell may make one."""
    (homestead.folder / "tinytown.toml").unlink()
    return homestead


def environment(shell: Household, *programs: Path) -> dict[str, str]:
    """The environment of a tour: our commands on the path, and a port of its own."""
    path = os.pathsep.join([*map(str, programs), str(Path(sys.executable).parent), shell.env["PATH"]])
    assert "lease_secs" in QUICK
    return {**shell.env, **SETTINGS, "TINYTOWN_TOWNHALL__REST_PORT": str(free_port()), "PATH": path}


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
def test_the_tour_over_http_works_word_for_word(shell: Household) -> None:
    env = environment(shell)
    port = env["TINYTOWN_TOWNHALL__REST_PORT"]

    expect_tour(tour("## Over HTTP"), shell.folder, {**env, "PORT": port}, spelt=lambda command: command.replace(PORT, port))


def test_the_tour_of_a_mission_works_word_for_word(shell: Household, tmp_path: Path) -> None:
    """GitHub is a stand-in over real HTTP, and the coding program one that follows a script; all else is real."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in {"claude": CLAUDE, "gh": "#!/bin/sh\necho ghp_right\n"}.items():
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    with StandIn() as github:
        github.issue("acme/shop", 1, title="Count the items in the cart", body="The cart says 0.")
        github.issue("acme/shop", 2, title="Show the count", body="Depends on #1.")
        github.when_pushed = lambda pull: github.check(pull, "build", conclusion="success")
        (shell.folder / "scenario.json").write_text(f'{{"github": "{github.url}", "rejects": {{}}, "gates": {{}}}}')
        expect_tour([("git init -q . && git remote add origin https://github.com/acme/shop.git", "")], shell.folder, environment(shell))
        settings = {"TINYTOWN_GITHUB__API_URL": github.url, "TINYTOWN_MISSION__WATCH_INTERVAL_SECS": "1"}

        expect_tour(tour("## Missions"), shell.folder, {**environment(shell, programs), **settings})
