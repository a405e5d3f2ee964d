"""Small programs that behave as coding programs do, well and badly."""

from __future__ import annotations

import contextlib
import os
import sys
from datetime import timedelta
from pathlib import Path

from tinytown.runner import Identity, RunSpec

__all__ = ["IDENTITY", "is_alive", "python", "shell", "started"]

IDENTITY = Identity(agent_id="4f2c", agent_name="ada", town="/towns/one", epoch=7, task_id="9b1d")


def shell(script: str, *, cwd: Path = Path("/tmp"), grace: float = 5.0, **options: object) -> RunSpec:
    """A turn of a shell script."""
    return _spec(("sh", "-c", script), cwd, grace, options)


def python(program: str, *, cwd: Path = Path("/tmp"), grace: float = 5.0, **options: object) -> RunSpec:
    """A turn of a Python program."""
    return _spec((sys.executable, "-I", "-S", "-u", "-c", program), cwd, grace, options)


def is_alive(pid: int) -> bool:
    """Does the process run? A zombie does not."""
    with contextlib.suppress(OSError):
        os.kill(pid, 0)
        status = Path(f"/proc/{pid}/stat")
        return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def started(file: Path) -> int:
    """The process id that a program wrote into the file; 0 as long as it did not."""
    text = file.read_text() if file.exists() else ""
    return int(text) if text.endswith("\n") else 0


def _spec(argv: tuple[str, ...], cwd: Path, grace: float, options: dict[str, object]) -> RunSpec:
    return RunSpec(argv=argv, identity=IDENTITY, env=dict(os.environ), cwd=cwd, grace=timedelta(seconds=grace), **options)  # type: ignore[arg-type]
