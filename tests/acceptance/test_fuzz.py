"""Made-up requests to a townhall that really listens."""

from __future__ import annotations

import subprocess
import sys

from tests.rules.project import ROOT


def test_a_real_townhall_answers_as_its_document_promises() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "2", "--seed", "1"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=110
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "auth none" in run.stdout
    assert "auth api_key" in run.stdout
    assert run.stdout.endswith("every answer was as promised\n")
