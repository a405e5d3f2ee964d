"""What GitHub runs can be run here, is what it says, and can be trusted with what it may do."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.rules.project import ROOT, pyproject
from tests.rules.workflows import WORKFLOWS, jobs, make_targets, steps, workflow

SCRIPT = ROOT / ".ci" / "release-notes"
MAY_WRITE = {
    "security/code": {"security-events"},
    "release/dist": {"id-token", "attestations"},
    "release/images": {"packages", "id-token", "attestations"},
    "release/pypi": {"id-token"},
    "release/release": {"contents"},
}
"""Jobs that may do more than read."""

each_job = pytest.mark.parametrize(("name", "job"), [*jobs()], ids=[name for name, _ in jobs()])


def test_every_target_that_is_made_exists() -> None:
    made = {target for _, step in steps() for target in re.findall(r"\bmake ([a-z.][\w./-]*)", step.get("run", ""))}

    assert {"lint", "suite", "test-compose", "audit", "dist"} <= made
    assert made - make_targets() == {".venv/.installed-dev"}, "the Makefile has no such target"


def test_every_script_that_is_run_exists_and_can_be_run() -> None:
    scripts = {script for _, step in steps() for script in re.findall(r"(?<![\w/.])\.ci/[\w-]+", step.get("run", ""))}

    assert scripts == {".ci/release-notes"}
    assert all(os.access(ROOT / script, os.X_OK) for script in scripts)


def test_scripts_are_given_words_by_the_environment_only() -> None:
    """What is put into the text of a script is run, whoever wrote it: the name of a branch, say."""
    assert [(name, step["run"]) for name, step in steps() if "${{" in step.get("run", "")] == []


@each_job
def test_a_job_ends_by_itself_and_may_do_no_more_than_it_needs(name: str, job: dict[str, Any]) -> None:
    writes = {scope for scope, level in job["permissions"].items() if level == "write"}

    assert writes == MAY_WRITE.get(name, set())
    assert set(job["permissions"].values()) <= {"read", "write"}
    assert "uses" in job or job["timeout-minutes"] <= 60


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_grants_nothing_by_itself_and_runs_once_for_each_branch(path: Path) -> None:
    found = workflow(path.stem)

    assert found["permissions"] == {}
    assert found["concurrency"]["group"] == f"{path.stem}-${{{{ github.ref }}}}", "one called by another must not wait for it"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_the_version_beside_it(path: Path) -> None:
    lines = [line.split("uses:")[1].strip() for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    foreign = [line for line in lines if not line.startswith("$/")]

    assert [line for line in foreign if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


def test_no_checkout_leaves_its_credentials_behind() -> None:
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]

    assert checkouts
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


def test_the_matrix_has_every_python_and_every_server() -> None:
    matrix = workflow("ci")["jobs"]["tests"]["strategy"]["matrix"]
    servers = {f"{server['name']} {server['version'].split('.')[0]}" for server in matrix["server"]}

    assert matrix["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert pyproject()["project"]["requires-python"] == f">={matrix['python'][0]}"
    assert servers == {"redis 7", "redis 8", "valkey 8"}


def test_the_row_of_the_matrix_is_what_the_tests_demand() -> None:
    """`tests/conftest.py` lets nothing run on another server."""
    env = workflow("ci")["jobs"]["tests"]["env"]

    assert env["TINYTOWN_TEST_SERVER"] == "${{ matrix.server.name }} ${{ matrix.server.version }}"
    assert env["SERVER"] == "${{ matrix.server.name }}-${{ matrix.server.version }}"


def test_base_images_are_the_same_wherever_they_are_written() -> None:
    """Dependabot moves those in .github/images; these are the places that have to follow."""
    bases = dict(re.findall(r"^FROM (\S+) AS (\w+)$", (ROOT / ".github/images/Dockerfile").read_text(), re.MULTILINE))
    python, redis = (image for image, _ in sorted(bases.items(), key=lambda base: base[1]))
    compose, dockerfile = ((ROOT / "deploy" / name).read_text() for name in ("compose.yaml", "Dockerfile"))
    tested = workflow("ci")["jobs"]["compose"]["env"]

    assert f"ARG PYTHON_IMAGE={python}\n" in dockerfile
    assert set(re.findall(r"\$\{PYTHON_IMAGE:-(.*?)\}", compose)) == {python}
    assert set(re.findall(r"\$\{REDIS_IMAGE:-(.*?)\}", compose)) == {redis}
    assert tested == {"TINYTOWN_TEST_PYTHON_IMAGE": python, "TINYTOWN_TEST_REDIS_IMAGE": redis}


def test_the_images_that_are_published_are_those_of_the_dockerfile() -> None:
    targets = re.findall(r"^FROM \S+ AS ([\w-]+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE)

    assert workflow("release")["jobs"]["images"]["strategy"]["matrix"]["target"] == targets[-2:]


def test_dependabot_moves_what_is_pinned() -> None:
    updates = yaml.safe_load((ROOT / ".github" / "dependabot.yml").read_text())["updates"]

    assert {update["package-ecosystem"] for update in updates} == {"pip", "github-actions", "docker"}
    assert all((ROOT / update["directory"].lstrip("/")).is_dir() for update in updates)


CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-02\n\n### Added\n\n- A thing.\n\n## [1.2.2]\n\n- Another.\n"
REFUSED = {
    "v1.2.4": (CHANGELOG, "the tag is 'v1.2.4', but pyproject.toml has version '1.2.3'"),
    "1.2.3": (CHANGELOG, "tag v1.2.3"),
    "v1.2.3": ("# Changelog\n\n## [Unreleased]\n\n- A thing.\n", "CHANGELOG.md has no `## [1.2.3]`"),
}


def notes(folder: Path, tag: str, changelog: str) -> subprocess.CompletedProcess[str]:
    """What the script says in a checkout of version 1.2.3."""
    (folder / ".ci").mkdir()
    shutil.copy(SCRIPT, folder / ".ci")
    (folder / "pyproject.toml").write_text('[project]\nversion = "1.2.3"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    return subprocess.run([folder / ".ci" / SCRIPT.name, tag], capture_output=True, text=True, check=False)


def test_the_notes_of_a_release_are_what_the_changelog_says_of_it(place: Path) -> None:
    said = notes(place, "v1.2.3", CHANGELOG)

    assert (said.returncode, said.stdout) == (0, "### Added\n\n- A thing.\n")


@pytest.mark.parametrize("tag", REFUSED)
def test_a_tag_that_is_not_the_version_is_not_released(place: Path, tag: str) -> None:
    changelog, why = REFUSED[tag]

    said = notes(place, tag, changelog)

    assert said.returncode == 1
    assert why in said.stderr


def test_a_version_of_which_nothing_is_said_is_not_released(place: Path) -> None:
    said = notes(place, "v1.2.3", CHANGELOG.replace("### Added\n\n- A thing.\n", ""))

    assert said.returncode == 1
    assert "says nothing of 1.2.3" in said.stderr
