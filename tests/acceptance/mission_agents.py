"""Agents of a mission that follow a script: one turn each, as a program of its own that reads, works and reports.

`scenario.json` in the town's folder says where the stand-in for GitHub is, which
issue's first review finds fault, and which work waits at a gate.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from tests.waiting import wait_until

__all__ = ["Errand", "assigned", "work_on"]

_TASK = re.compile(r"- Task id: `([^`]+)`.*?--- task [^\n]+ ---\n(.*?)\n--- end of task", re.DOTALL)
_PATIENCE = 60.0


class Errand:
    """One task, as its text says."""

    def __init__(self, task: str, text: str) -> None:
        self.task = task
        self.text = text
        self.kind = text[1 : text.index("]")]
        self.source = self._fact("source").split()[0]
        self.repo, _, number = self.source.partition("#")
        self.issue = int(number)

    @property
    def pull(self) -> tuple[int, str]:
        """The number and address of its pull request."""
        ref, url = self._fact("pull request").split()
        return int(ref.partition("#")[2]), url

    @property
    def branch(self) -> str:
        """The branch that it is to be made on."""
        return self._fact("branch")

    def _fact(self, name: str) -> str:
        found = re.search(rf"^{name}: (.+)$", self.text, re.MULTILINE)
        assert found is not None, f"the task does not say its {name}"
        return found[1]


def assigned(text: str) -> list[Errand]:
    """The tasks of a turn: those of a prompt, or the one whose bare text it is."""
    composed = _TASK.findall(text)
    return [Errand(task, said) for task, said in composed] if composed else [Errand(os.environ["TINYTOWN_TASK_ID"], text)]


def work_on(errand: Errand, scenario: dict[str, Any]) -> None:
    """Make, mend or judge, and report."""
    match errand.kind:
        case "Mission Review":
            _judge(errand, scenario)
        case "Mission Fix":
            number, url = errand.pull
            _knock(scenario, "push", repo=errand.repo, number=number)
            if "Remarks of" in errand.text:
                _knock(scenario, "settle", repo=errand.repo, number=number)
            _report(errand, f"{url} is mended")
        case _:
            made = _knock(scenario, "pulls", repo=errand.repo, branch=errand.branch, issue=errand.issue, title=f"For {errand.source}")
            _wait_at_gate(errand, scenario)
            _report(errand, f"I opened {made['url']} for it.")


def _judge(errand: Errand, scenario: dict[str, Any]) -> None:
    """The first review of an issue in `rejects` finds fault, and does so again when its turn is repeated."""
    fault = scenario["rejects"].get(errand.source)
    note = Path(f"rejected-{errand.repo.replace('/', '-')}-{errand.issue}")
    if fault is not None and (not note.exists() or note.read_text() == errand.task):
        note.write_text(errand.task)
        _report(errand, fault, "--verdict", "reject")
    else:
        _report(errand, "It does what the issue asks for.", "--verdict", "approve")


def _wait_at_gate(errand: Errand, scenario: dict[str, Any]) -> None:
    gate = scenario["gates"].get(errand.source)
    if gate is not None:
        with Path(f"{gate}.started").open("a") as marks:
            marks.write(f"{os.getpid()}\n")
        wait_until(Path(gate).exists, _PATIENCE)


def _knock(scenario: dict[str, Any], verb: str, **words: object) -> dict[str, Any]:
    request = Request(f"{scenario['github']}/_standin/{verb}", data=json.dumps(words).encode(), method="POST")
    with urlopen(request, timeout=10) as answer:
        shown: dict[str, Any] = json.load(answer)
    return shown


def _report(errand: Errand, result: str, *options: str) -> None:
    subprocess.run(
        [sys.executable, "-P", "-m", "tinytown.cli.main", "task", "complete", errand.task, "--result", result, *options], check=True
    )


def main() -> None:
    """Take a turn, and leave a copy of what it was told."""
    text = sys.stdin.read()
    scenario = json.loads(Path("scenario.json").read_text())
    for errand in assigned(text):
        Path(f"told-{errand.task}").write_text(errand.text)
        work_on(errand, scenario)


if __name__ == "__main__":
    main()
