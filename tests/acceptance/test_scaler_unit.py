"""What the scaler's unit of systemd does when there is work."""

from __future__ import annotations

import os
import shlex

from tests.acceptance.household import Household
from tests.rules.project import ROOT


def test_the_scaler_starts_the_units_of_workers(household: Household) -> None:
    """With a `systemctl` that knows of one unit that runs, and notes what it is told to start."""
    household.spawn("ada")
    household.town.assign("ada", "echo waits for a worker")
    programs = household.folder / "programs"
    programs.mkdir()
    (programs / "systemctl").write_text(
        "#!/bin/sh\n"
        'case "$1 $4" in\n'
        '"show tinytown-worker@1") echo active ;;\n'
        '"show "*) echo inactive ;;\n'
        f'*) echo "$@" >> {household.folder}/told ;;\n'
        "esac\n"
    )
    (programs / "systemctl").chmod(0o755)

    unit = ROOT / "deploy" / "systemd" / "tinytown-scaler.service"
    (line,) = [line for line in unit.read_text().splitlines() if line.startswith("ExecStart=")]
    words = shlex.split(line.replace("%H", "*").replace("%%", "%").replace("$$", "$"))
    scaler = household.tt(*words[1:], "--once", env={"PATH": f"{programs}:{os.defpath}"})

    assert scaler.status() == 0, scaler.output
    assert (household.folder / "told").read_text() == "start tinytown-worker@2\n"
