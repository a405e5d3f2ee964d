"""The reducer: what becomes of a mission when something is said or seen; pure, without I/O."""

from __future__ import annotations
