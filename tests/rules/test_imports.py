"""`tt status` answers before a person notices: what it must not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.server import Server

HEAVY = {
    "apscheduler", "asyncio", "concurrent.futures", "dataclasses", "dramatiq", "fakeredis", "honcho", "http.client", "importlib.metadata",
    "json", "logging", "multiprocessing", "redis", "subprocess", "tomlkit", "unittest", "urllib.request", "valkey",
}  # fmt: skip

LIGHT = [
    "tinytown",
    "tinytown.clock",
    "tinytown.errors",
    "tinytown.domain.agent",
    "tinytown.domain.message",
    "tinytown.domain.task",
    "tinytown.config",
    "tinytown.bootstrap",
    "tinytown.cli.app",
    "tinytown.cli.output",
    "tinytown.cli.progress",
    "tinytown.cli.commands.agents",
    "tinytown.cli.commands.backlog",
    "tinytown.cli.commands.lifecycle",
    "tinytown.cli.commands.messages",
    "tinytown.cli.commands.missions",
    "tinytown.cli.commands.recovery",
    "tinytown.cli.commands.status",
    "tinytown.cli.commands.tasks",
    "tinytown.cli.commands.waiting",
]

STRAY = {"hashlib", "importlib.resources", "random", "ssl", "tempfile", "tinytown.presets"}
"""Not heavy, but `tt status` has no use for them."""

REPORT = """
import sys
before = set(sys.modules)  # an editable install brings some of its own
{code}
print(*sorted(set(sys.modules) - before))
"""


@pytest.mark.parametrize("name", LIGHT)
def test_what_reading_commands_import_is_light(name: str, home: Path) -> None:
    imported = _imported(f"import {name}", home)

    assert not imported & HEAVY


def test_tt_help_imports_no_command(home: Path) -> None:
    imported = _imported("from tinytown.cli.app import run; run(['--help'])", home)

    assert not {name for name in imported if name.startswith("tinytown.cli.commands.")}
    assert not imported & HEAVY


def test_a_whole_tt_status_stays_light(place: Path, server: Server) -> None:
    environment = {"REDIS_URL": server.url}
    _imported("from tinytown.cli.app import run; assert run(['init']) == 0", place, environment)

    imported = _imported("from tinytown.cli.app import run; assert run(['status']) == 0", place, environment)

    assert "tinytown.cli.commands.status" in imported
    assert not imported & (HEAVY | STRAY | {"httpx", "httpcore", "tinytown.remote"})
    assert {name for name in imported if name.startswith("tinytown.services.")} == {"tinytown.services.desk", "tinytown.services.overview"}


@pytest.mark.parametrize("call", [["mission", "list"], ["mission", "status"], ["mission", "note", "0123abcd", "hello"]], ids=" ".join)
def test_a_whole_look_at_missions_stays_light(call: list[str], place: Path, server: Server) -> None:
    environment = {"REDIS_URL": server.url}
    _imported("from tinytown.cli.app import run; assert run(['init']) == 0", place, environment)

    imported = _imported(f"from tinytown.cli.app import run; run({call!r})", place, environment)

    assert "tinytown.services.missions" in imported
    assert not imported & (HEAVY | {"httpx", "ssl", "tinytown.github.client", "tinytown.services.planning"})


def _imported(code: str, folder: Path, environment: dict[str, str] | None = None) -> set[str]:
    result = subprocess.run(
        [sys.executable, "-c", REPORT.format(code=code)],
        cwd=folder,
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    return set(result.stdout.splitlines()[-1].split())
