"""Documents that callers name: files below the town's folder, for nobody may have this machine's other files read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tinytown.errors import PlanRefused
from tinytown.town import Town

__all__ = ["documents_below"]


def documents_below(town: Town, paths: Sequence[str]) -> list[str]:
    """The documents, as they are called from the town's folder, wherever links lead.

    Raises:
        PlanRefused: some lie elsewhere, or are hidden, as what holds secrets often is.
    """
    root = (Path.cwd() if town.root is None else town.root).resolve()
    found = [(path, _below(root, path)) for path in paths]
    problems = [f"{path!r} is hidden, or no file below the town's folder: callers cannot have it read" for path, name in found if not name]
    if problems:
        raise PlanRefused(tuple(problems))
    return [name for _, name in found]


def _below(root: Path, path: str) -> str:
    """How it is called from there; empty if it cannot be."""
    try:
        place = (root / path).resolve()
    except (OSError, ValueError, RuntimeError):  # too long, no path at all, links in a circle
        return ""
    inside = place.relative_to(root).parts if place.is_relative_to(root) else ()
    hidden = any(part.startswith((".", "~")) for part in (*inside, *Path(path).parts))
    return "" if hidden else "/".join(inside)
