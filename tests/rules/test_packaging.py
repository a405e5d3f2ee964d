"""What is in the checkout is in the wheel, and the wheel works beside a user's own folders of the same names."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

from tests.installed import Installed
from tests.rules.project import FOLDERS, LINKED, ROOT, modules, pyproject, source_files


def test_every_package_on_disk_is_declared() -> None:
    on_disk = {name for name, path in modules().items() if path.name == "__init__.py"}

    assert pyproject()["tool"]["setuptools"]["packages"] == sorted(on_disk)


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in source_files()}

    assert [str(folder.relative_to(ROOT)) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_links_and_the_mapping_say_the_same() -> None:
    mapping = pyproject()["tool"]["setuptools"]["package-dir"]

    links = {f"tinytown.{name}": str((ROOT / "tinytown" / name).readlink()) for name in LINKED}

    assert links == {f"tinytown.{name}": f"../{name}" for name in LINKED}
    assert mapping == {"tinytown": "tinytown"} | {f"tinytown.{name}": name for name in LINKED}


def test_the_wheel_holds_every_file_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}

    expected = {_packed_as(path) for pattern in ("*.py", "*.lua", "*.css", "py.typed") for path in source_files(pattern)}
    assert packed == expected


def test_every_module_of_the_wheel_can_be_imported(installed: Installed, home: Path) -> None:
    names = [name for name in modules() if not name.endswith("__main__")]

    result = _run(home, installed.python, "-P", "-c", f"import importlib; [importlib.import_module(name) for name in {names!r}]")

    assert result.returncode == 0, result.stderr


def test_tt_runs_ours_where_the_user_has_folders_of_the_same_names(installed: Installed, place: Path) -> None:
    (place / "tinytown.toml").write_text("this is [not] a town of ours")
    here = place / "project"
    for name in FOLDERS:
        (here / name).mkdir(parents=True)
        (here / name / "__init__.py").write_text("raise SystemExit('the user\\'s own code was run')\n")

    version = _run(here, installed.tt, "--version")
    helped = _run(here, installed.tt, "completion", "--help")

    assert version.stdout == f"tt {pyproject()['project']['version']}\n"
    assert helped.returncode == 0, helped.stderr


def test_dependencies_are_pinned() -> None:
    pins = (ROOT / "constraints.txt").read_text().split()
    pinned = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}

    wanted = pyproject()["project"]["dependencies"] + pyproject()["dependency-groups"]["dev"]

    assert all("==" in pin for pin in pins)
    assert {_bare(requirement) for requirement in wanted} <= pinned


def _bare(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement, maxsplit=1)[0].lower()


def _packed_as(path: Path) -> str:
    place = path.relative_to(ROOT)
    return str(place) if place.parts[0] == "tinytown" else f"tinytown/{place}"


def _run(folder: Path, *command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False, timeout=60)
