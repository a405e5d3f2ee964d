"""From an installed wheel, in a project whose folders have the names of ours."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installed import Installed

TRAP = "raise SystemExit('the project\\'s own module was imported')\n"


class Project:
    """A user's project, and `tt` as that user calls it."""

    def __init__(self, folder: Path, tt: Path, home: Path) -> None:
        self.folder = folder
        self._tt = tt
        self._env = {
            "HOME": str(home),
            "PATH": f"{tt.parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
        }

    def tt(self, *words: str, status: int = 0, where: str = ".") -> str:
        """Run `tt` somewhere in the project and return what it says; it must end with that status."""
        done = subprocess.run(
            [self._tt, *words], cwd=self.folder / where, env=self._env, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == status, f"tt {' '.join(words)} → {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


@pytest.fixture
def project(installed: Installed, place: Path, home: Path) -> Iterator[Project]:
    """A project below a folder that has a town file of its own, with modules that must never be imported."""
    (place / "tinytown.toml").write_text('name = "parent"\n')
    folder = place / "p"
    for name in ("api", "actors", "cli", "scheduler", "tinytown", "dramatiq", "redis"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(TRAP)
    (folder / "src").mkdir()
    project = Project(folder, installed.tt, home)
    project.tt("init", "--name", "mine", "-t", str(folder))
    yield project
    project.tt("down", "--redis")


def test_a_task_is_done_by_processes_that_import_nothing_of_the_project(project: Project) -> None:
    project.tt("spawn", "ada", "--cli", "shell")

    said = project.tt("assign", "ada", "cat tinytown.toml | head -1; echo done by $TINYTOWN_AGENT_NAME", "--wait", "--timeout", "30")

    assert "done by ada" in said


def test_commands_find_the_town_from_below_and_not_the_one_above(project: Project) -> None:
    status = json.loads(project.tt("status", "--json", where="src"))

    assert status["town"] == "mine"


def test_a_scripted_program_reads_its_prompt_and_reports_as_a_coding_cli_would(project: Project) -> None:
    script = project.folder / "agent.sh"
    script.write_text(
        "#!/bin/sh\nprompt=$(cat)\ncase $prompt in *'plant a tree'*) tt task complete $TINYTOWN_TASK_ID --result planted;; esac\n"
    )
    script.chmod(0o755)
    with (project.folder / "tinytown.toml").open("a") as settings:
        settings.write(f'\n[agent_clis.scripted]\ncommand = "{script}"\ninput = "prompt"\ncompletes = "report"\n')
    project.tt("spawn", "gardener", "--cli", "scripted")

    project.tt("assign", "gardener", "plant a tree", "--wait", "--timeout", "30")

    (task,) = json.loads(project.tt("task", "list", "--state", "completed", "--json"))
    assert task["result"] == "planted"


def test_what_one_agent_delegates_comes_back_to_it_as_news(project: Project) -> None:
    project.tt("spawn", "lead", "--cli", "shell")
    project.tt("spawn", "hand", "--cli", "shell")

    project.tt("assign", "lead", 'id=$(tt assign hand "echo handed over"); tt wait $id --timeout 20', "--wait", "--timeout", "30")

    history = json.loads(project.tt("history", "--json"))
    assert "task_delegated" in {event["event_type"] for event in history}
    assert "task_done" in project.tt("inbox", "lead", "--json")


def test_a_failing_task_fails_the_command_that_waits_for_it(project: Project) -> None:
    project.tt("spawn", "ada", "--cli", "shell")

    said = project.tt("assign", "ada", "echo oh no; exit 3", "--max-attempts", "1", "--wait", "--timeout", "30", status=1)

    assert "oh no" in said or "oh no" in project.tt("dlq", "list", "--json") or "oh no" in project.tt("inbox", "supervisor", "--json")
