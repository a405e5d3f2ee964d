"""A path for a unix socket that the system accepts, however deep the town's directory lies."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["LONGEST", "usable_socket"]

LONGEST = 103
"""Bytes that fit everywhere: macOS has room for 104, the last of which ends the text."""


def usable_socket(path: Path) -> Path:
    """The path itself, or one under `/tmp` that stands for it.

    The short path depends on the long one and the user alone, so that every
    process finds it: not on XDG_RUNTIME_DIR, which a cron job lacks and which
    vanishes when the user logs out.
    """
    if len(os.fsencode(path)) <= LONGEST:
        return path
    from hashlib import sha256

    mark = sha256(os.fsencode(os.path.realpath(path))).hexdigest()[:24]
    return Path(f"/tmp/tinytown-{os.getuid()}") / f"{mark}.sock"  # noqa: S108 - whose directory it is, is checked before use
