"""Who may import whom; the contracts are in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.rules.project import LINKED, ROOT, modules, pyproject, tree_of


def test_imports_keep_their_distances() -> None:
    lint = Path(sys.executable).parent / "lint-imports"

    result = subprocess.run([lint, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout + result.stderr


def test_every_module_of_the_core_has_its_layer() -> None:
    contract = pyproject()["tool"]["importlinter"]["contracts"][0]
    placed = {name.strip("() ") for layer in contract["layers"] for name in layer.replace("|", ":").split(":")}

    present = {name.split(".")[1] for name in modules() if "." in name}

    assert present <= placed, f"say in pyproject.toml which layer they are in: {sorted(present - placed)}"


def test_nobody_imports_the_folders_by_their_bare_names() -> None:
    """Ruff bans it as well; this holds where a noqa would silence ruff."""
    for path in modules().values():
        for node in ast.walk(tree_of(path)):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.split(".")[0] for name in names} & set(LINKED), f"{path}:{getattr(node, 'lineno', 0)}"
