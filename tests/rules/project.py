"""The project as files: what the rules are checked on."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["FOLDERS", "LINKED", "ROOT", "modules", "pyproject", "source_files", "tree_of", "words_of"]

ROOT = Path(__file__).resolve().parents[2]
LINKED = ("actors", "api", "cli", "scheduler")
FOLDERS = ("tinytown", *LINKED)


def pyproject() -> dict[str, Any]:
    """The settings of the project."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def source_files(pattern: str = "*.py", folders: tuple[str, ...] = FOLDERS) -> Iterator[Path]:
    """The files of the package, each once, by their real places."""
    links = {ROOT / "tinytown" / name for name in LINKED}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob(pattern)):
            if links.isdisjoint(path.parents) and "__pycache__" not in path.parts:
                yield path


def modules() -> dict[str, Path]:
    """The modules of the package by the name they are imported as."""
    found: dict[str, Path] = {}
    for path in source_files():
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if parts[0] in LINKED:
            parts.insert(0, "tinytown")
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def words_of(name: str) -> set[str]:
    """The words of an identifier: `UserHelpers` and `user_helpers` have two."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
