"""The scaler: starts workers when there is work, and lets idle ones go, by commands of the user's."""

from __future__ import annotations
