"""Pages that people read in a browser; they are made here, and load nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from tinytown.api.pages.reference import reference_page

__all__ = ["reference_page", "style"]


@cache
def style() -> str:
    """The style sheet."""
    return (files("tinytown.api.pages") / "style.css").read_text(encoding="utf-8")
