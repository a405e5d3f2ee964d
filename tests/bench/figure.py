"""Figures: what was measured, beside what was hoped for, as a table and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Literal

import msgspec

__all__ = ["Figure", "heading", "percentile", "row"]

_WIDTHS = (8, 54, 11, 11, 4)


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number, and the goal it has if it has one."""

    section: str
    name: str
    value: float
    unit: str
    goal: float | None = None
    better: Literal["less", "more"] = "less"
    note: str = ""

    @property
    def verdict(self) -> str:
        """Whether the goal is met; empty without a goal."""
        if self.goal is None:
            return ""
        return "pass" if (self.value <= self.goal if self.better == "less" else self.value >= self.goal) else "MISS"


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that so many percent of them do not exceed."""
    if percent == 50:
        return statistics.median(values)
    return sorted(values)[-(-len(values) * percent // 100) - 1]


def heading() -> str:
    """The titles of the columns."""
    return _line(("section", "measured", "value", "goal", "", "note"))


def row(figure: Figure) -> str:
    """A figure as a line of the table."""
    sign = "<=" if figure.better == "less" else ">="
    goal = "" if figure.goal is None else f"{sign} {figure.goal:,g} {figure.unit}"
    value = f"{figure.value:,.0f}" if figure.value >= 1000 else f"{figure.value:.3g}"
    return _line((figure.section, figure.name, f"{value} {figure.unit}", goal, figure.verdict, figure.note))


def _line(cells: Sequence[str]) -> str:
    return "  ".join([*(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=False)), cells[-1]]).rstrip()
