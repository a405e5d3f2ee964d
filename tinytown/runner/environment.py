"""The environment in which a turn's program runs."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tinytown.runner.guard import MARK
from tinytown.runner.spec import Identity

__all__ = ["environment"]


def environment(base: Mapping[str, str], identity: Identity, mark: str) -> dict[str, str]:
    """The worker's environment with the turn's own variables.

    An agent whose worker was started by its path has no `tt` on its PATH; it
    gets ours, behind everything that the user put there.
    """
    made = {**base, MARK.decode(): mark}
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
