"""Naming: what a process of a town is called in lists and leases."""

from __future__ import annotations

import os
import socket

from tinytown.domain.ids import new_id

__all__ = ["process_name"]


def process_name() -> str:
    """A name for this process that no other has, and people can read."""
    return f"{socket.gethostname()}:{os.getpid()}:{new_id()[:8]}"
