"""Tinytown as users get it: a wheel, installed into an environment without the checkout."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.rules.project import FOLDERS, ROOT

__all__ = ["Installed", "install"]

ALONGSIDE = ("pyproject.toml", "README.md", "LICENSE")


class Installed:
    """An environment with our wheel in it; the dependencies are those of the checkout's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"
        self.tt = folder / "venv" / "bin" / "tt"

    @property
    def wheel(self) -> Path:
        """The wheel that was installed."""
        (wheel,) = (self.folder / "dist").glob("*.whl")
        return wheel


def install(folder: Path) -> Installed:
    """Build and install once in this folder, however many processes ask at the same time."""
    folder.mkdir(exist_ok=True)
    done = folder / "done"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            _build(folder)
            _make_environment(folder)
            done.touch()
    return Installed(folder)


def _build(folder: Path) -> None:
    """Build from a copy without the links, as a downloaded zip would be, so that the checkout stays as it is."""
    copy = folder / "source"
    copy.mkdir()
    for name in ALONGSIDE:
        shutil.copy(ROOT / name, copy)
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=_links_and_caches)
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder / "dist", copy)


def _make_environment(folder: Path) -> None:
    environment = folder / "venv"
    _run(sys.executable, "-m", "venv", "--without-pip", environment)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    # A .pth file inside a folder that a .pth file adds is not read: the editable install of the checkout stays out.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (wheel,) = (folder / "dist").glob("*.whl")
    _run(sys.executable, "-m", "pip", "--python", environment / "bin" / "python", "install", "--quiet", "--no-deps", "--no-index", wheel)


def _links_and_caches(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == "__pycache__" or (Path(folder) / name).is_symlink()]


def _run(*command: object) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
