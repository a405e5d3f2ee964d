"""The workflows of GitHub Actions, as the rules read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.rules.project import ROOT

__all__ = ["WORKFLOWS", "jobs", "make_targets", "steps", "workflow"]

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def workflow(name: str) -> dict[str, Any]:
    """One workflow, by the name of its file without the ending."""
    return _read(ROOT / ".github" / "workflows" / f"{name}.yml")


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    """All jobs, as `ci/lint`."""
    for path in WORKFLOWS:
        for name, job in _read(path)["jobs"].items():
            yield f"{path.stem}/{name}", job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """All steps, each with the job that it belongs to."""
    for name, job in jobs():
        for step in job.get("steps", ()):
            yield name, step


def make_targets() -> set[str]:
    """What can be made."""
    return set(re.findall(r"^([a-z-]+):(?!=)", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return found
