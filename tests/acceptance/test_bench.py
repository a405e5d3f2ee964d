"""The bench runs as a program, and says the truth about its goals."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.figure import Figure, percentile
from tests.bench.place import ROOT


def test_a_section_is_printed_and_written(tmp_path: Path) -> None:
    written = tmp_path / "figures.json"

    run = subprocess.run(
        [sys.executable, "-m", "tests.bench", "channel", "--json", str(written)], cwd=ROOT, capture_output=True, text=True, check=True
    )

    figures = json.loads(written.read_text())["figures"]
    assert [figure["name"] for figure in figures] == ["send, p50", "peek, p50", "length, p50", "receive, p50"]
    assert all(figure["value"] > 0 and figure["verdict"] in {"pass", "MISS"} for figure in figures)
    assert "send, p50" in run.stdout


def test_an_unknown_section_is_refused() -> None:
    run = subprocess.run([sys.executable, "-m", "tests.bench", "speed"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 2
    assert "no section 'speed'" in run.stderr


def test_a_goal_is_met_or_missed() -> None:
    quick, slow = (Figure(section="s", name="n", value=value, unit="ms", goal=2) for value in (2, 2.1))
    many, few = (Figure(section="s", name="n", value=value, unit="/s", goal=5, better="more") for value in (5, 4.9))

    assert (quick.verdict, slow.verdict, many.verdict, few.verdict) == ("pass", "MISS", "pass", "MISS")


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert percentile(range(1, 101), 99) == 99
    assert percentile([3.0], 99) == 3.0
    assert percentile([1, 2, 3], 50) == 2
