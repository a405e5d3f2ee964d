"""Tours: sections of the README whose commands are run, and whose answers are compared."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.rules.project import ROOT

__all__ = ["console_blocks", "expect_tour", "tour"]


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


def tour(section: str) -> list[tuple[str, str]]:
    """The steps of a section, in order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = readme.split(f"{section}\n", 1)[1].split("\n## ", 1)[0]
    return [step for block in console_blocks(text) for step in block]


def expect_tour(
    steps: list[tuple[str, str]],
    folder: Path,
    env: Mapping[str, str],
    *,
    spelt: Callable[[str], str] = str,
    timeout: float = 110,
) -> None:
    """Run the commands of a tour in one shell, and fail unless each ends well and answers as shown.

    Args:
        steps: commands and what is shown below them.
        folder: where.
        env: the whole environment.
        spelt: how a command is really to be run.
        timeout: seconds for all of it.
    """
    script = "set -o pipefail\n"
    for number, (command, _) in enumerate(steps):
        script += f"\n{spelt(command)}\nstatus=$?; printf '\\n<<<%d %d>>>\\n' {number} $status\n"

    run = subprocess.run(["bash", "-c", script], cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=timeout)

    answers = re.split(r"\n<<<\d+ (\d+)>>>\n", run.stdout)
    assert len(answers) == 2 * len(steps) + 1, run.stdout + run.stderr
    for (command, shown), got, status in zip(steps, answers[::2], answers[1::2], strict=False):
        assert status == "0", f"$ {command}\n{got}\n{run.stderr}"
        if shown.lstrip().startswith(("{", "[")):
            _check_shape(json.loads(shown), json.loads(got), command)
        elif shown.strip():
            assert re.sub(r"\s+", " ", shown).strip() in re.sub(r"\s+", " ", got), f"$ {command}\n{got}"


def _check_shape(shown: Any, got: Any, where: str = "$") -> None:
    """Fail unless everything that is shown is there, of the same kind; words and `true` are the same, ids and numbers may differ."""
    assert type(shown) is type(got) or None in (shown, got), f"{where}: {shown!r} is shown, {got!r} came"
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in got, f"{where}: no {name!r} in {got}"
            _check_shape(value, got[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert len(shown) <= len(got), where
        for number, value in enumerate(shown):
            _check_shape(value, got[number], f"{where}[{number}]")
    elif isinstance(shown, bool) or (isinstance(shown, str) and re.fullmatch(r"[a-z_.]+", shown)):
        assert shown == got, where
