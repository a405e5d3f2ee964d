"""Figures: what was measured, beside what was hoped for, as a table and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Literal

import msgspec

__all__ = ["Figure", "percentile", "table"]


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
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns."""
    rows = [("section", "measured", "value", "goal", "", "note"), *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[5]]).rstrip() for row in rows)


def _row(figure: Figure) -> tuple[str, ...]:
    sign = "<=" if figure.better == "less" else ">="
    goal = "" if figure.goal is None else f"{sign} {figure.goal:g} {figure.unit}"
    return figure.section, figure.name, f"{figure.value:,.4g} {figure.unit}", goal, figure.verdict, figure.note
