"""The units of systemd: what they run can be run, gets time to end, and may do little else."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.invocations import check_command
from tests.deploy.manifests import DEPLOY
from tinytown.config.settings import AgentSettings, WorkerSettings
from tinytown.config.townhall import TownhallSettings

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
KNOWN = {
    "Unit": set("Description Documentation After Wants StartLimitIntervalSec".split()),
    "Service": set(
        "Type User Group Environment EnvironmentFile WorkingDirectory StateDirectory StateDirectoryMode ExecStart ExecReload "
        "Restart RestartSec RestartPreventExitStatus KillMode TimeoutStopSec CapabilityBoundingSet LockPersonality "
        "NoNewPrivileges PrivateDevices PrivateTmp ProtectClock ProtectControlGroups ProtectHome ProtectHostname "
        "ProtectKernelLogs ProtectKernelModules ProtectKernelTunables ProtectProc ProtectSystem ReadWritePaths "
        "RestrictAddressFamilies RestrictNamespaces RestrictRealtime RestrictSUIDSGID SystemCallArchitectures SystemCallFilter "
        "UMask".split()
    ),
    "Install": {"WantedBy"},
}
"""What systemd knows of what stands in ours; it ignores a misspelt word with no more than a line in its log."""

EVERYWHERE = "NoNewPrivileges=yes ProtectSystem=strict ProtectHome=yes PrivateTmp=yes CapabilityBoundingSet="
NOT_FOR_WORKERS = "RestrictNamespaces=yes SystemCallFilter=@system-service"

each_unit = pytest.mark.parametrize("unit", UNITS, ids=[unit.name for unit in UNITS])


def said_in(unit: Path) -> list[tuple[str, str, str]]:
    """What a unit says: section, name, value."""
    found, section = [], ""
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, sign, value = line.partition("=")
            assert sign, f"{unit.name}: {line!r} says nothing"
            found.append((section, name, value))
    return found


def one(unit: Path, wanted: str) -> str:
    """The one value of a name."""
    (value,) = [value for _, name, value in said_in(unit) if name == wanted]
    return value


@each_unit
def test_every_word_is_one_of_systemds(unit: Path) -> None:
    assert [f"[{section}] {name}" for section, name, _ in said_in(unit) if name not in KNOWN.get(section, set())] == []
    assert {section for section, _, _ in said_in(unit)} == set(KNOWN)


@each_unit
def test_what_it_runs_can_be_run(unit: Path) -> None:
    program, *words = shlex.split(one(unit, "ExecStart"))

    assert Path(program).parent == Path("/opt/tinytown/bin")
    check_command([Path(program).name, *words])


@each_unit
def test_it_is_given_time_to_end(unit: Path) -> None:
    variables = dict(value.split("=", 1) for _, name, value in said_in(unit) if name == "Environment")
    turns = int(variables.get("TINYTOWN_WORKER__SHUTDOWN_GRACE_SECS", WorkerSettings().shutdown_grace_secs)) + AgentSettings().grace_secs
    least = {"worker": turns, "townhall": TownhallSettings().request_timeout_ms // 1000 + 2, "clock": 15, "scaler": 15}
    (kind,) = [kind for kind in least if kind in unit.name]

    assert int(one(unit, "TimeoutStopSec")) > least[kind]
    assert one(unit, "KillMode") == "mixed"


@each_unit
def test_it_comes_back_after_a_crash_and_not_after_a_mistake(unit: Path) -> None:
    """An idle worker has left on purpose; a setting that makes no sense is no better at the next start."""
    assert one(unit, "Restart") == ("on-failure" if "worker" in unit.name else "always")
    assert one(unit, "RestartPreventExitStatus") == "2"
    assert one(unit, "StartLimitIntervalSec") == "0"


@each_unit
def test_it_may_do_little_else(unit: Path) -> None:
    lines = {f"{name}={value}" for _, name, value in said_in(unit)}

    assert set(EVERYWHERE.split()) <= lines
    assert ("worker" in unit.name) ^ (set(NOT_FOR_WORKERS.split()) <= lines)
    assert one(unit, "EnvironmentFile") == "/etc/tinytown/tinytown.env"
    assert "Environment=HOME=/var/lib/tinytown" in lines  # ProtectHome hides every other


@each_unit
def test_systemd_itself_has_nothing_against_it(unit: Path, tmp_path: Path) -> None:
    """Where it is there to be asked."""
    words = re.sub(r"/opt/tinytown/bin/", f"{Path(sys.executable).parent}/", unit.read_text(encoding="utf-8"))
    (tmp_path / unit.name).write_text(words)
    analyst = shutil.which("systemd-analyze")

    asked = ["true"] if analyst is None else [analyst, "verify", str(tmp_path / unit.name)]
    said = subprocess.run(asked, check=False, capture_output=True, text=True).stderr

    assert [line for line in said.splitlines() if "tinytown" in line] == []  # it looks at the units of this machine, too


@pytest.mark.parametrize(
    ("states", "said"),
    [
        ("active deactivating inactive inactive", "start tinytown-worker@3\n"),
        ("failed inactive inactive inactive", "start tinytown-worker@1\n"),
        ("active active activating deactivating", "none of the 4 units is free\n"),
        ("", "none of the 4 units is free\n"),  # systemd does not answer
    ],
)
def test_the_scaler_starts_the_first_worker_that_does_not_run(tmp_path: Path, states: str, said: str) -> None:
    """One that is ending still has its name. What systemd makes of `$$` is `$`."""
    words = shlex.split(one(DEPLOY / "systemd" / "tinytown-scaler.service", "ExecStart"))
    command = words[words.index("--command-up") + 1].replace("$$", "$")
    most = int(words[words.index("--max") + 1])
    stand_in = tmp_path / "systemctl"
    stand_in.write_text(
        f'#!/bin/sh\nset -- "$@" {states}\ncase "$1" in\nshow) shift "${{4#tinytown-worker@}}"; echo "$4" ;;\n*) echo "$1 $2" ;;\nesac\n'
    )
    stand_in.chmod(0o755)

    ran = subprocess.run(
        shlex.split(command),
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    assert ran.stdout == said
    assert ran.returncode == (0 if said.startswith("start") else 1)
    assert f"of the {most} units" in command
