"""The environment in which a turn's program runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tinytown.runner.guard import MARK
from tinytown.runner.spec import Identity

__all__ = ["OF_PEOPLE", "environment"]

OF_PEOPLE = frozenset({"TINYTOWN_TOWNHALL_URL", "TINYTOWN_TOWNHALL_API_KEY", "TINYTOWN_TOWNHALL_API_KEY_PATH", "TINYTOWN_TOWNHALL_CA_CERT"})
"""A program's `tt` must reach the town of its turn, and its own work is not to be approved with a key of the people."""


def environment(base: Mapping[str, str], identity: Identity, mark: str) -> dict[str, str]:
    """The worker's environment with the turn's own variables, and without what people reach towns elsewhere by.

    An agent whose worker was started by its path has no `tt` on its PATH; it
    gets ours, behind everything that the user put there.
    """
    made = {**{name: value for name, value in base.items() if name not in OF_PEOPLE}, MARK.decode(): mark}
    for name, value in identity.variables().items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = value
    path = made.get("PATH", os.defpath)
    if shutil.which("tt", path=path) is None:
        path = os.pathsep.join((path, str(Path(sys.executable).parent)))
    made["PATH"] = path
    return made
