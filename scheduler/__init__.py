"""The clock: the one process of a town that makes time pass."""

from __future__ import annotations
